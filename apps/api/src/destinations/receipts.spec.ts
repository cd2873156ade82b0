/** The doors of receipts, over a socket: who may report, and what becomes of a report. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openBench, type Bench } from '../testing/bench.js';
import { seedCustomer } from '../testing/seed.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const TOKEN = 'token-token-token';

describe('receipts', () => {
  let bench: Bench;
  let mails: string;
  let texts: string;

  beforeAll(async () => {
    bench = await openBench();
    const settings = { host: 'mail.example', from: 'a@b.example', receiptSecret: SECRET };
    await connection(bench.shop.all, 'mail', { connector: 'smtp-email', settings });
    const rivals = { ...settings, receiptSecret: OTHER };
    await connection(bench.rival.all, 'mail', { connector: 'smtp-email', settings: rivals });
    const from = '+15005550006';
    const twilio = { accountSid: `AC${'0'.repeat(32)}`, authToken: TOKEN, from };
    await connection(bench.shop.all, 'texts', { connector: 'twilio-sms', settings: twilio });
    const mail = await seedCustomer(bench.sql, bench.shop.id);
    await bench.sql.query(
      `insert into delivery (workspace_id, delivery_key, enrolment_id, journey_key, version, step_id, visit, subject_id, connection_key,
                             connector_key, action, channel, state, expires_at)
       select workspace_id, $3, enrolment_id, journey_key, version, 'text', 1, subject_id, 'texts', 'twilio-sms', 'send', 'sms', 'accepted', expires_at
         from delivery where workspace_id = $1 and delivery_key = $2`,
      [bench.shop.id, mail.deliveryKey, `${mail.enrolment}:text:1`],
    );
    await accepted(mail.deliveryKey, 'smtp-1');
    await accepted(`${mail.enrolment}:text:1`, 'SM1');
    mails = `/v1/receipts/${bench.shop.id}.mail`;
    texts = `/v1/receipts/${bench.shop.id}.texts/twilio`;
  });
  afterAll(() => bench.close());

  async function connection(key: string, name: string, body: object): Promise<void> {
    const put = { body: { name, ...body } };
    const { status } = await bench.call(key, 'PUT', `/api/v1/connections/${name}`, put);
    expect(status).toBe(201);
  }

  async function accepted(deliveryKey: string, providerId: string): Promise<void> {
    await bench.sql.query(
      `update delivery set state = 'accepted', provider_id = $3 where workspace_id = $1 and delivery_key = $2`,
      [bench.shop.id, deliveryKey, providerId],
    );
  }

  async function post(path: string, body: string, headers: Record<string, string>) {
    const response = await fetch(bench.url + path, { method: 'POST', body, headers });
    const answer: unknown = await response.json();
    return { status: response.status, body: answer };
  }

  function signed(body: string, { id = 'ev-1', secret = SECRET, ageSeconds = 0 } = {}) {
    const time = Math.floor(Date.now() / 1_000) - ageSeconds;
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const made = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
    return {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(time),
      'webhook-signature': `v1,${made}`,
    };
  }

  function twilioSigned(fields: Record<string, string>, token = TOKEN, path = texts) {
    const sorted = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
    const text = sorted.reduce(
      (all, [name, value]) => all + name + value,
      `${bench.config.publicUrl}${path}`,
    );
    return {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': createHmac('sha1', token).update(text).digest('base64'),
    };
  }

  const told = async (name: string): Promise<number> => {
    const { rows } = await bench.sql.query(
      `select from event_log where workspace_id = $1 and kind = 'internal' and body like '%' || $2 || '%'`,
      [bench.shop.id, name],
    );
    return rows.length;
  };

  const BOUNCE = JSON.stringify({ type: 'bounce', providerId: 'smtp-1', permanent: true });

  it('of a mail are taken once, however often they come', async () => {
    const once = await post(mails, BOUNCE, signed(BOUNCE));
    expect(once).toEqual({ status: 200, body: { verdict: 'recorded' } });
    const again = await post(mails, BOUNCE, signed(BOUNCE));
    expect(again).toEqual({ status: 200, body: { verdict: 'repeated' } });
    expect(await told('Message Bounced')).toBe(1);
  });

  it('about messages that are none of ours are taken and counted', async () => {
    const other = JSON.stringify({ type: 'delivered', providerId: 'from-somebody-else' });
    expect(await post(mails, other, signed(other, { id: 'ev-2' }))).toEqual({
      status: 202,
      body: { verdict: 'unknown' },
    });
    const metrics = await (await fetch(`${bench.url}/metrics`)).text();
    expect(metrics).toContain('throughline_receipts_total{verdict="unknown"} 1');
    expect(metrics).toContain('throughline_receipts_total{verdict="repeated"} 1');
  });

  it.each<[string, () => [string, Record<string, string>]]>([
    ['forged', () => [BOUNCE, signed(BOUNCE, { id: 'ev-3', secret: OTHER })]],
    ['changed on the way', () => [`${BOUNCE} `, signed(BOUNCE, { id: 'ev-3' })]],
    ['sent again after some time', () => [BOUNCE, signed(BOUNCE, { id: 'ev-3', ageSeconds: 301 })]],
    ['not signed', () => [BOUNCE, { 'content-type': 'application/json' }]],
  ])('that are %s are refused and change nothing', async (_name, made) => {
    const before = await told('Message Bounced');
    const [body, headers] = made();
    expect((await post(mails, body, headers)).status).toBe(401);
    expect(await told('Message Bounced')).toBe(before);
  });

  it('of one workspace do nothing by the secret of another, nor to its messages', async () => {
    const rivals = `/v1/receipts/${bench.rival.id}.mail`;
    expect((await post(rivals, BOUNCE, signed(BOUNCE, { id: 'ev-4' }))).status).toBe(401);
    const own = signed(BOUNCE, { id: 'ev-4', secret: OTHER });
    expect(await post(rivals, BOUNCE, own)).toEqual({ status: 202, body: { verdict: 'unknown' } });
  });

  it.each([
    ['a connection that is not there', 'nothing'],
    ['a connection without a receipt secret', 'texts'],
    ['no connection at all', ''],
  ])('for %s lead nowhere', async (_name, key) => {
    const path = `/v1/receipts/${bench.shop.id}.${key}`;
    expect((await post(path, BOUNCE, signed(BOUNCE))).status).toBe(404);
    expect((await post('/v1/receipts/nobody.mail', BOUNCE, signed(BOUNCE))).status).toBe(404);
  });

  it.each(['nothing', '[]', '{"type":"bounce"}', '{"type":"opened","providerId":"x"}'])(
    'that say %s are refused',
    async (body) => {
      expect((await post(mails, body, signed(body, { id: 'ev-5' }))).status).toBe(400);
    },
  );

  it('of Twilio are taken by its own signature', async () => {
    const fields = { MessageSid: 'SM1', MessageStatus: 'undelivered', ErrorCode: '30006' };
    const body = new URLSearchParams(fields).toString();
    const before = await told('Message Bounced');
    expect(await post(texts, body, twilioSigned(fields))).toEqual({
      status: 200,
      body: { verdict: 'recorded' },
    });
    expect((await post(texts, body, twilioSigned(fields))).body).toEqual({ verdict: 'repeated' });
    expect(await told('Message Bounced')).toBe(before + 1);
  });

  it('of Twilio that are forged, changed or made for another address are refused', async () => {
    const fields = { MessageSid: 'SM1', MessageStatus: 'delivered' };
    const body = new URLSearchParams(fields).toString();
    const none = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const headers of [
      twilioSigned(fields, 'another-token-here'),
      twilioSigned({ ...fields, MessageSid: 'SM2' }),
      twilioSigned(fields, TOKEN, '/elsewhere'),
      none,
    ]) {
      expect((await post(texts, body, headers)).status).toBe(401);
    }
  });

  it('of Twilio on the way of a message are taken and not kept', async () => {
    const fields = { MessageSid: 'SM1', MessageStatus: 'sent' };
    const body = new URLSearchParams(fields).toString();
    expect(await post(texts, body, twilioSigned(fields))).toEqual({
      status: 202,
      body: { verdict: 'ignored' },
    });
  });
});
