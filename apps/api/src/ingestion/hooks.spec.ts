import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UNMAPPED } from '@throughline/domain/ingestion';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { signatureFault } from './hook-signature.js';
import { HookSettingsSchema } from './hook.schema.js';

const SECRET = 'a secret that is long enough';
const MAPPING = {
  key: 'bookings',
  target: 'events',
  each: 'bookings',
  fields: [
    { to: 'user_id', from: { path: 'guest' } },
    { to: 'event_name', from: { constant: 'Table Booked' } },
  ],
};

describe('a webhook source', () => {
  let bench: Bench;
  let generic: string;
  let shopify: string;

  beforeAll(async () => {
    bench = await openBench();
    await manage('PUT', 'mappings/bookings', MAPPING);
    expect((await manage('POST', 'mappings/bookings/publish')).status).toBe(200);
    generic = await hook('tables', {
      scheme: 'hmac',
      mapping: 'bookings',
      header: 'X-Signature',
      prefix: 'sha256=',
      timestampHeader: 'X-Time',
      idHeader: 'X-Id',
      secret: SECRET,
    });
    shopify = await hook('shop', { scheme: 'shopify', secret: SECRET });
  });
  afterAll(() => bench.close());

  const manage = (method: string, path: string, body?: unknown) =>
    bench.call(bench.shop.all, method, `/api/v1/${path}`, body === undefined ? {} : { body });

  async function hook(source: string, settings: object): Promise<string> {
    await manage('PUT', `sources/${source}`, { name: source });
    const made = await manage('PUT', `sources/${source}/hook`, settings);
    expect(made.status).toBe(200);
    return new URL(textAt(made.body, 'url')).pathname;
  }

  async function post(path: string, body: string, headers: Record<string, string>) {
    const response = await fetch(bench.url + path, { method: 'POST', body, headers });
    const answer: unknown = await response.json();
    return { status: response.status, body: answer };
  }

  const signed = (body: string, time = Math.floor(Date.now() / 1_000), id = 'call-1') => ({
    'x-time': String(time),
    'x-id': id,
    'x-signature': `sha256=${createHmac('sha256', SECRET).update(`${time}.${body}`).digest('hex')}`,
  });
  const logged = async (source: string): Promise<unknown[]> => {
    const { rows } = await bench.sql.query<{ body: string }>(
      `select body from event_log where source_key = $1 and kind = 'http' order by position`,
      [source],
    );
    return rows.flatMap(({ body }) => listAt(JSON.parse(body), 'batch'));
  };

  it('takes what is signed, each element of the payload an event', async () => {
    const body = '{"bookings":[{"guest":"u-1"},{"guest":"u-2"}]}';
    const sent = await post(generic, body, signed(body));
    expect(sent).toEqual({ status: 200, body: { success: true, events: 2, rejected: 0 } });
    const events = await logged('tables');
    expect(events).toMatchObject([
      { type: 'track', event: 'Table Booked', userId: 'u-1' },
      { type: 'track', event: 'Table Booked', userId: 'u-2' },
    ]);
    const ids = (list: readonly unknown[]): unknown[] => list.map((one) => at(one, 'messageId'));
    await post(generic, body, signed(body));
    const again = await logged('tables');
    expect(ids(again.slice(2))).toEqual(ids(events));
    expect(new Set(ids(events)).size).toBe(2);
  });

  it('refuses what is not signed, signed for other bytes, or old', async () => {
    const body = '{"bookings":[{"guest":"x"}]}';
    const before = (await logged('tables')).length;
    const { 'x-time': time, 'x-id': id } = signed(body);
    expect((await post(generic, body, { 'x-time': time, 'x-id': id })).status).toBe(401);
    expect((await post(generic, `${body} `, signed(body))).status).toBe(401);
    expect((await post(generic, body, signed(body, 1_700_000_000))).status).toBe(401);
    expect((await post('/v1/hooks/nobody', body, signed(body))).status).toBe(404);
    const stranger = '/v1/hooks/0199a3c5-0000-4000-8000-000000000000';
    expect((await post(stranger, body, signed(body))).status).toBe(404);
    expect((await post(generic, 'no json', signed('no json'))).status).toBe(400);
    expect((await logged('tables')).length).toBe(before);
  });

  it('keeps what the mapping rejects, and maps it again when the mapping is mended', async () => {
    const payload = { bookings: [{ guest: 'u-3' }, { visitor: 'u-4' }] };
    const body = JSON.stringify(payload);
    const sent = await post(generic, body, signed(body, undefined, 'call-2'));
    expect(sent.body).toEqual({ success: true, events: 1, rejected: 1 });
    const kept = (await logged('tables')).at(-1);
    expect(kept).toMatchObject({ type: UNMAPPED, rowId: 'call-2', payload });
    const { rows } = await bench.sql.query<{ id: string }>(
      `insert into quarantine (workspace_id, quarantine_id, position, ordinal, source_key, endpoint, code, detail, body, received_at)
       values ($1, gen_random_uuid(), 1, 0, 'tables', 'batch', 'mapping_rejected', 'x', $2, now()) returning quarantine_id as id`,
      [bench.shop.id, JSON.stringify(kept)],
    );
    const replay = `quarantine/${rows[0]?.id ?? ''}/replay`;
    expect((await manage('POST', replay)).status).toBe(409);
    const mended = { to: 'user_id', from: { path: 'visitor' } };
    const fields = [{ ...mended, level: 'omit' }, MAPPING.fields[1]];
    const byGuest = { to: 'crm_id', from: { path: 'guest' }, level: 'omit' };
    await manage('PUT', 'mappings/bookings', { ...MAPPING, fields: [...fields, byGuest] });
    expect((await manage('POST', 'mappings/bookings/publish')).status).toBe(200);
    expect((await manage('POST', replay)).status).toBe(200);
    expect((await logged('tables')).at(-1)).toMatchObject({ event: 'Table Booked', userId: 'u-4' });
  });

  it("speaks Shopify's own way of signing, and takes topics of no interest politely", async () => {
    const order = JSON.stringify({
      id: 450789469,
      email: 'bob@example.com',
      created_at: '2026-01-10T11:00:00-05:00',
      currency: 'EUR',
      total_price: '89.90',
      customer: { id: 207119551, email: 'bob@example.com' },
      line_items: [
        { product_id: 632910392, sku: 'SHOE-1', title: 'Shoe', quantity: 1, price: '89.90' },
      ],
    });
    const headers = (body: string, topic: string): Record<string, string> => ({
      'x-shopify-topic': topic,
      'x-shopify-webhook-id': 'w-1',
      'x-shopify-hmac-sha256': createHmac('sha256', SECRET).update(body).digest('base64'),
    });
    const sent = await post(shopify, order, headers(order, 'orders/create'));
    expect(sent.body).toMatchObject({ success: true, rejected: 0 });
    expect(await logged('shop')).toEqual(
      expect.arrayContaining([expect.objectContaining({ event: 'Order Completed' })]),
    );
    const other = await post(shopify, '{}', headers('{}', 'themes/publish'));
    expect(other).toEqual({ status: 200, body: { success: true, events: 0, rejected: 0 } });
    const forged = { ...headers(order, 'orders/create'), 'x-shopify-hmac-sha256': 'AAAA' };
    expect((await post(shopify, order, forged)).status).toBe(401);
  });

  it('shows its address and settings, never its secret, and keeps both when the settings change', async () => {
    const before = await manage('GET', 'sources/tables/hook');
    expect(before.text).not.toContain(SECRET);
    const changed = { scheme: 'hmac', mapping: 'bookings', header: 'X-Other' };
    const after = await manage('PUT', 'sources/tables/hook', changed);
    expect(textAt(after.body, 'url')).toBe(textAt(before.body, 'url'));
    const body = '{"bookings":[{"visitor":"u-9"}]}';
    const signature = createHmac('sha256', SECRET).update(body).digest('hex');
    expect((await post(generic, body, { 'x-other': signature })).status).toBe(200);
    await manage('PUT', 'sources/bare', { name: 'bare' });
    expect((await manage('PUT', 'sources/bare/hook', { scheme: 'shopify' })).status).toBe(422);
    expect(
      (await manage('PUT', 'sources/none/hook', { scheme: 'shopify', secret: SECRET })).status,
    ).toBe(404);
    expect((await manage('GET', 'sources/bare/hook')).status).toBe(404);
  });

  it('that is paused stores nothing', async () => {
    await bench.sql.query(`update source set state = 'paused' where source_key = 'shop'`);
    expect((await post(shopify, '{}', {})).status).toBe(409);
  });
});

describe('a signature', () => {
  const settings = HookSettingsSchema.parse({
    scheme: 'hmac',
    mapping: 'm',
    header: 'x-sig',
    algorithm: 'sha512',
    encoding: 'base64',
  });
  const body = Buffer.from([0, 255, 1]);
  const made = createHmac('sha512', SECRET).update(body).digest('base64');
  const fault = (signature: string | undefined) =>
    signatureFault(settings, SECRET, { headers: { 'x-sig': signature }, body, now: 0 });

  it('is over the bytes as they came', () => {
    expect(fault(made)).toBeNull();
    expect(fault(made.slice(4))).toBe('signature_wrong');
    expect(fault(made.toLowerCase())).toBe('signature_wrong');
    expect(fault('')).toBe('signature_missing');
    expect(fault(undefined)).toBe('signature_missing');
  });
});
