import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, openBench, type Bench } from '../testing/bench.js';

describe('pools of codes', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const put = (key: string, body: unknown) =>
    bench.call(bench.shop.all, 'PUT', `/api/v1/coupons/${key}`, { body });

  async function upload(
    key: string,
    text: string,
    type = 'text/csv',
  ): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${bench.url}/api/v1/coupons/${key}/codes`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bench.shop.all}`, 'content-type': type },
      body: text,
    });
    const body: unknown = await response.json();
    return { status: response.status, body };
  }

  it('are made, changed and listed', async () => {
    expect(await put('made', { name: 'Made' })).toMatchObject({
      status: 201,
      body: { key: 'made', name: 'Made', lowStock: 0, lowSince: null, free: 0, assigned: 0 },
    });
    expect(await put('made', { name: 'Again', lowStock: 5 })).toMatchObject({
      status: 200,
      body: { name: 'Again', lowStock: 5, lowSince: expect.any(String) },
    });
    const low = await bench.call(bench.shop.only.read, 'GET', '/api/v1/coupons?low=true');
    expect(low.body).toMatchObject({ items: [{ key: 'made' }], next: null });
    expect(at((await bench.call(bench.rival.all, 'GET', '/api/v1/coupons')).body, 'items')).toEqual(
      [],
    );
  });

  it.each([
    [{}, 'name'],
    [{ name: 'x', lowStock: -1 }, 'lowStock'],
    [{ name: 'x', codes: [] }, ''],
  ])('are refused as %j', async (body, path) => {
    expect(await put('bad', body)).toMatchObject({
      status: 422,
      body: { code: 'invalid_definition', faults: [{ path }] },
    });
  });

  it('take codes from CSV and NDJSON, each once, and tell bad lines', async () => {
    await put('taken', { name: 'Taken' });
    expect(await upload('taken', 'code,note\nA1,x\nA2,y\nA1,z\n<b>,z\n,z\n')).toEqual({
      status: 200,
      body: {
        added: 2,
        known: 1,
        refused: 2,
        refusals: [
          { line: 4, detail: expect.any(String) },
          { line: 5, detail: 'there is no code' },
        ],
      },
    });
    const lines = '{"code":"A2"}\n{"code":"A3"}\n';
    expect(await upload('taken', lines, 'application/x-ndjson')).toMatchObject({
      body: { added: 1, known: 1, refused: 0 },
    });
    const pool = await bench.call(bench.shop.only.read, 'GET', '/api/v1/coupons/taken');
    expect(pool.body).toMatchObject({ free: 3, assigned: 0 });
  });

  it('take many codes in one stream', async () => {
    await put('many', { name: 'Many', lowStock: 10 });
    const codes = Array.from({ length: 2_500 }, (_, index) => `M${index}`).join('\n');
    expect(await upload('many', `code\n${codes}\n`)).toMatchObject({ body: { added: 2_500 } });
    const pool = await bench.call(bench.shop.all, 'GET', '/api/v1/coupons/many');
    expect(pool.body).toMatchObject({ free: 2_500, lowSince: null });
  });

  it('keep their codes to themselves: no route, no audit and no row shows one', async () => {
    await put('quiet', { name: 'Quiet' });
    await upload('quiet', 'code\nSECRETCODE1\n');
    const answers = await Promise.all(
      ['/api/v1/coupons', '/api/v1/coupons/quiet', '/api/v1/audit'].map((path) =>
        bench.call(bench.shop.all, 'GET', path),
      ),
    );
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      expect(text).not.toContain('SECRETCODE1');
    }
    const rows = await bench.sql.query<{ row: string }>('select c::text as row from coupon_code c');
    const hex = Buffer.from('SECRETCODE1').toString('hex');
    for (const { row } of rows.rows) expect(row).not.toMatch(new RegExp(`SECRETCODE1|${hex}`));
    expect(bench.logLines.join('\n')).not.toContain('SECRETCODE1');
  });

  it('that are not there take no codes, and nothing is taken that is no file', async () => {
    expect((await upload('nowhere', 'code\nA\n')).status).toBe(404);
    await put('strict', { name: 'Strict' });
    expect((await upload('strict', '{"code":"A"}', 'application/json')).status).toBe(415);
    const packed = await upload('strict', 'code\nA\n', 'application/octet-stream');
    expect(packed.status).toBe(415);
  });
});

describe('the vocabulary', () => {
  it('names the events and traits that have been seen, of this workspace only', async () => {
    const bench = await openBench();
    try {
      const nothing = await bench.call(bench.shop.only.read, 'GET', '/api/v1/vocabulary');
      expect(nothing).toMatchObject({ status: 200, body: { events: [], traits: [] } });
      const { shop, sql } = bench;
      await sql.query(
        `insert into customer (workspace_id, customer_id, created_at, first_position, first_ordinal, traits, applied_position)
         values ($1, gen_random_uuid(), now(), 1, 0, '{"email":{},"plan":{}}', 1)`,
        [shop.id],
      );
      await sql.query(
        `insert into event (workspace_id, customer_id, position, ordinal, clock, event_time, message_id, type, name, body)
         select $1, gen_random_uuid(), n, 0, now(), now(), n::text, 'track', 'Event ' || n % 2, '{}' from generate_series(1, 4) n`,
        [shop.id],
      );
      const seen = await bench.call(shop.only.read, 'GET', '/api/v1/vocabulary');
      expect(seen.body).toEqual({ events: ['Event 0', 'Event 1'], traits: ['email', 'plan'] });
      const rival = await bench.call(bench.rival.all, 'GET', '/api/v1/vocabulary');
      expect(rival.body).toEqual({ events: [], traits: [] });
    } finally {
      await bench.close();
    }
  });
});
