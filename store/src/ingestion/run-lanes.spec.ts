import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventually } from '../../../test/support/eventually.js';
import { openPool } from '../shared/index.js';
import { createWorkspace } from '../workspaces/index.js';
import { Bell } from './bell.js';
import {
  runLanes,
  type LaneProblem,
  type LaneRunner,
  type LaneRunnerOptions,
} from './run-lanes.js';
import { identify, openLaneKit, track, type LaneKit } from './testing/lane-kit.js';

describe('lanes that run', () => {
  let kit: LaneKit;
  let problems: LaneProblem[];
  const running: LaneRunner[] = [];

  beforeEach(async () => {
    kit = await openLaneKit();
    problems = [];
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((runner) => runner.close()));
    await kit.close();
  });

  function start(options: Partial<LaneRunnerOptions> = {}): LaneRunner {
    const runner = runLanes({
      url: kit.url,
      onProblem: (problem) => problems.push(problem),
      ...options,
    });
    running.push(runner);
    return runner;
  }

  async function appliedTo(position: number, workspaceId = kit.workspaceId): Promise<void> {
    await eventually(async () => {
      const rows = await kit.rows<{ position: number }>(
        'select position from lane where workspace_id = $1',
        [workspaceId],
      );
      expect(rows).toEqual([{ position }]);
    });
  }

  const holders = () =>
    kit.rows<{ pid: number }>(
      `select l.pid from pg_locks l join pg_database d on d.oid = l.database
        where d.datname = current_database() and l.locktype = 'advisory' and l.classid = 7302 and l.granted`,
    );

  it('apply what was there before them, in pages, and what comes later', async () => {
    for (let index = 0; index < 5; index += 1)
      await kit.send(track('Seen', { userId: `u-${index}` }));
    const pages: number[] = [];
    start({ maxEvents: 2, onProgress: (_, { rows }) => pages.push(rows) });
    await appliedTo(5);
    expect(pages.length).toBeGreaterThanOrEqual(3);
    await kit.send(identify({ userId: 'u-9' }, { plan: 'pro' }));
    await appliedTo(6);
    expect(problems).toEqual([]);
  });

  it('say whose lane it was that went on', async () => {
    const seen: string[] = [];
    start({ onProgress: (workspaceId) => seen.push(workspaceId) });
    await kit.send(track('Seen', { userId: 'u-1' }));
    await appliedTo(1);
    expect(new Set(seen)).toEqual(new Set([kit.workspaceId]));
  });

  it('find a workspace that is made while they run', async () => {
    start();
    await kit.send(track('Seen', { userId: 'u-1' }));
    await appliedTo(1);
    const app = openPool({ url: kit.url, role: 'tl_app', max: 1 });
    const { workspaceId } = await createWorkspace(app, { key: 'late', name: 'Late' });
    await app.end();
    const body = JSON.stringify(track('Seen', { userId: 'u-1' }));
    const request = { workspaceId, sourceKey: 'web', endpoint: 'track', body, events: 1 };
    await kit.appender.append(request);
    await appliedTo(1, workspaceId);
  });

  it('in two processes apply everything once, and one takes over when the other goes', async () => {
    const counts = [0, 0];
    const runners = [0, 1].map((index) =>
      start({
        onProgress: (_, { rows }) => {
          counts[index] = (counts[index] ?? 0) + rows;
        },
      }),
    );
    for (let index = 0; index < 20; index += 1)
      await kit.send(track('Seen', { userId: `u-${index}` }));
    await appliedTo(20);
    expect(Math.max(...counts)).toBe(20);
    expect(Math.min(...counts)).toBe(0);
    await runners[counts.indexOf(20)]?.close();
    await kit.send(track('Seen', { userId: 'u-21' }));
    await appliedTo(21);
    expect(Math.min(...counts)).toBe(1);
    expect(problems).toEqual([]);
  });

  it('come back when the server drops their connections, and say that it was an outage', async () => {
    start();
    await kit.send(track('Seen', { userId: 'u-1' }));
    await appliedTo(1);
    for (const { pid } of await holders()) await kit.rows('select pg_terminate_backend($1)', [pid]);
    await kit.send(track('Seen', { userId: 'u-2' }));
    await appliedTo(2);
    expect(problems.map(({ kind }) => kind)).toContain('outage');
    expect(problems.map(({ kind }) => kind)).not.toContain('stopped');
  });

  it('stop by a fault of ours, and only the lane whose fault it is', async () => {
    const app = openPool({ url: kit.url, role: 'tl_app', max: 1 });
    const { workspaceId: other } = await createWorkspace(app, { key: 'other', name: 'Other' });
    await app.end();
    let reads = 0;
    const runner = start({
      onStage: (stage) =>
        stage === 'read' && ++reads === 1
          ? Promise.reject(new TypeError('a fault of ours'))
          : Promise.resolve(),
    });
    await kit.send(track('Seen', { userId: 'u-1' }));
    await eventually(() => {
      expect([...runner.stopped]).toEqual([kit.workspaceId]);
    });
    const body = JSON.stringify(track('Seen', { userId: 'u-1' }));
    const request = { workspaceId: other, sourceKey: 'web', endpoint: 'track', body, events: 1 };
    await kit.appender.append(request);
    await appliedTo(1, other);
    await appliedTo(0);
    expect(problems).toMatchObject([{ workspaceId: kit.workspaceId, kind: 'stopped' }]);
  });

  it('let go of every lane and connection when they are closed', async () => {
    const runner = start();
    await kit.send(track('Seen', { userId: 'u-1' }));
    await appliedTo(1);
    expect(await holders()).toHaveLength(1);
    await runner.close();
    await eventually(async () => {
      const left = await kit.rows(
        `select 1 from pg_stat_activity where datname = current_database() and application_name = 'throughline lane'`,
      );
      expect(left).toEqual([]);
    });
    await kit.send(track('Seen', { userId: 'u-2' }));
    await appliedTo(1);
  });

  it('are closed at once while there is no server at all', async () => {
    const runner = start({ url: 'postgres://nobody@127.0.0.1:1/none' });
    await eventually(() => {
      expect(problems[0]).toMatchObject({ workspaceId: null, kind: 'outage' });
    });
    const begun = performance.now();
    await runner.close();
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe('the bell', () => {
  const never = new AbortController().signal;

  it('wakes everybody who waits', async () => {
    const bell = new Bell();
    const waits = [1, 2, 3].map(() => bell.wait(60_000, never));
    bell.ring();
    await Promise.all(waits);
  });

  it('that rang since the ticket was drawn is not waited for', async () => {
    const bell = new Bell();
    const ticket = bell.ticket();
    bell.ring();
    await bell.wait(60_000, never, ticket);
  });

  it('that nobody rings is waited for no longer than was said', async () => {
    const begun = performance.now();
    await new Bell().wait(30, never);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(25);
  });

  it('is not waited for by whoever is to end', async () => {
    await new Bell().wait(60_000, AbortSignal.abort());
  });

  it('loses no ring, however rings and tickets alternate', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 20 }), async (rings) => {
        const bell = new Bell();
        for (const rung of rings) {
          const ticket = bell.ticket();
          if (rung) bell.ring();
          else
            setImmediate(() => {
              bell.ring();
            });
          await bell.wait(60_000, never, ticket);
        }
      }),
    );
  });
});
