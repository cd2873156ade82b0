import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  identify,
  openLaneKit,
  track,
  type LaneKit,
} from '../../../store/src/ingestion/testing/lane-kit.js';
import { eventually } from '../../../test/support/eventually.js';
import { LaneRunner } from './lane-runner.js';
import { Log } from './log.js';

describe('running lanes', () => {
  let kit: LaneKit;
  let runner: LaneRunner;
  let rung: number;
  let lines: string[];

  beforeEach(async () => {
    kit = await openLaneKit();
    rung = 0;
    lines = [];
    const relay = {
      ring: () => {
        rung += 1;
      },
    };
    const log = new Log('info', { write: (line: string) => void lines.push(line) });
    runner = new LaneRunner({ databaseUrl: kit.url, relay, log });
  });
  afterEach(async () => {
    await runner.beforeApplicationShutdown();
    await kit.close();
  });

  const applied = async (events: number): Promise<void> => {
    await eventually(() => {
      expect(runner.counts.events).toBe(events);
      return Promise.resolve();
    });
  };

  it('applies what is in the log already, and what comes later, and tells the relay', async () => {
    await kit.send(identify({ userId: 'u-1' }, { plan: 'free' }));
    runner.onApplicationBootstrap();
    await applied(1);
    const before = rung;
    expect(before).toBeGreaterThan(0);
    await kit.send(track('Seen', { userId: 'u-1' }));
    await applied(2);
    expect(rung).toBeGreaterThan(before);
    expect(runner.stopped).toEqual([]);
  });

  it('counts what was a repeat and what was not applied', async () => {
    const event = track('Seen', { userId: 'u-1' });
    await kit.send(event);
    await kit.send(event);
    await kit.sendRaw('track', '{"event":"Seen"}');
    runner.onApplicationBootstrap();
    await eventually(() => {
      expect(runner.counts).toEqual({ events: 1, duplicates: 1, quarantined: 1, refusedTraits: 0 });
      return Promise.resolve();
    });
  });

  it('leaves a lane to the next process when it is told to go', async () => {
    runner.onApplicationBootstrap();
    await kit.send(track('Seen', { userId: 'u-1' }));
    await applied(1);
    await runner.beforeApplicationShutdown();
    await kit.send(track('Seen', { userId: 'u-2' }));
    const progress = await kit.drain();
    expect(progress.reduce((sum, { events }) => sum + events, 0)).toBe(1);
    expect(runner.counts.events).toBe(1);
  });

  it('says that a lane has stopped by our own fault, without a word of the data', async () => {
    await kit.rows('alter table customer rename to customer_away');
    await kit.send(identify({ userId: 'canary-7' }, { email: 'canary@example.com' }));
    runner.onApplicationBootstrap();
    await eventually(() => {
      expect(runner.stopped).toEqual([kit.workspaceId]);
      return Promise.resolve();
    });
    const said = lines.join('');
    expect(said).toContain('a lane has stopped');
    expect(said).not.toContain('canary');
    await kit.rows('alter table customer_away rename to customer');
  });
});
