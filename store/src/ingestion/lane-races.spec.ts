import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { eventually } from '../../../test/support/eventually.js';
import { Gate } from '../../../test/support/gate.js';
import { DRAW } from './append.js';
import { LaneLost, LaneProcessor } from './lane-processor.js';
import { runLanes } from './run-lanes.js';
import { drainWith, openLaneKit, track, type LaneKit } from './testing/lane-kit.js';

describe('races of the log and the lane', () => {
  let kit: LaneKit;

  beforeEach(async () => {
    kit = await openLaneKit();
  });
  afterEach(() => kit.close());

  it('makes a later appender wait for one that is paused between drawing positions and committing', async () => {
    const slow = new pg.Client({ connectionString: kit.url });
    await slow.connect();
    await slow.query('begin');
    await slow.query(
      `with drawn as (${DRAW}) insert into event_log (workspace_id, position, clock, kind, endpoint, body)
       select $1, base + 1, clock, 'http', 'track', $3 from drawn`,
      [kit.workspaceId, 1, JSON.stringify(track('Slow', { userId: 'u' }))],
    );
    let fastIsIn = false;
    const fast = kit.send(track('Fast', { userId: 'u' })).then((position) => {
      fastIsIn = true;
      return position;
    });
    // The lane finds nothing: neither the paused row nor one that has overtaken it.
    await eventually(async () => {
      const waiting = await kit.rows(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%lane_append%' and pid <> pg_backend_pid()",
      );
      expect(waiting.length).toBeGreaterThan(0);
    });
    expect(await kit.drain()).toEqual([]);
    expect(fastIsIn).toBe(false);
    await slow.query('commit');
    expect(await fast).toBe(2);
    await kit.drain();
    expect(await kit.rows('select name from event order by position')).toEqual([
      { name: 'Slow' },
      { name: 'Fast' },
    ]);
    await slow.end();
  });

  it('leaves no hole behind an appender that dies between drawing and committing', async () => {
    const dying = new pg.Client({ connectionString: kit.url });
    dying.on('error', () => undefined);
    await dying.connect();
    await dying.query('begin');
    await dying.query(DRAW, [kit.workspaceId, 5]);
    await kit.rows(
      "select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction' and datname = current_database()",
    );
    expect(await kit.send(track('Next', { userId: 'u' }))).toBe(1);
  });

  it('does not let a holder that was declared dead commit when it comes back', async () => {
    await kit.send(track('Order Completed', { userId: 'u' }));
    const paused = new Gate();
    const old = await kit.laneClient();
    const backend = await old.query<{ pid: number }>('select pg_backend_pid() as pid');
    const oldRun = drainWith(old, {
      workspaceId: kit.workspaceId,
      onStage: async (stage) => {
        if (stage !== 'applied') return;
        await paused.enter();
      },
    });
    const fate = expect(oldRun).rejects.toThrow();
    await paused.reached;
    // The server gives the old holder up: its lock falls, its transaction is undone, the next one takes the lane.
    await kit.rows('select pg_terminate_backend($1)', [backend.rows[0]?.pid]);
    const next = await kit.laneClient();
    await eventually(async () => {
      expect(await drainWith(next, { workspaceId: kit.workspaceId })).toHaveLength(1);
    });
    paused.open();
    await fate;
    expect(await kit.rows('select 1 from event')).toHaveLength(1);
    expect(await kit.rows('select applied_events from lane')).toEqual([{ applied_events: 1 }]);
  });

  it('refuses a holder whose epoch has passed, although its connection lives', async () => {
    await kit.send(track('Order Completed', { userId: 'u' }));
    const client = await kit.laneClient();
    const lane = await LaneProcessor.take(client, { workspaceId: kit.workspaceId });
    await kit.rows('update lane set epoch = epoch + 1');
    await expect(lane?.processOnce()).rejects.toBeInstanceOf(LaneLost);
    expect(await kit.rows('select position from lane')).toEqual([{ position: 0 }]);
  });

  it('gives the lane to one of two processors', async () => {
    const [a, b] = [await kit.laneClient(), await kit.laneClient()];
    expect(await LaneProcessor.take(a, { workspaceId: kit.workspaceId })).not.toBeNull();
    expect(await LaneProcessor.take(b, { workspaceId: kit.workspaceId })).toBeNull();
  });

  it('keeps running when the server drops its connections, and loses nothing', async () => {
    const problems: string[] = [];
    const runner = runLanes({ url: kit.url, onProblem: ({ kind }) => problems.push(kind) });
    try {
      await kit.send(track('Before', { userId: 'u' }));
      await eventually(async () => {
        expect(await kit.rows('select 1 from event')).toHaveLength(1);
      });
      await kit.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'throughline lane'",
      );
      await kit.send(track('After', { userId: 'u' }));
      await eventually(async () => {
        expect(await kit.rows('select 1 from event')).toHaveLength(2);
      });
      expect(problems).not.toContain('stopped');
    } finally {
      await runner.close();
    }
  });

  it('stops loudly at what nobody can explain, says so in its row, and starts again with the next holder', async () => {
    await kit.rows(
      'insert into event_log (workspace_id, position, clock, kind, events, body) values ($1, 1, now(), \'command\', 0, \'{"kind":"nonsense"}\')',
      [kit.workspaceId],
    );
    await kit.rows('update lane_append set position = 1, clock = now()');
    const stopped = () =>
      kit.rows('select stopped_reason is not null as stopped, position::int from lane');
    const runner = runLanes({ url: kit.url });
    try {
      await eventually(async () => {
        expect(await stopped()).toEqual([{ stopped: true, position: 0 }]);
      });
      expect([...runner.stopped]).toEqual([kit.workspaceId]);
    } finally {
      await runner.close();
    }
    await kit.rows("update event_log set kind = 'tick', body = null");
    await kit.drain();
    expect(await stopped()).toEqual([{ stopped: false, position: 1 }]);
  });

  it('moves the clock of an idle lane past a deadline and wakes who waited for it', async () => {
    await kit.send(track('Order Completed', { userId: 'u' }));
    await kit.drain();
    const [person] = await kit.rows<{ customer_id: string }>('select customer_id from customer');
    await kit.rows(
      `insert into enrolment (workspace_id, enrolment_id, journey_key, version, customer_id, subject_id, entry_key, state, run_state, trigger,
         entered_at, entered_position, entered_ordinal, consumed_position, consumed_ordinal, consumed_clock)
       values ($1, $2, 'j', 1, $2, $2, 'once', 'active', '{}', '{}', now(), 1, 0, 1, 0, '-infinity')`,
      [kit.workspaceId, person?.customer_id],
    );
    await kit.rows(
      `insert into wait (workspace_id, enrolment_id, seq, step_id, deadline, overdue) values ($1, $2, 1, 'w', now() - interval '1 ms', true)`,
      [kit.workspaceId, person?.customer_id],
    );
    const runner = runLanes({ url: kit.url });
    try {
      await eventually(async () => {
        expect(await kit.rows("select kind from outbox where kind = 'wake'")).toHaveLength(1);
      });
      expect(
        await kit.rows('select lane.clock > w.deadline as passed, w.overdue from lane, wait w'),
      ).toEqual([{ passed: true, overdue: false }]);
      expect(await kit.rows("select 1 from event_log where kind = 'tick'")).toHaveLength(1);
    } finally {
      await runner.close();
    }
  });

  it('applies an entry under the version that was live at its position', async () => {
    const version = (key: string, goal: string): { key: string } & Record<string, unknown> => ({
      key,
      name: goal,
      trigger: { kind: 'event', event: 'Start' },
      entry: { reentry: 'once' },
      start: 'end',
      steps: { end: { kind: 'exit', reason: goal } },
      purpose: 'marketing',
    });
    await kit.publish('journey', version('j', 'first'));
    await kit.send(track('Start', { userId: 'u1' }));
    await kit.publish('journey', version('j', 'second'));
    await kit.send(track('Start', { userId: 'u2' }));
    await kit.drain();
    expect(await kit.rows('select version from enrolment order by entered_position')).toEqual([
      { version: 1 },
      { version: 2 },
    ]);
  });
});
