/**
 * The same people by an SDK, by files and by a pull, each in an order of its own, with repeats and latecomers: their profiles are
 * equal but for our ids and the times at which we heard of them.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createBatchActivities } from '@throughline/activities';
import type { Mapping } from '@throughline/domain/catalogue';
import type { JsonObject } from '@throughline/domain/shared';
import { importWorkflowId } from '@throughline/workflows/contract';
import { pullPages } from '../../activities/src/pull-pages.js';
import { ImportStarter } from '../../apps/worker/src/import-starter.js';
import { Log } from '../../apps/worker/src/log.js';
import { Engine } from '../support/engine.js';
import { eventually } from '../support/eventually.js';
import { live, livePull } from '../support/pull-source.js';
import { importOf, uploadFile } from '../support/till-file.js';

const LIMIT_MS = 120_000;
const ALIVE = { beat: () => undefined, signal: new AbortController().signal };
const DAY_MS = 86_400_000;
const WAYS = ['sdk', 'file', 'pull'] as const;
type Way = (typeof WAYS)[number];

const TIERS = ['gold', 'silver', 'tin'] as const;
const PEOPLE = 8;

/** What a person said of themselves at a moment, or bought. */
interface Said {
  readonly person: number;
  /** ms since epoch; no two of one person at once */
  readonly at: number;
  readonly first: string;
  readonly tier: (typeof TIERS)[number];
  /** null: no order */
  readonly cents: number | null;
}

const arbitrarySaid = (now: number): fc.Arbitrary<Said[]> =>
  fc.uniqueArray(
    fc.record({
      person: fc.nat(PEOPLE - 1),
      at: fc.integer({ min: 1, max: 60 * 24 }).map((minutes) => now - minutes * 60_000),
      first: fc.constantFrom('Ada', 'Bo', 'Cem', 'Dóra'),
      tier: fc.constantFrom(...TIERS),
      cents: fc.option(fc.integer({ min: 1, max: 99_999 }), { freq: 2 }),
    }),
    { minLength: 25, maxLength: 45, selector: ({ person, at }) => `${person}@${at}` },
  );

/** One thing said, with who hears it, and in which order each way hears them: some twice. */
const arbitraryOrder = (count: number): fc.Arbitrary<number[]> =>
  fc
    .tuple(
      fc.shuffledSubarray(
        Array.from({ length: count }, (_, index) => index),
        {
          minLength: count,
        },
      ),
      fc.array(fc.nat(count - 1), { minLength: 3, maxLength: 10 }),
    )
    .map(([all, again]) => [...all, ...again]);

const MEMBERS: Mapping = {
  key: 'ways-members',
  target: 'customers',
  fields: [
    { to: 'user_id', from: { path: 'person' } },
    { to: 'email', from: { path: 'mail' }, normalise: ['email'] },
    { to: 'first_name', from: { path: 'first' } },
    { to: 'loyalty_tier', from: { path: 'tier' } },
    { to: 'event_time', from: { path: 'at' }, casts: [{ cast: 'time' }] },
  ],
};
const ORDERS: Mapping = {
  key: 'ways-orders',
  target: 'orders',
  fields: [
    { to: 'order_id', from: { path: 'bon' } },
    { to: 'user_id', from: { path: 'person' } },
    { to: 'total', from: { path: 'total' }, casts: [{ cast: 'number' }] },
    { to: 'currency', from: { constant: 'EUR' } },
    { to: 'event_time', from: { path: 'at' }, casts: [{ cast: 'time' }] },
  ],
};

/** A thing said, as a row of the way that carries it. */
interface Row {
  readonly order: boolean;
  readonly person: string;
  readonly mail: string;
  readonly first: string;
  readonly tier: string;
  readonly bon: string;
  readonly total: number;
  readonly at: string;
}

describe('the ways in', () => {
  let engine: Engine;
  let starter: ImportStarter;

  beforeAll(async () => {
    engine = await Engine.open();
    starter = new ImportStarter({
      pool: engine.relayPool,
      client: engine.runs.client,
      taskQueue: engine.runs.batchQueue,
      publicUrl: 'http://127.0.0.1',
      log: new Log('silent'),
    });
    const equals = { trait: 'loyaltyTier', op: 'equals', value: 'gold' };
    const often = { event: 'Order Completed', count: { gte: 2 }, within: 'ever' };
    await engine.kit.publish('segment', { key: 'golden', name: 'Golden', condition: equals });
    await engine.kit.publish('segment', { key: 'often', name: 'Often', condition: often });
    for (const body of [MEMBERS, ORDERS])
      await live(engine, { kind: 'mapping', key: body.key, body });
    engine.startLanes();
    await engine.runs.startBatchWorker(createBatchActivities(engine.dependencies()));
  }, LIMIT_MS);
  afterAll(() => engine.close(), LIMIT_MS);

  it(
    'leave equal profiles, whatever order, repeats and latecomers each of them brings',
    async () => {
      const now = Date.now() - DAY_MS;
      const lives = arbitrarySaid(now).chain((said) =>
        fc.tuple(
          fc.constant(said),
          fc.array(arbitraryOrder(said.length), { minLength: 3, maxLength: 3 }),
        ),
      );
      let round = 0;
      await fc.assert(
        fc.asyncProperty(lives, async ([said, orders]) => {
          round += 1;
          const tellers = { sdk: bySdk, file: byFile, pull: byPull };
          for (const [place, way] of WAYS.entries()) {
            const rows = (orders[place] ?? []).flatMap((index) => rowOf(said[index], way, round));
            await tellers[way](rows, round);
          }
          const expected = await profiles('sdk', round, said.length);
          expect(expected).toHaveLength(new Set(said.map(({ person }) => person)).size);
          expect(await profiles('file', round, said.length)).toEqual(expected);
          expect(await profiles('pull', round, said.length)).toEqual(expected);
        }),
        { numRuns: 3, endOnFailure: true },
      );
    },
    LIMIT_MS,
  );

  const rowOf = (said: Said | undefined, way: Way, round: number): Row[] => {
    if (said === undefined) return [];
    const person = `${way}${round}-${said.person}`;
    return [
      {
        order: said.cents !== null,
        person,
        mail: `${person}@ways.example`,
        first: said.first,
        tier: said.tier,
        bon: `${person}:${said.at}`,
        total: (said.cents ?? 0) / 100,
        at: new Date(said.at).toISOString(),
      },
    ];
  };

  /** One request after the other, a few events each; a repeat has the message id of what it repeats. */
  async function bySdk(rows: readonly Row[]): Promise<void> {
    for (let from = 0; from < rows.length; from += 7) {
      await engine.send(...rows.slice(from, from + 7).map(eventOf));
    }
  }

  /** Two files, the later one with rows of the earlier among its own. */
  async function byFile(rows: readonly Row[]): Promise<void> {
    const half = Math.ceil(rows.length / 2);
    const parts = [rows.slice(0, half), rows.slice(half - 3)];
    for (const part of parts) {
      const members = part.filter(({ order }) => !order);
      const bought = part.filter(({ order }) => order);
      await upload(MEMBERS, ['person', 'mail', 'first', 'tier', 'at'], members);
      await upload(ORDERS, ['bon', 'person', 'total', 'at'], bought);
    }
  }

  async function upload(
    mapping: Mapping,
    columns: readonly (keyof Row)[],
    rows: readonly Row[],
  ): Promise<void> {
    if (rows.length === 0) return;
    const lines = rows.map((row) => columns.map((column) => String(row[column])).join(','));
    const csv = [columns.join(','), ...lines, ''].join('\n');
    await settled((await uploadFile(engine, { mapping, csv, rowsAPage: 10 })).importId);
  }

  /**
   * Two tables that grow while they are read; what is committed late lies within the overlap, so the second reading repeats the
   * first. A row of a table is there once.
   */
  async function byPull(rows: readonly Row[], round: number): Promise<void> {
    const keys = [`members_${round}`, `orders_${round}`] as const;
    const columns = ['person', 'mail', 'first', 'tier', 'bon', 'total', 'at'];
    for (const [place, key] of keys.entries()) {
      await engine.rows(
        `create table ${key} (id bigint generated always as identity primary key, changed timestamptz not null,
           person text, mail text, first text, tier text, bon text, total float8, at text)`,
      );
      const mapping = place === 0 ? MEMBERS.key : ORDERS.key;
      await livePull(engine, { key, mapping, columns });
    }
    const once = [...new Map(rows.map((row) => [row.bon, row])).values()];
    const half = Math.ceil(once.length / 2);
    for (const part of [once.slice(0, half), once.slice(half)]) {
      for (const [place, key] of keys.entries()) {
        const wanted = part.filter(({ order }) => order === (place === 1));
        await engine.rows(
          `insert into ${key} (changed, person, mail, first, tier, bon, total, at)
           select '2026-01-01'::timestamptz + (random() * 60) * interval '1 second', r.person, r.mail, r.first, r.tier, r.bon, r.total, r.at
             from json_to_recordset($1::json) as r(person text, mail text, first text, tier text, bon text, total float8, at text)`,
          [JSON.stringify(wanted)],
        );
        const request = { workspaceId: engine.workspaceId, pullKey: key };
        const pulled = await pullPages(engine.dependencies(), request, ALIVE);
        if (pulled.importId !== null) await settled(pulled.importId);
      }
    }
  }

  async function settled(importId: string): Promise<void> {
    await starter.pass();
    await engine.runs.client.workflow.getHandle(importWorkflowId(importId)).result();
    expect(await importOf(engine, importId)).toMatchObject({ state: 'done', rejected: 0 });
  }

  /** Everybody of a way, once the lane has heard all there is to hear: without our ids and the times of our hearing. */
  async function profiles(way: Way, round: number, saidCount: number): Promise<JsonObject[]> {
    const prefix = `${way}${round}-`;
    const read = (): Promise<JsonObject[]> => engine.rows<JsonObject>(PROFILES, [prefix]);
    await eventually(async () => {
      const found = await read();
      expect(found.reduce((sum, { heard }) => sum + Number(heard), 0)).toBe(saidCount);
    });
    return read();
  }
});

function eventOf(row: Row): JsonObject {
  const head = { messageId: row.bon, userId: row.person, timestamp: row.at };
  const { mail: email, first: firstName, tier: loyaltyTier } = row;
  if (!row.order) return { type: 'identify', ...head, traits: { email, firstName, loyaltyTier } };
  const properties = { order_id: row.bon, total: row.total, currency: 'EUR' };
  return { type: 'track', event: 'Order Completed', ...head, properties };
}

/**
 * A person by the name that the way gave them, and all that is known of them. Saying the same of oneself twice is saying it once;
 * an order that stood there twice would be two.
 */
const PROFILES = `
  with person as (
    select customer_id, substr(value, length($1) + 1) as name from identifier where type = 'user_id' and value like $1 || '%'
  ), heard as (
    select customer_id, type, name, event_time, body -> 'properties' as properties from event
     group by 1, 2, 3, 4, 5, case when type = 'track' then position end, case when type = 'track' then ordinal end
  )
  select p.name,
         (select jsonb_agg(jsonb_build_array(i.type, replace(i.value, $1, '')) order by i.type, i.value)
            from identifier i where i.customer_id = p.customer_id) as identifiers,
         (select jsonb_object_agg(t.key, jsonb_build_array(replace(t.value ->> 'v', $1, ''), t.value -> 't'))
            from customer c, jsonb_each(c.traits) t where c.customer_id = p.customer_id) as traits,
         (select jsonb_agg(jsonb_build_array(e.type, e.name, e.event_time, replace(e.properties::text, $1, '')) order by e.event_time)
            from heard e where e.customer_id = p.customer_id) as events,
         (select count(*) from heard e where e.customer_id = p.customer_id) as heard,
         (select jsonb_agg(m.segment_key order by m.segment_key) from segment_membership m where m.customer_id = p.customer_id) as segments
    from person p order by p.name`;
