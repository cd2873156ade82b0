/** Frequency caps against a real ledger: counted under the customer's lock, so that nothing slips through between two. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CapRule } from '@throughline/domain/destinations';
import { MAIL, MAIL_ONLY } from '../journeys/testing/definitions.js';
import { HOUR, type JourneyWorld } from '../journeys/testing/journey-world.js';
import { newId } from '../shared/index.js';
import { beginSending } from './deliveries.js';
import { settleDelivery } from './settle.js';
import { LedgerKit, type Sending } from './testing/ledger-kit.js';

const TWO_A_DAY: CapRule = { channel: 'email', per: 'P1D', max: 2 };

describe('frequency caps', () => {
  let kit: LedgerKit;
  let world: JourneyWorld;
  let customerId: string;

  beforeAll(async () => {
    kit = await LedgerKit.open();
    world = kit.world;
    const mails = {
      cart: { class: 'cart' },
      exempt: { class: 'transactional' },
      patient: { onCapped: 'wait' },
    };
    for (const [key, over] of Object.entries(mails)) {
      const steps = { ...(MAIL_ONLY['steps'] as object), mail: { ...MAIL, ...over } };
      await world.journey({ ...MAIL_ONLY, key, steps, messageExpiry: 'P2D' });
    }
  });

  beforeEach(async () => {
    await kit.letGo();
    await caps([TWO_A_DAY]);
    customerId = await world.customer({ email: `${newId()}@example.com` });
  });

  afterAll(() => kit.close());

  const caps = (rules: readonly CapRule[]) =>
    world.sql(
      `insert into workspace_caps (workspace_id, rules) values ($1, $2)
       on conflict (workspace_id) do update set rules = excluded.rules`,
      JSON.stringify(rules),
    );
  const mailOf = (journey = 'mail-only') => kit.atStep({ journey, customerId });

  async function send(journey?: string): Promise<Sending> {
    const sending = await mailOf(journey);
    const ticket = await kit.ticketFor(sending);
    await beginSending(world.engine, ticket);
    await settleDelivery(world.engine, ticket, { state: 'accepted' });
    return sending;
  }

  async function expectCapped(sending: Sending): Promise<void> {
    expect(await kit.reserve(sending)).toEqual({ kind: 'settled' });
    expect(await kit.row(sending)).toMatchObject({ state: 'skipped', reason: 'capped' });
  }

  it('are kept to the message by reservations at the same time', async () => {
    const sendings: Sending[] = [];
    for (let count = 0; count < 6; count += 1) sendings.push(await mailOf());
    const answers = await Promise.all(sendings.map((sending) => kit.reserve(sending)));
    expect(answers.filter(({ kind }) => kind === 'ready')).toHaveLength(2);
    const rows = await Promise.all(sendings.map((sending) => kit.row(sending)));
    const capped = rows.filter((row) => row?.['reason'] === 'capped');
    expect(capped).toHaveLength(4);
  });

  it('count what went out, and nobody else’s', async () => {
    await send();
    await send('cart');
    await expectCapped(await mailOf());
    const other = await kit.atStep();
    expect(await kit.reserve(other)).toMatchObject({ kind: 'ready' });
  });

  it('write down what a message counts as', async () => {
    expect(await kit.row(await send('cart'))).toMatchObject({ class: 'cart' });
    expect(await kit.row(await send())).toMatchObject({ class: 'marketing' });
  });

  it('forget what has left the window', async () => {
    await send();
    const old = await send();
    await expectCapped(await mailOf());
    await world.sql(
      `update delivery set reserved_at = reserved_at - interval '1 day', sending_at = sending_at - interval '1 day',
              settled_at = settled_at - interval '1 day' where workspace_id = $1 and delivery_key = $2`,
      old.request.key,
    );
    expect(await kit.reserve(await mailOf())).toMatchObject({ kind: 'ready' });
  });

  it('count neither what failed nor what is kept back', async () => {
    await send();
    const failing = await mailOf();
    const ticket = await kit.ticketFor(failing);
    await settleDelivery(world.engine, ticket, { state: 'failed', code: 'gone' });
    const stopped = await mailOf('cart');
    await world.sql(
      `insert into sending_stop (workspace_id, scope, target, stopped_by) values ($1, 'journey', 'cart', 'ops')`,
    );
    expect(await kit.reserve(stopped)).toMatchObject({ kind: 'blocked' });
    expect(await kit.reserve(await mailOf())).toMatchObject({ kind: 'ready' });
  });

  it('keep the slot of the cart mail from newsletters that come first', async () => {
    await caps([{ ...TWO_A_DAY, slots: { cart: 1 } }]);
    await send();
    await expectCapped(await mailOf());
    expect(await kit.reserve(await mailOf('cart'))).toMatchObject({ kind: 'ready' });
    await expectCapped(await mailOf('cart'));
  });

  it('are nothing to transactional mail, which takes no place either', async () => {
    await caps([{ ...TWO_A_DAY, max: 1 }]);
    await send('exempt');
    await send('exempt');
    await send();
    expect(await kit.reserve(await mailOf('exempt'))).toMatchObject({ kind: 'ready' });
  });

  it('are asked again just before the call, when the document has changed', async () => {
    await send();
    const late = await mailOf();
    const ticket = await kit.ticketFor(late);
    await caps([{ ...TWO_A_DAY, max: 1 }]);
    expect(await beginSending(world.engine, ticket)).toEqual({ kind: 'settled' });
    expect(await kit.row(late)).toMatchObject({ state: 'skipped', reason: 'capped' });
  });

  it('do not count a message against itself', async () => {
    await caps([{ ...TWO_A_DAY, max: 1 }]);
    const sending = await mailOf();
    const ticket = await kit.ticketFor(sending);
    expect(await beginSending(world.engine, ticket)).toEqual({ kind: 'go' });
  });

  it('let a message wait for room, and its run with it', async () => {
    await caps([{ ...TWO_A_DAY, max: 1 }]);
    const first = await send();
    const patient = await mailOf('patient');
    expect(await kit.reserve(patient)).toEqual({ kind: 'blocked', by: 'capped' });
    const [sent, kept] = [await kit.row(first), await kit.row(patient)];
    const until = Number(sent?.['sending_at']) + 24 * HOUR;
    expect(kept).toMatchObject({ state: 'reserved', blocked_by: 'capped' });
    expect(Math.abs(Number(kept?.['blocked_until']) - until)).toBeLessThanOrEqual(1);
    const command = await world.step(patient.run, patient.request.seq + 1);
    expect(command).toMatchObject({ kind: 'wait', state: 'blocked', seq: patient.request.seq });
    expect(command).toMatchObject({ until: kept?.['blocked_until'] });
    await caps([]);
    expect(await kit.reserve(patient)).toMatchObject({ kind: 'ready' });
  });

  it('skip a message that room would come too late for', async () => {
    await caps([{ ...TWO_A_DAY, per: 'P7D', max: 1 }]);
    await send();
    await expectCapped(await mailOf('patient'));
  });
});
