import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MAIL, MAIL_ONLY } from '../journeys/testing/definitions.js';
import { HOUR, MINUTE, type JourneyWorld } from '../journeys/testing/journey-world.js';
import { newId } from '../shared/index.js';
import { beginSending } from './deliveries.js';
import { LedgerKit, type Sending } from './testing/ledger-kit.js';

/** Six hours around now, in UTC; ten hours away it is another time of day. */
const now = Date.now();
const time = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
const quietHours = { from: time(now - 3 * HOUR), to: time(now + 3 * HOUR) };
const EDGE = Math.floor((now + 3 * HOUR) / MINUTE) * MINUTE;
const AWAY = 'Etc/GMT+10';

describe('quiet hours', () => {
  let kit: LedgerKit;
  let world: JourneyWorld;

  beforeAll(async () => {
    kit = await LedgerKit.open();
    world = kit.world;
    const exempt = { ...(MAIL_ONLY['steps'] as object), mail: { ...MAIL, class: 'transactional' } };
    await world.journey({ ...MAIL_ONLY, key: 'quiet', quietHours, messageExpiry: 'PT1H' });
    await world.journey({ ...MAIL_ONLY, key: 'exempt', quietHours, steps: exempt });
  });

  afterAll(() => kit.close());

  async function person(timezone: string): Promise<string> {
    return world.customer({ email: `${newId()}@example.com`, timezone });
  }

  const moveTo = (customerId: string, timezone: string) =>
    world.sql(
      `update customer set traits = jsonb_set(traits, '{timezone,v}', to_jsonb($3::text)) where workspace_id = $1 and customer_id = $2`,
      customerId,
      timezone,
    );
  const quiet = async (journey = 'quiet'): Promise<Sending> =>
    kit.atStep({ journey, customerId: await person('UTC') });

  it('keep a message, and say until when', async () => {
    const sending = await quiet();
    expect(await kit.reserve(sending)).toEqual({ kind: 'blocked', by: 'quiet_hours' });
    expect(await kit.row(sending)).toMatchObject({
      state: 'reserved',
      blocked_by: 'quiet_hours',
      blocked_until: EDGE,
    });
  });

  it('do not use up the time in which the message is worth something', async () => {
    const { request, run } = await quiet();
    const command = await world.step(run, request.seq);
    expect(command).toMatchObject({ kind: 'deliver', expiresAt: EDGE + HOUR });
  });

  it('send the run to sleep until their end, and a little, each by its own hash', async () => {
    const sending = await quiet();
    await kit.reserve(sending);
    const command = await world.step(sending.run, sending.request.seq + 1);
    expect(command).toMatchObject({
      kind: 'wait',
      seq: sending.request.seq,
      state: 'blocked',
      until: EDGE,
      summary: 'e-mail · cart → mail: quiet hours',
    });
    if (command.kind !== 'wait') return;
    expect(command.spreadMs).toBeGreaterThanOrEqual(0);
    expect(command.spreadMs).toBeLessThanOrEqual(MINUTE);
    expect(await world.step(sending.run, sending.request.seq + 1)).toEqual(command);
  });

  it('are those of the person’s own clock', async () => {
    const sending = await kit.atStep({ journey: 'quiet', customerId: await person(AWAY) });
    expect(await kit.reserve(sending)).toMatchObject({ kind: 'ready' });
  });

  it('end at once for a person who moves', async () => {
    const sending = await quiet();
    await kit.reserve(sending);
    await moveTo(sending.run.customerId, AWAY);
    const command = await world.step(sending.run, sending.request.seq + 1);
    expect(command).toMatchObject({ kind: 'deliver', seq: sending.request.seq });
    expect(await kit.reserve(sending)).toMatchObject({ kind: 'ready' });
  });

  it('stop a message that is about to leave', async () => {
    const sending = await kit.atStep({ journey: 'quiet', customerId: await person(AWAY) });
    const ticket = await kit.ticketFor(sending);
    await moveTo(sending.run.customerId, 'UTC');
    // Counted from the beginning of the step it would be over before the morning.
    expect(await beginSending(world.engine, ticket)).toEqual({ kind: 'settled' });
    expect(await kit.row(sending)).toMatchObject({ state: 'skipped', reason: 'expired' });
  });

  it('are no matter to transactional messages', async () => {
    expect(await kit.reserve(await quiet('exempt'))).toMatchObject({ kind: 'ready' });
  });

  it('are left by an exit', async () => {
    const sending = await quiet();
    await kit.reserve(sending);
    await world.requestExit(sending.run.enrolmentId, { reason: 'bought' });
    const command = await world.step(sending.run, sending.request.seq + 1);
    expect(command).toMatchObject({ kind: 'end', outcome: 'exited:bought' });
    expect(await kit.row(sending)).toMatchObject({ state: 'skipped', reason: 'exited' });
  });
});
