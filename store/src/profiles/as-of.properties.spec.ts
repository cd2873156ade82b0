import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type pg from 'pg';
import { ThroughlineError } from '@throughline/domain/shared';
import { LaneProcessor } from '../ingestion/index.js';
import { isIdle } from '../ingestion/lane-processor.js';
import { openLaneKit, type LaneKit } from '../ingestion/testing/lane-kit.js';
import { PROFILE_PARTS, readProfile, readProfileAsOf, type Profile } from './index.js';
import { log, merge, unmerge, type Input } from './testing/arbitrary-log.js';

const RUNS = Number(process.env['TL_PROPERTY_RUNS'] ?? 6);
/** Requests stand this far apart on the lane's clock, so that windows end in the middle of a log. */
const STEP_MS = 6 * 60_000;

const SEGMENTS: Readonly<Record<string, unknown>> = {
  buyers: { event: 'Order Completed' },
  pro: { trait: 'plan', op: 'equals', value: 'pro' },
  quiet: { not: { segment: 'buyers' } },
  recent: { event: 'Order Completed', within: { minutes: 20 } },
  lapsed: { lastEvent: 'Order Completed', op: 'olderThan', value: { minutes: 15 } },
};

interface Taken {
  readonly at: number;
  readonly people: ReadonlyMap<string, unknown>;
}

describe('a profile as of an instant, for any log', () => {
  let kit: LaneKit;
  let client: pg.Client;

  beforeAll(async () => {
    kit = await openLaneKit();
    for (const [key, condition] of Object.entries(SEGMENTS))
      await kit.publish('segment', { key, name: key, condition });
    await kit.rows('select ensure_partitions($1)', [14 + Math.ceil(RUNS / 4)]);
    await kit.drain();
    client = await kit.laneClient();
  });
  afterAll(() => kit.close());

  async function beginAnew(): Promise<number> {
    await kit.rows(`truncate customer, identifier, identifier_change, customer_merge, trait_change, consent, consent_change, event,
      quarantine, segment_membership, segment_membership_change, customer_due, message_seen, identity_sighting, identity_separation,
      identity_alert`);
    const [lane] = await kit.rows<{ ms: number }>(
      'select extract(epoch from clock)::float8 * 1000 as ms from lane_append',
    );
    return Math.ceil(lane?.ms ?? 0);
  }

  async function anybody(index: number): Promise<string | undefined> {
    const rows = await kit.rows<{ id: string }>(
      'select customer_id as id from customer order by first_position, first_ordinal',
    );
    return rows[index % Math.max(1, rows.length)]?.id;
  }

  async function append(input: Input, at: number): Promise<void> {
    if (input.kind === 'events') await kit.sendBatch(input.events.map((make) => make(at)));
    if (input.kind === 'merge') {
      const [a, b] = [await anybody(input.of[0]), await anybody(input.of[1])];
      if (a !== undefined && b !== undefined && a !== b)
        await kit.command({ kind: 'merge', customerIds: [a, b] });
    }
    if (input.kind === 'unmerge') {
      const absorbedId = await anybody(input.of);
      if (absorbedId !== undefined)
        await kit.command({ kind: 'unmerge', absorbedId, position: null });
    }
    await kit.rows(
      'update event_log set clock = to_timestamp($1::float8 / 1000) where position > (select position from lane)',
      [at],
    );
    await kit.rows('update lane_append set clock = to_timestamp($1::float8 / 1000)', [at]);
  }

  async function takePicture(): Promise<Taken> {
    const [lane] = await kit.rows<{ clock: number }>('select clock from lane');
    const ids = await kit.rows<{ id: string }>('select customer_id as id from customer');
    const people = new Map<string, unknown>();
    for (const { id } of ids)
      people.set(id, shown(await readProfile(client, kit.workspaceId, whole(id))));
    return { at: lane?.clock ?? 0, people };
  }

  async function live(inputs: readonly Input[]): Promise<Taken[]> {
    const start = await beginAnew();
    const lane = await LaneProcessor.take(client, { workspaceId: kit.workspaceId, maxEvents: 1 });
    const pictures: Taken[] = [];
    for (const [index, input] of inputs.entries()) {
      await append(input, start + (index + 1) * STEP_MS);
      while (lane !== null && !isIdle(await lane.processOnce()));
      pictures.push(await takePicture());
    }
    await client.query('select pg_advisory_unlock_all()');
    return pictures;
  }

  async function expectPast(
    pictures: readonly Taken[],
    told: (profile: unknown) => unknown = (profile) => profile,
  ): Promise<void> {
    const everybody = pictures.at(-1)?.people ?? new Map<string, unknown>();
    const undone = await kit.rows('select 1 from customer_merge where undone_position is not null');
    const parted = undone.length > 0;
    for (const { at, people } of pictures) {
      for (const id of everybody.keys()) {
        const asOf = { ...whole(id), asOf: at };
        const read = await readProfileAsOf(client, kit.workspaceId, asOf).catch(refusalOf);
        if (read === 'refused') {
          expect(parted).toBe(true);
          continue;
        }
        const past = shown(read);
        expect([at, id, told(past)]).toEqual([at, id, told(people.get(id) ?? null)]);
      }
    }
  }

  it('is the picture that was taken then, through merges by events and by people', async () => {
    await fc.assert(
      fc.asyncProperty(log({ weight: 1, arbitrary: merge }), async (inputs) => {
        await expectPast(await live(inputs));
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  }, 600_000);

  it('is the picture that was taken then, or refused where people were parted again', async () => {
    await fc.assert(
      fc.asyncProperty(
        log({ weight: 2, arbitrary: merge }, { weight: 2, arbitrary: unmerge }),
        async (inputs) => {
          await expectPast(await live(inputs), withoutSince);
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
  }, 600_000);
});

function refusalOf(error: unknown): 'refused' {
  if (error instanceof ThroughlineError && error.code === 'conflict') return 'refused';
  throw error;
}

function whole(customerId: string) {
  return { customerId, parts: PROFILE_PARTS };
}

/** History dates who has been in all along by the merge that brought them in, the lane by their own first event. */
function withoutSince(profile: unknown): unknown {
  return JSON.parse(
    JSON.stringify(profile, (name, value: unknown) => (name === 'since' ? undefined : value)),
  );
}

/** What a person is told by; an unset trait is one that is not there, and a repeated word is no change. */
function shown(profile: Profile | null): unknown {
  if (profile === null) return null;
  const { customerId, createdAt, absorbed, traits, identifiers, consents, segments } = profile;
  return {
    customerId,
    createdAt,
    absorbed,
    traits: Object.fromEntries(
      Object.entries(traits ?? {}).flatMap(([name, { v }]) => (v === null ? [] : [[name, v]])),
    ),
    identifiers,
    consents: consents?.map(({ purpose, channel, state }) => ({ purpose, channel, state })),
    segments,
  };
}
