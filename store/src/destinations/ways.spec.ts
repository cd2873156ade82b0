/** Messages that may take several ways, and receipts, against a real ledger. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inWorkspace, openPool } from '../shared/index.js';
import { MAIL_ONLY } from '../journeys/testing/definitions.js';
import { beginSending, reserveDelivery } from './deliveries.js';
import { recordReceipt, type Receipt } from './receipts.js';
import { settleDelivery } from './settle.js';
import { LedgerKit, type Sending } from './testing/ledger-kit.js';
import type { Ticket } from './types.js';
import { tryNextRoute } from './ways.js';

const STEP = { kind: 'message', channel: 'email', template: 'cart', next: 'end' } as const;
const TEXTS = { channel: 'sms', connection: 'texts', template: 'short' } as const;

describe('a message with more than one way', () => {
  let kit: LedgerKit;

  beforeAll(async () => {
    kit = await LedgerKit.open();
    const end = { kind: 'exit', reason: 'completed' } as const;
    const several = { ...STEP, connections: ['mail', 'mail-2'], fallback: TEXTS };
    await kit.world.journey({
      ...MAIL_ONLY,
      key: 'several',
      start: 'mail',
      steps: { mail: several, end },
    });
    const gone = { ...STEP, connections: ['nowhere', 'mail'] };
    await kit.world.journey({
      ...MAIL_ONLY,
      key: 'gone',
      start: 'mail',
      steps: { mail: gone, end },
    });
    const mail = { connector: 'smtp-email', settings: { host: 'localhost' } };
    await kit.define('connection', 'mail-2', mail);
    await kit.define('connection', 'texts', { connector: 'twilio-sms', settings: {} });
    await kit.define('template', 'short', { channel: 'sms', text: 'Hello' });
  });
  afterAll(() => kit.close());

  const reserve = (sending: Sending) =>
    reserveDelivery(kit.world.engine, sending.request, () => 'none');
  const failed = (code: string, deadAddress = false) =>
    ({ kind: 'failed', code, deadAddress }) as const;

  async function ready(sending: Sending): Promise<Ticket> {
    const reservation = await reserve(sending);
    if (reservation.kind !== 'ready') throw new TypeError(`not ready but ${reservation.kind}`);
    return reservation.ticket;
  }

  async function person(traits: Record<string, string>, on: readonly string[]): Promise<Sending> {
    const customerId = await kit.world.customer(traits);
    for (const channel of on) await kit.consentTo(customerId, 'granted', channel);
    return kit.atStep({ journey: 'several', customerId, consent: null });
  }

  const ADA = { email: 'ada@example.com', phone: '+491701234567' };

  it('is carried by the next connection after a definite failure of the first, and says so', async () => {
    const sending = await person(ADA, ['email', 'sms']);
    const first = await ready(sending);
    expect(first.connection.key).toBe('mail');
    expect(await beginSending(kit.world.engine, first)).toEqual({ kind: 'go' });
    expect(await tryNextRoute(kit.world.engine, first, failed('auth_invalid'))).toBe(true);
    const second = await ready(sending);
    expect(second).toMatchObject({ route: 1, channel: 'email', address: ADA.email });
    expect(second.connection.key).toBe('mail-2');
    await beginSending(kit.world.engine, second);
    await settleDelivery(kit.world.engine, second, { state: 'accepted', providerId: 'p-1' });
    expect(await kit.row(sending)).toMatchObject({
      state: 'accepted',
      connection_key: 'mail-2',
      route: 1,
      tried: [{ route: 0, connection: 'mail', channel: 'email', reason: 'auth_invalid' }],
    });
    expect(await reserve(sending)).toEqual({ kind: 'settled' });
  });

  it('is never carried by another once nobody knows whether the first has sent it', async () => {
    const sending = await person(ADA, ['email', 'sms']);
    const first = await ready(sending);
    await beginSending(kit.world.engine, first);
    // The process dies in the call; the next attempt finds the row as it was left.
    expect(await reserve(sending)).toEqual({ kind: 'settled' });
    expect(await kit.row(sending)).toMatchObject({
      state: 'unknown',
      connection_key: 'mail',
      route: 0,
    });
    expect(await tryNextRoute(kit.world.engine, first, failed('auth_invalid'))).toBe(false);
    expect(await kit.row(sending)).toMatchObject({ state: 'unknown', route: 0, tried: [] });
  });

  it('moves on once, whoever else would', async () => {
    const sending = await person(ADA, ['email', 'sms']);
    const first = await ready(sending);
    await beginSending(kit.world.engine, first);
    const moves = await Promise.all(
      [1, 2, 3].map(() => tryNextRoute(kit.world.engine, first, failed('endpoint_gone'))),
    );
    expect(moves.filter(Boolean)).toHaveLength(1);
    expect(await kit.row(sending)).toMatchObject({ state: 'reserved', route: 1 });
  });

  it('does not move on where an earlier attempt may have come through', async () => {
    const sending = await person(ADA, ['email', 'sms']);
    const first = await ready(sending);
    await beginSending(kit.world.engine, first);
    const uncertain = { ...first, uncertain: true };
    expect(await tryNextRoute(kit.world.engine, uncertain, failed('auth_invalid'))).toBe(false);
    expect(await kit.row(sending)).toMatchObject({ state: 'sending', route: 0 });
  });

  it('takes the other channel when the address is dead, and the bounce is told', async () => {
    const sending = await person(ADA, ['email', 'sms']);
    const first = await ready(sending);
    await beginSending(kit.world.engine, first);
    expect(await tryNextRoute(kit.world.engine, first, failed('hard_bounce', true))).toBe(true);
    const second = await ready(sending);
    expect(second).toMatchObject({ route: 2, channel: 'sms', address: ADA.phone });
    expect(await kit.events(sending)).toEqual([
      expect.objectContaining({
        name: 'Message Bounced',
        properties: expect.objectContaining({ channel: 'email', permanent: true }),
      }),
    ]);
  });

  it.each<[string, Record<string, string>, readonly string[], string]>([
    ['no address', { phone: ADA.phone }, ['email', 'sms'], 'no_address'],
    ['no consent', ADA, ['sms'], 'no_consent'],
  ])(
    'takes the other channel for a person with %s on the first',
    async (_name, traits, on, reason) => {
      const sending = await person(traits, on);
      const ticket = await ready(sending);
      expect(ticket).toMatchObject({ channel: 'sms', address: ADA.phone, route: 2 });
      expect(await kit.row(sending)).toMatchObject({
        connection_key: 'texts',
        channel: 'sms',
        tried: [{ route: 0, connection: 'mail', channel: 'email', reason }],
      });
    },
  );

  it('is skipped with the reason of the last way when none is open', async () => {
    const sending = await person({ email: ADA.email }, []);
    expect(await reserve(sending)).toEqual({ kind: 'settled' });
    expect(await kit.row(sending)).toMatchObject({
      state: 'skipped',
      reason: 'no_address',
      route: 2,
    });
  });

  it('goes past a connection that is not there', async () => {
    const sending = await kit.atStep({ journey: 'gone' });
    expect(await reserve(sending)).toEqual({ kind: 'moved' });
    expect((await ready(sending)).connection.key).toBe('mail');
  });

  describe('and its receipts', () => {
    let app: ReturnType<typeof openPool>;
    beforeAll(() => {
      app = openPool({ url: kit.world.url, role: 'tl_app', max: 2 });
    });
    afterAll(() => app.end());

    const record = (receipt: Partial<Receipt>) =>
      inWorkspace(app, kit.world.workspaceId, (client) =>
        recordReceipt(client, kit.world.workspaceId, {
          connectionKey: 'mail',
          kind: 'bounce',
          eventId: 'ev-1',
          ...receipt,
        }),
      );

    async function sent(providerId: string, email: string): Promise<Sending> {
      const sending = await person({ email }, ['email']);
      const ticket = await ready(sending);
      await beginSending(kit.world.engine, ticket);
      await settleDelivery(kit.world.engine, ticket, { state: 'accepted', providerId });
      return sending;
    }

    it('are told once, however often they come, and keep the worst word', async () => {
      const sending = await sent('m-1', 'bea@example.com');
      const bounce = { providerId: 'm-1', eventId: 'b', permanent: true, code: '550' };
      expect(await record(bounce)).toBe('recorded');
      expect(await record(bounce)).toBe('repeated');
      expect(await record({ kind: 'delivered', providerId: 'm-1', eventId: 'd' })).toBe('recorded');
      expect(await kit.row(sending)).toMatchObject({ state: 'accepted', receipt: 'bounced' });
      expect(await record({ kind: 'complaint', providerId: 'm-1', eventId: 'c' })).toBe('recorded');
      expect(await kit.row(sending)).toMatchObject({ receipt: 'complained' });
      const told = (await kit.events(sending)).map(({ name }) => name);
      expect(told).toEqual([
        'Message Sent',
        'Message Bounced',
        'Message Delivered',
        'Message Complained',
      ]);
    });

    it('find the message by its address, and name it by its hash only', async () => {
      const sending = await sent('m-2', 'cleo@example.com');
      const by = { address: ' Cleo@Example.com ', eventId: 'by-address', permanent: true };
      expect(await record(by)).toBe('recorded');
      const [, bounced] = await kit.events(sending);
      expect(bounced?.properties).toMatchObject({
        permanent: true,
        addressHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(JSON.stringify(bounced)).not.toContain('cleo');
    });

    it('mean nothing by an id, an address or a connection that is not ours', async () => {
      await sent('m-3', 'dora@example.com');
      expect(await record({ providerId: 'm-9' })).toBe('unknown');
      expect(await record({ address: 'nobody@example.com' })).toBe('unknown');
      expect(await record({ providerId: 'm-3', connectionKey: 'mail-2' })).toBe('unknown');
      // Not even the address helps a report that names another message.
      expect(await record({ providerId: 'm-9', address: 'dora@example.com' })).toBe('unknown');
    });
  });
});
