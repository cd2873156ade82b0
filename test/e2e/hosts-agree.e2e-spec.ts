/**
 * The step machine has two hosts: PostgreSQL with Temporal, and the virtual clock of simulation and tests. Given the log, where
 * the lane stood at each step, and what came of each delivery, both must leave the same trail, or a test in virtual time, and a
 * forecast, say nothing about production.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Engine } from '../support/engine.js';
import { eventually } from '../support/eventually.js';
import { recordPromise } from '../support/promises.js';
import { randomLife, type RandomLife } from '../support/random-lives.js';
import { linesOf, NOTE_STEPS, Past } from '../support/replayed.js';

const RUNS = Number(process.env['TL_PROPERTY_RUNS'] ?? 100);
const SEED = Number(process.env['TL_PROPERTY_SEED'] ?? 20_261);
/** A journey begins its life this long after the one before: all at once would measure the machine, not the product. */
const STAGGER_MS = 60;
const BUDGET_MS = 60_000 + RUNS * 600;

describe('Temporal and the virtual host', () => {
  let engine: Engine;
  let past: Past;

  beforeAll(async () => {
    engine = await Engine.open();
    past = new Past((sql, values) => engine.rows(sql, values));
    await engine.defineOutside();
    await engine.rows(NOTE_STEPS);
    // Refusals for now and for good, for whoever comes across them: what came of each is in the ledger.
    engine.outside.statuses = Array.from({ length: RUNS * 2 }, (_, index) =>
      index % 7 === 3 ? 400 : index % 11 === 5 ? 503 : 200,
    );
    engine.outside.refusals = [550, 450, 550, 550, 450, 550];
    await engine.start();
  }, 120_000);

  afterAll(() => engine.close(), 60_000);

  it(
    `leave equal trails on ${RUNS} random journeys (seed ${SEED})`,
    async () => {
      const lives = Array.from({ length: RUNS }, (_, index) => randomLife(SEED, index));
      for (const { definition, segments } of lives) {
        for (const segment of segments) await engine.kit.publish('segment', segment);
        await engine.kit.publish('journey', { ...definition });
      }
      await engine.caughtUp(BUDGET_MS);
      await Promise.all(lives.map(live));
      await settled();

      const differences = await Promise.all(lives.map(compare));
      expect(differences.filter((difference) => difference !== null)).toEqual([]);
      await tellThePromise(lives);
    },
    BUDGET_MS,
  );

  async function live({ requests }: RandomLife, index: number): Promise<void> {
    await pause(index * STAGGER_MS);
    for (const { afterMs, events } of requests) {
      await pause(afterMs);
      await engine.send(...events);
    }
  }

  /** Every run has come to an end, or stands held because a delivery failed for which its journey has no way. */
  async function settled(): Promise<void> {
    await eventually(
      async () => {
        expect(
          await engine.rows(`select enrolment_id from enrolment where state = 'active'`),
        ).toEqual([]);
      },
      { deadlineMs: BUDGET_MS, everyMs: 250 },
    );
    await engine.caughtUp();
  }

  /** Null where they agree; else the journey and both stories, as text. */
  async function compare({ definition, userId }: RandomLife): Promise<string | null> {
    const [person] = await engine.rows<{ customer_id: string }>(
      `select customer_id from identifier where type = 'user_id' and value = $1`,
      [userId],
    );
    const real = await past.stories(definition.key);
    const virtual = await past.replayed(definition, person?.customer_id ?? '');
    try {
      expect(virtual).toEqual(real);
      return null;
    } catch {
      return [
        JSON.stringify(definition),
        ...['-- as it was', ...real.flatMap(linesOf)],
        ...['-- in virtual time', ...virtual.flatMap(linesOf)],
      ].join('\n');
    }
  }

  /** Counts what was compared, so that a comparison of nothing does not pass for one. */
  async function tellThePromise(lives: readonly RandomLife[]): Promise<void> {
    const stories = (
      await Promise.all(lives.map(({ definition }) => past.stories(definition.key)))
    ).flat();
    const entries = stories.flatMap(({ trail }) => trail);
    const kinds = new Set(entries.map(({ kind }) => kind));
    expect(stories.length).toBeGreaterThan(RUNS / 2);
    for (const kind of ['fired', 'timed_out', 'branched', 'sent', 'skipped', 'failed', 'updated'])
      expect(kinds).toContain(kind);
    recordPromise({
      promise: 'Temporal and the virtual clock leave equal trails',
      held: true,
      detail: `${lives.length} random journeys, ${stories.length} runs, ${entries.length} entries`,
    });
  }
});
