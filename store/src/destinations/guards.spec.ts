import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { hashRef } from '../ingestion/index.js';
import { HOUR, type JourneyWorld } from '../journeys/testing/journey-world.js';
import { beginSending } from './deliveries.js';
import { addressHash } from './hashes.js';
import { LedgerKit, type Sending } from './testing/ledger-kit.js';

describe('the guards of a reservation', () => {
  let kit: LedgerKit;
  let world: JourneyWorld;

  beforeAll(async () => {
    kit = await LedgerKit.open();
    world = kit.world;
  });

  beforeEach(() => kit.letGo());

  afterAll(() => kit.close());

  it.each<[string, (sending: Sending) => Promise<unknown>, string]>([
    [
      'consent was never given',
      (s) =>
        world.sql(
          'delete from consent where workspace_id = $1 and customer_id = $2',
          s.run.customerId,
        ),
      'no_consent',
    ],
    ['consent was denied', (s) => kit.consentTo(s.run.customerId, 'denied'), 'no_consent'],
    ['consent was revoked', (s) => kit.consentTo(s.run.customerId, 'revoked'), 'consent_revoked'],
    ['a revocation by e-mail is on its way', (s) => revoke(s, 'email'), 'consent_revoked'],
    ['a revocation by customer is on its way', (s) => revoke(s, 'customer'), 'consent_revoked'],
    ['the address is suppressed', suppress, 'suppressed'],
    [
      'the person met an exit',
      (s) => world.requestExit(s.run.enrolmentId, { reason: 'x' }),
      'exited',
    ],
    [
      'an operator asked to end the run',
      (s) => world.ask(s.run.enrolmentId, 'forceExit'),
      'exited',
    ],
    [
      'the journey was stopped',
      () => world.journeyState('mail-only', 'stopped'),
      'journey_stopped',
    ],
    [
      'there is no address',
      (s) =>
        world.sql(
          `update customer set traits = '{}' where workspace_id = $1 and customer_id = $2`,
          s.run.customerId,
        ),
      'no_address',
    ],
  ])('skip when %s, before the reservation and after it', async (_name, change, reason) => {
    const early = await kit.atStep();
    await change(early);
    expect(await kit.reserve(early)).toEqual({ kind: 'settled' });
    expect(await kit.row(early)).toMatchObject({ state: 'skipped', reason });
    await world.journeyState('mail-only', 'live');
    const late = await kit.atStep();
    const ticket = await kit.ticketFor(late);
    await change(late);
    if (reason === 'no_address') return;
    expect(await beginSending(world.engine, ticket)).toEqual({ kind: 'settled' });
    expect(await kit.row(late)).toMatchObject({ state: 'skipped', reason });
  });

  async function revoke({ run }: Sending, by: 'email' | 'customer'): Promise<void> {
    const value = by === 'customer' ? run.customerId : `${run.customerId}@example.com`;
    if (by === 'email') {
      await world.sql(
        `insert into identifier (workspace_id, type, value, customer_id, origin_id, first_seen_at) values ($1, 'email', $2, $3, $3, now())`,
        value,
        run.customerId,
      );
    }
    await world.sql(
      `insert into revocation_pending (workspace_id, position, identifier_hash, purpose, channel) values ($1, 1, $2, '*', 'email')`,
      hashRef(by, value),
    );
  }

  async function suppress({ run }: Sending): Promise<void> {
    const rows = await world.sql<{ email: string }>(
      `select traits -> 'email' ->> 'v' as email from customer where workspace_id = $1 and customer_id = $2`,
      run.customerId,
    );
    await world.sql(
      `insert into suppression (workspace_id, channel, address_hash, reason, at) values ($1, 'email', $2, 'hard_bounce', now())`,
      addressHash('email', (rows[0]?.email ?? '').toUpperCase()),
    );
  }

  it('let a message for every channel of the purpose through', async () => {
    const sending = await kit.atStep({ consent: null });
    await kit.consentTo(sending.run.customerId, 'granted', '*');
    expect(await kit.reserve(sending)).toMatchObject({ kind: 'ready' });
  });

  it('say that a message has come too late', async () => {
    const sending = await kit.atStep({ ageMs: 7 * HOUR });
    expect(await kit.reserve(sending)).toEqual({ kind: 'settled' });
    expect(await kit.row(sending)).toMatchObject({ state: 'skipped', reason: 'expired' });
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['the workspace is stopped', () => stop('workspace', ''), 'stopped_workspace'],
    ['the journey is stopped from sending', () => stop('journey', 'mail-only'), 'stopped_journey'],
    ['the connection is stopped', () => stop('connection', 'mail'), 'stopped_connection'],
    ['the journey is paused', () => world.journeyState('mail-only', 'paused'), 'paused'],
  ])('block while %s, and let go afterwards', async (_name, change, by) => {
    const early = await kit.atStep();
    const late = await kit.atStep();
    const ticket = await kit.ticketFor(late);
    await change();
    expect(await kit.reserve(early)).toEqual({ kind: 'blocked', by });
    expect(await kit.row(early)).toMatchObject({ state: 'reserved', blocked_by: by });
    expect(await beginSending(world.engine, ticket)).toEqual({ kind: 'blocked', by });
    expect(await kit.row(late)).toMatchObject({ state: 'reserved', blocked_by: by });
    await world.sql('delete from sending_stop where workspace_id = $1');
    await world.journeyState('mail-only', 'live');
    expect(await kit.reserve(early)).toMatchObject({ kind: 'ready' });
    expect(await kit.row(early)).toMatchObject({ state: 'reserved', blocked_by: null });
  });

  it('leave other journeys and connections alone when one is stopped', async () => {
    await stop('journey', 'another');
    await stop('connection', 'another');
    expect(await kit.reserve(await kit.atStep())).toMatchObject({ kind: 'ready' });
  });

  async function stop(scope: string, target: string): Promise<void> {
    await world.sql(
      `insert into sending_stop (workspace_id, scope, target, stopped_by) values ($1, $2, $3, 'ops')`,
      scope,
      target,
    );
  }

  it('wait while the lane is far behind, for a revocation may be in what it has not read', async () => {
    const sending = await kit.atStep();
    await world.sql('update lane_append set position = position + 1 where workspace_id = $1');
    await world.sql(`update lane set clock = now() - interval '31 s' where workspace_id = $1`);
    expect(await kit.reserve(sending)).toEqual({ kind: 'blocked', by: 'lane_behind' });
    await world.moveLane(Date.now());
    await world.sql(
      'update lane l set position = a.position from lane_append a where l.workspace_id = $1 and a.workspace_id = $1',
    );
    expect(await kit.reserve(sending)).toMatchObject({ kind: 'ready' });
  });

  it('need no address for a call to a system', async () => {
    const sending = await kit.atStep({ journey: 'hook' });
    expect(await kit.ticketFor(sending)).toMatchObject({
      channel: null,
      content: { kind: 'input', input: { event: 'cart.abandoned', body: { cart: 'c1' } } },
    });
  });
});
