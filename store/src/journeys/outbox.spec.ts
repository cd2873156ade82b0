import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId, openPool } from '../shared/index.js';
import {
  claimOutbox,
  deleteOutbox,
  outboxBacklog,
  releaseOutbox,
  type RelayPool,
} from './outbox.js';
import { CART } from './testing/definitions.js';
import { JourneyWorld } from './testing/journey-world.js';

const LEASE = { limit: 10, leaseMs: 30_000 };

describe('the outbox', () => {
  let world: JourneyWorld;
  let relay: RelayPool;

  beforeAll(async () => {
    world = await JourneyWorld.create();
    relay = openPool({ url: world.url, role: 'tl_relay' });
    await world.journey(CART);
  });

  beforeEach(() => world.sql('delete from outbox where workspace_id = $1'));

  afterAll(async () => {
    await relay.end();
    await world.close();
  });

  async function put(enrolmentId: string, kind: string): Promise<void> {
    await world.sql(
      `insert into outbox (workspace_id, enrolment_id, journey_key, kind) values ($1, $2, 'cart', $3)`,
      enrolmentId,
      kind,
    );
  }

  it('gives out a start with what the run needs to be told', async () => {
    const customerId = await world.customer();
    const { enrolmentId } = await world.enrol({ journey: 'cart', customerId, clock: Date.now() });
    await put(enrolmentId, 'start');
    expect(await claimOutbox(relay, LEASE)).toEqual([
      expect.objectContaining({
        enrolmentId,
        journeyKey: 'cart',
        kind: 'start',
        generation: 1,
        version: 1,
        customerId,
        attempts: 1,
      }),
    ]);
  });

  it('never lets a wake overtake the start of its enrolment', async () => {
    const enrolmentId = newId();
    await put(enrolmentId, 'start');
    await put(enrolmentId, 'wake');
    await put(newId(), 'wake');
    const first = await claimOutbox(relay, LEASE);
    expect(first.map(({ kind }) => kind)).toEqual(['start', 'wake']);
    expect(await claimOutbox(relay, LEASE)).toEqual([]);
    await deleteOutbox(
      relay,
      first.map(({ outboxId }) => outboxId),
    );
    expect(await claimOutbox(relay, LEASE)).toEqual([
      expect.objectContaining({ enrolmentId, kind: 'wake' }),
    ]);
  });

  it('gives each row to one of many that ask at once', async () => {
    for (let index = 0; index < 30; index += 1) await put(newId(), 'wake');
    const claims = await Promise.all([1, 2, 3, 4, 5].map(() => claimOutbox(relay, LEASE)));
    const ids = claims.flat().map(({ outboxId }) => outboxId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('gives a row out again when whoever had it let the lease run out', async () => {
    await put(newId(), 'wake');
    await claimOutbox(relay, { limit: 1, leaseMs: -1 });
    expect(await claimOutbox(relay, LEASE)).toEqual([expect.objectContaining({ attempts: 2 })]);
  });

  it('keeps a row back for as long as it was told', async () => {
    await put(newId(), 'wake');
    const [row] = await claimOutbox(relay, LEASE);
    const outboxId = row?.outboxId ?? 0;
    await releaseOutbox(relay, outboxId, 60_000);
    expect(await claimOutbox(relay, LEASE)).toEqual([]);
    await releaseOutbox(relay, outboxId, -1);
    expect(await claimOutbox(relay, LEASE)).toHaveLength(1);
  });

  it('says of an enrolment that is gone that it is', async () => {
    await put(newId(), 'start');
    expect(await claimOutbox(relay, LEASE)).toEqual([
      expect.objectContaining({ version: null, customerId: null }),
    ]);
  });

  it('says how much waits and for how long', async () => {
    expect(await outboxBacklog(relay)).toEqual({ rows: 0, oldestMs: 0 });
    await put(newId(), 'wake');
    await world.sql(
      `update outbox set created_at = clock_timestamp() - interval '5 s' where workspace_id = $1`,
    );
    const { rows, oldestMs } = await outboxBacklog(relay);
    expect(rows).toBe(1);
    expect(oldestMs).toBeGreaterThanOrEqual(5_000);
  });
});
