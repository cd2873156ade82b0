import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PredictionSchema } from '@throughline/domain/prediction/schemas';
import { PurchaseHistory } from '../../../test/support/purchase-history.js';
import { openLaneKit, type LaneKit } from '../ingestion/testing/lane-kit.js';
import { inWorkspace, newId, openPool, type Queryable } from '../shared/index.js';
import { percentileOf, writeDraftPage, type DraftScore } from './drafts.js';
import { readCustomerScores } from './read-scores.js';
import {
  askPrediction,
  beginPredictionRun,
  changePredictionRun,
  closePredictionRun,
  listOpenPredictionRuns,
  listPredictionRuns,
  lockPredictionRun,
  readPredictionRun,
  type PredictionRun,
} from './runs.js';
import { publishScores, retireScores } from './scores.js';

const definition = PredictionSchema.parse({
  key: 'churn',
  kind: 'churn',
  event: { name: 'Order Completed' },
});

describe('scores on their way to customers', () => {
  let kit: LaneKit;
  let engine: ReturnType<typeof openPool>;
  let people: string[];

  beforeAll(async () => {
    kit = await openLaneKit();
    engine = openPool({ url: kit.url, role: 'tl_engine', max: 2 });
  });
  beforeEach(async () => {
    await kit.rows(
      'truncate event, customer, trait_change, prediction_run, prediction_score, prediction_draft',
    );
    const past = new PurchaseHistory((sql, values) => kit.rows(sql, values), kit.workspaceId);
    people = (await past.people(5)).sort();
  });
  afterAll(async () => {
    await engine.end();
    await kit.close();
  });

  const inside = <T>(work: (client: Queryable) => Promise<T>): Promise<T> =>
    inWorkspace(engine, kit.workspaceId, work);

  async function begin(snapshotAt = Date.now()): Promise<PredictionRun> {
    const modelId = newId();
    return inside(async (client) => {
      const asked = { key: 'churn', version: 1, purpose: 'score', requestedBy: 'test' } as const;
      const { runId } = await askPrediction(client, kit.workspaceId, { ...asked, snapshotAt });
      await beginPredictionRun(client, kit.workspaceId, runId);
      await changePredictionRun(client, place(runId), { phase: 'score', modelId });
      return read(client, runId);
    });
  }

  async function read(client: Queryable, runId: string): Promise<PredictionRun> {
    const run = await readPredictionRun(client, kit.workspaceId, runId);
    if (run === null) throw new TypeError('no such run');
    return run;
  }

  const place = (runId: string) => ({ workspaceId: kit.workspaceId, runId });
  const draft = (customerId: string, probability: number): DraftScore => ({
    customerId,
    probability,
    value: null,
    reasons: [{ feature: 'days_since_last', value: 40, effect: 1.5 }],
    features: { days_since_last: 40, amount_all: 12.34, mean_gap_days: null },
  });

  async function score(runId: string, scores: readonly DraftScore[]): Promise<void> {
    await inside((client) => writeDraftPage(client, place(runId), { scores, next: null }));
  }

  /** Pages of two until all is told. */
  async function publish(runId: string): Promise<void> {
    for (;;) {
      const phase = await inside(async (client) => {
        const run = await lockPredictionRun(client, kit.workspaceId, runId);
        if (run === null) throw new TypeError('it is not running');
        const page = { run, definition, limit: 2, now: run.snapshotAt };
        if (run.phase === 'publish') await publishScores(client, kit.workspaceId, page);
        else await retireScores(client, kit.workspaceId, page);
        return (await read(client, runId)).phase;
      });
      if (phase === 'over') break;
    }
    await inside((client) => closePredictionRun(client, place(runId), 'done'));
    await kit.drain();
  }

  async function traitsOf(customerId: string): Promise<Record<string, unknown>> {
    const [row] = await kit.rows<{ traits: Record<string, { v: unknown }> }>(
      'select traits from customer where customer_id = $1',
      [customerId],
    );
    return Object.fromEntries(Object.entries(row?.traits ?? {}).map(([name, { v }]) => [name, v]));
  }

  const inputs = async (): Promise<number> =>
    (await kit.rows(`select from event_log where kind = 'internal'`)).length;

  it('become traits, by the lane, with percentile and band among all of them', async () => {
    const { runId } = await begin();
    await score(
      runId,
      people.map((id, n) => draft(id, [0.1, 0.3, 0.5, 0.755559, 0.9][n] ?? 0)),
    );
    await publish(runId);
    expect(await traitsOf(people[3] ?? '')).toEqual({
      churn_probability: 0.7556,
      churn_percentile: 0.7,
      churn_band: 'high',
    });
    expect(await traitsOf(people[0] ?? '')).toMatchObject({ churn_band: 'low' });
    const run = await inside((client) => read(client, runId));
    expect(run).toMatchObject({ state: 'done', phase: 'over', scored: 5, changed: 5 });
    expect(await kit.rows('select from prediction_draft')).toEqual([]);
  });

  it('keep the numbers they were made of, and why', async () => {
    const run = await begin();
    const [customerId = ''] = people;
    await score(run.runId, [draft(customerId, 0.123456789012345)]);
    await publish(run.runId);
    const [told] = (await inside((c) => readCustomerScores(c, kit.workspaceId, customerId))) ?? [];
    expect(told).toMatchObject({
      key: 'churn',
      modelId: run.modelId,
      probability: 0.123456789012345,
      reasons: [{ feature: 'days_since_last', value: 40, effect: 1.5 }],
      features: { days_since_last: 40, amount_all: 12.34, mean_gap_days: null },
    });
  });

  it('that are the same as before write nothing, and one that changed writes what changed', async () => {
    const [one = '', two = ''] = people;
    const first = await begin();
    await score(first.runId, [draft(one, 0.4), draft(two, 0.8)]);
    await publish(first.runId);
    const before = await inputs();
    const second = await begin(first.snapshotAt + 60_000);
    await score(second.runId, [draft(one, 0.4), draft(two, 0.81)]);
    await publish(second.runId);
    expect(await inputs()).toBe(before + 1);
    const changes = await kit.rows<{ customer_id: string; name: string }>(
      'select customer_id, name from trait_change where position = (select max(position) from trait_change)',
    );
    expect(changes).toEqual([{ customer_id: two, name: 'churn_probability' }]);
    expect(await inside((client) => read(client, second.runId))).toMatchObject({ changed: 1 });
  });

  it('of whom a later run finds no history end: their traits are unset', async () => {
    const [one = '', two = ''] = people;
    const first = await begin();
    await score(first.runId, [draft(one, 0.4), draft(two, 0.8)]);
    await publish(first.runId);
    const second = await begin(first.snapshotAt + 60_000);
    await score(second.runId, [draft(one, 0.4)]);
    await publish(second.runId);
    expect(await traitsOf(two)).toEqual({
      churn_probability: null,
      churn_percentile: null,
      churn_band: null,
    });
    expect(await inside((c) => readCustomerScores(c, kit.workspaceId, two))).toEqual([]);
  });

  it.each(['before', 'after'])(
    'are told once although the page dies %s its commit',
    async (when) => {
      const { runId } = await begin();
      await score(
        runId,
        people.map((id) => draft(id, 0.6)),
      );
      const page = async (client: Queryable): Promise<void> => {
        const run = await lockPredictionRun(client, kit.workspaceId, runId);
        if (run === null) throw new TypeError('it is not running');
        await publishScores(client, kit.workspaceId, { run, definition, limit: 2, now: 1 });
      };
      const dying = inside(async (client) => {
        await page(client);
        if (when === 'before') throw new TypeError('killed');
      });
      if (when === 'before') await expect(dying).rejects.toThrow('killed');
      else await dying;
      await publish(runId);
      const events = await kit.rows<{ customer_id: string; n: number }>(
        `select customer_id, count(*)::int as n from event where type = 'identify' group by customer_id order by customer_id`,
      );
      expect(events).toEqual(people.map((customer_id) => ({ customer_id, n: 1 })));
      expect(await inside((client) => read(client, runId))).toMatchObject({ changed: 5 });
    },
  );

  it('told twice by a page whose cursor was lost are one input each', async () => {
    const { runId } = await begin();
    await score(runId, [draft(people[0] ?? '', 0.6)]);
    const again = async (): Promise<void> =>
      inside(async (client) => {
        const run = await read(client, runId);
        await publishScores(client, kit.workspaceId, {
          run: { ...run, cursor: null, phase: 'publish' },
          definition,
          limit: 5,
          now: run.snapshotAt,
        });
      });
    await again();
    await again();
    await kit.drain();
    expect(await kit.rows(`select from event where type = 'identify'`)).toHaveLength(1);
  });

  it('are not written of somebody who has become another since', async () => {
    const { runId } = await begin();
    const [one = '', two = ''] = people;
    await score(runId, [draft(one, 0.6), draft(two, 0.6)]);
    await kit.rows('update customer set merged_into = $1 where customer_id = $2', [one, two]);
    await publish(runId);
    expect(await traitsOf(two)).toEqual({});
    expect(await inside((c) => readCustomerScores(c, kit.workspaceId, two))).toMatchObject([
      { probability: 0.6 },
    ]);
  });

  it('are forgotten with the person they are of, told or not', async () => {
    const [one = '', two = ''] = people;
    const first = await begin();
    await score(first.runId, [draft(one, 0.6), draft(two, 0.6)]);
    await publish(first.runId);
    const second = await begin(first.snapshotAt + 60_000);
    await score(second.runId, [draft(one, 0.9), draft(two, 0.9)]);
    const eraseId = newId();
    await kit.rows(
      `insert into erasure (workspace_id, erase_id, customer_id, requested_by) values ($1, $2, $3, 'test')`,
      [kit.workspaceId, eraseId, one],
    );
    await kit.command({ kind: 'erase', phase: 'begin', eraseId });
    await kit.drain();
    for (const table of ['prediction_score', 'prediction_draft'])
      expect(await kit.rows(`select customer_id from ${table}`)).toEqual([{ customer_id: two }]);
    await publish(second.runId);
    expect(await traitsOf(one)).toEqual({});
    expect(await traitsOf(two)).toMatchObject({ churn_probability: 0.9 });
  });

  it('are asked for by runs that are listed newest first, and open ones of all workspaces', async () => {
    const older = await begin();
    const newer = await begin();
    const page = { key: 'churn', after: null, limit: 5 };
    const listed = await inside((client) => listPredictionRuns(client, kit.workspaceId, page));
    expect(listed.map(({ runId }) => runId)).toEqual([newer.runId, older.runId]);
    const relay = openPool({ url: kit.url, role: 'tl_relay', max: 1 });
    const open = await listOpenPredictionRuns(relay, 10);
    await relay.end();
    expect(open.map(({ runId }) => runId).sort()).toEqual([older.runId, newer.runId].sort());
    expect(await inside((c) => readCustomerScores(c, kit.workspaceId, newId()))).toBeNull();
  });
});

describe('a percentile', () => {
  it('lies between 0 and 1 and never falls when the score rises', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 50 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (cuts, a, b) => {
          const sorted = Float64Array.from(cuts).sort();
          const [low, high] = [Math.min(a, b), Math.max(a, b)].map((p) =>
            percentileOf([...sorted], p),
          );
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(low).toBeLessThanOrEqual(high ?? 0);
        },
      ),
    );
  });

  it('is the middle for a population that is all alike', () => {
    const cutpoints = Array.from({ length: 1_001 }, () => 0.4);
    expect(percentileOf(cutpoints, 0.4)).toBe(0.5);
    expect(percentileOf([], 0.4)).toBe(0.5);
  });
});
