import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';

const MAPPING = {
  key: 'crm',
  target: 'customers',
  fields: [
    { to: 'user_id', from: { path: 'id' } },
    { to: 'email', from: { path: 'mail' }, normalise: ['email'], level: 'omit' },
  ],
};

describe('uploading a file', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
    for (const tenant of [bench.shop, bench.rival]) await publishMapping(tenant.id);
  });
  afterAll(() => bench.close());

  async function publishMapping(workspaceId: string): Promise<void> {
    await bench.sql.query(
      `insert into definition (workspace_id, kind, key, body, live_version, state) values ($1, 'mapping', 'crm', $2, 1, 'live')`,
      [workspaceId, JSON.stringify(MAPPING)],
    );
    await bench.sql.query(
      `insert into definition_version (workspace_id, kind, key, version, body, published_by)
       values ($1, 'mapping', 'crm', 1, $2, 'test')`,
      [workspaceId, JSON.stringify(MAPPING)],
    );
  }

  interface Sent {
    readonly status: number;
    readonly body: unknown;
  }

  async function upload(
    body: string | Buffer,
    {
      query = 'kind=customers&mapping=crm',
      headers = {},
      key = bench.shop.all,
    }: { query?: string; headers?: Record<string, string>; key?: string } = {},
  ): Promise<Sent> {
    const response = await fetch(`${bench.url}/api/v1/imports?${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv', ...headers },
      body,
    });
    return { status: response.status, body: await response.json() };
  }

  const linesOf = async (importId: string): Promise<unknown[]> => {
    const { rows } = await bench.sql.query<{ body: string }>(
      'select body from import_chunk where import_id = $1 order by seq',
      [importId],
    );
    return rows.flatMap(({ body }) => body.split('\n').map((line): unknown => JSON.parse(line)));
  };
  const left = async (): Promise<unknown> =>
    (await bench.sql.query(`select 1 from import where state = 'uploading'`)).rows;

  it('stores its rows whole and says that it is staged', async () => {
    const csv = '\ufeffid;mail\r\n1;"Ada; the ""first"""\r\n2;"two\nlines"\r\n\r\n3;x;y\r\n';
    const { status, body } = await upload(csv);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      state: 'staged',
      kind: 'customers',
      format: 'csv',
      mapping: 'crm',
      mappingVersion: 1,
      columns: ['id', 'mail'],
      bytes: Buffer.byteLength(csv),
      rows: { total: 3, read: 0 },
      events: { accepted: null },
    });
    expect(await linesOf(textAt(body, 'id'))).toEqual([
      [1, ['1', 'Ada; the "first"']],
      [2, ['2', 'two\nlines']],
      [3, '3,x,y', 'ragged_row', '3 fields where the header has 2'],
    ]);
    const held = await bench.sql.query('select mapping from import where import_id = $1', [
      textAt(body, 'id'),
    ]);
    expect(at(held.rows, 0, 'mapping', 'mapping', 'key')).toBe('crm');
  });

  it('answers the earlier import for the same content, packed or not', async () => {
    const csv = 'id,mail\n77,a@example.com\n';
    const first = await upload(csv);
    const packed = await upload(gzipSync(csv), { headers: { 'content-encoding': 'gzip' } });
    const unsaid = await upload(gzipSync(csv), {
      query: 'kind=customers&mapping=crm&format=csv',
      headers: { 'content-type': 'application/gzip' },
    });
    expect([first.status, packed.status, unsaid.status]).toEqual([202, 200, 200]);
    const ids = [first, packed, unsaid].map(({ body }) => textAt(body, 'id'));
    expect(new Set(ids).size).toBe(1);
    const rerun = await upload(csv, { query: 'kind=customers&mapping=crm&rerun=true' });
    expect([rerun.status, at(rerun.body, 'run')]).toEqual([202, 2]);
    expect(await left()).toEqual([]);
  });

  it('takes lines of JSON as they are, and each bad one by itself', async () => {
    const ndjson = '{"id":12345678901234567890}\n\nnot json\n[1]\r\n{"id":"z"}';
    const { status, body } = await upload(ndjson, {
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect([status, at(body, 'format'), at(body, 'columns')]).toEqual([202, 'ndjson', null]);
    const { rows } = await bench.sql.query<{ body: string }>(
      'select body from import_chunk where import_id = $1',
      [textAt(body, 'id')],
    );
    expect(rows[0]?.body.split('\n')).toEqual([
      '[1,{"id":12345678901234567890}]',
      '[2,"not json","not_json","the line is not valid JSON"]',
      '[3,"[1]","not_an_object","the line is no JSON object"]',
      '[4,{"id":"z"}]',
    ]);
  });

  it('of many megabytes goes in by chunks, with a body limit of one for everybody else', async () => {
    const rows = Array.from({ length: 60_000 }, (_, index) => `${index},p${index}@example.com`);
    const csv = `id,mail\n${rows.join('\n')}\n`;
    expect(csv.length).toBeGreaterThan(1_300_000);
    const { status, body } = await upload(csv);
    expect([status, at(body, 'rows', 'total')]).toEqual([202, 60_000]);
    const chunks = await bench.sql.query(
      'select seq, first_row, rows from import_chunk where import_id = $1 order by seq',
      [textAt(body, 'id')],
    );
    expect(chunks.rows.length).toBe(24);
    expect(chunks.rows[1]).toEqual({ seq: 1, first_row: 2_501, rows: 2_500 });
  });

  it.each([
    ['Latin-1', Buffer.from('id,mail\n1,J\xf6rg\n', 'latin1'), 400, /not UTF-8/],
    ['UTF-16', Buffer.from('\ufeffid,mail\n', 'utf16le'), 400, /UTF-16/],
    ['nothing', '', 400, /empty/],
    ['a column named twice', 'id,mail,id\n1,2,3\n', 400, /"id" twice/],
    ['a quotation mark without end', `id,mail\n1,"${'x'.repeat(400_000)}`, 400, /never closed/],
    [
      'too many columns',
      `${Array.from({ length: 1_001 }, (_, i) => `c${i}`).join()}\n`,
      400,
      /1000/,
    ],
  ])('of %s is refused with a reason, and leaves nothing', async (_what, file, status, detail) => {
    const sent = await upload(file);
    expect([sent.status, textAt(sent.body, 'detail')]).toEqual([
      status,
      expect.stringMatching(detail),
    ]);
    expect(await left()).toEqual([]);
  });

  it('that is packed beyond reason, cut off or no packing at all is refused', async () => {
    const bomb = gzipSync(`id,mail\n${`${'x'.repeat(30_000)},2\n`.repeat(2_000)}`);
    const cut = gzipSync('id,mail\n1,2\n').subarray(0, -6);
    const headers = { 'content-encoding': 'gzip' };
    expect((await upload(bomb, { headers })).status).toBe(413);
    expect((await upload(cut, { headers })).status).toBe(400);
    expect((await upload('id,mail\n', { headers })).status).toBe(400);
    expect((await upload('x', { headers: { 'content-encoding': 'br' } })).status).toBe(415);
    expect(await left()).toEqual([]);
  });

  it('needs a published mapping of the same kind, a format, and a body', async () => {
    const csv = 'id,mail\n1,2\n';
    const query = (text: string): Promise<Sent> => upload(csv, { query: text });
    expect((await query('kind=customers&mapping=nothing')).status).toBe(409);
    expect((await query('kind=orders&mapping=crm')).status).toBe(409);
    expect((await query('kind=people&mapping=crm')).status).toBe(400);
    expect((await query('kind=customers')).status).toBe(400);
    const headers = { 'content-type': 'application/octet-stream' };
    expect((await upload(csv, { headers })).status).toBe(415);
    const json = { body: {} };
    const path = '/api/v1/imports?kind=customers&mapping=crm&format=csv';
    expect((await bench.call(bench.shop.all, 'POST', path, json)).status).toBe(415);
    const elsewhere = await fetch(`${bench.url}/api/v1/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bench.shop.all}`, 'content-type': 'text/csv' },
      body: csv,
    });
    expect(elsewhere.status).toBe(415);
  });

  it('with an Idempotency-Key is answered once like any other', async () => {
    const headers = { 'idempotency-key': 'file-1' };
    const csv = 'id,mail\n501,x\n';
    const [first, again] = [await upload(csv, { headers }), await upload(csv, { headers })];
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(textAt(first.body, 'id')).toBe(textAt(again.body, 'id'));
  });

  it('is listed, cancelled once, and invisible to other workspaces', async () => {
    const { body } = await upload('id,mail\n900,x\n');
    const path = `/api/v1/imports/${textAt(body, 'id')}`;
    const { shop, rival, call } = bench;
    expect((await call(shop.all, 'GET', path)).body).toMatchObject({ state: 'staged' });
    const list = await call(shop.all, 'GET', '/api/v1/imports?limit=1');
    expect([listAt(list.body, 'items').length, at(list.body, 'items', 0, 'id')]).toEqual([
      1,
      textAt(body, 'id'),
    ]);
    expect(
      (await call(shop.all, 'GET', `/api/v1/imports?after=${textAt(list.body, 'next')}`)).status,
    ).toBe(200);
    for (const [method, tail] of [
      ['GET', ''],
      ['GET', '/rejects'],
      ['POST', '/cancel'],
      ['POST', '/rerun'],
    ] as const)
      expect((await call(rival.all, method, path + tail)).status).toBe(404);
    expect((await call(shop.all, 'POST', `${path}/rerun`)).status).toBe(409);
    expect((await call(shop.all, 'POST', `${path}/cancel`)).body).toMatchObject({
      state: 'cancelled',
    });
    expect((await call(shop.all, 'POST', `${path}/cancel`)).status).toBe(409);
  });

  it('gives its rejects out as a file and maps them again', async () => {
    const { body } = await upload('id,mail\n910,x\n911,y\n');
    const id = textAt(body, 'id');
    await bench.sql.query(`update import set state = 'done', rejected = 2 where import_id = $1`, [
      id,
    ]);
    await bench.sql.query(
      `insert into import_reject (workspace_id, import_id, row_number, code, field, detail, raw)
       values ($1, $2, 1, 'bad_email', 'email', '=cmd, "x"', '["910","x"]'), ($1, $2, 2, 'ragged_row', null, 'three', '"911"')`,
      [bench.shop.id, id],
    );
    const ndjson = await bench.call(bench.shop.all, 'GET', `/api/v1/imports/${id}/rejects`);
    expect(ndjson.headers.get('content-type')).toContain('application/x-ndjson');
    expect(
      ndjson.text
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([
      { row: 1, code: 'bad_email', field: 'email', detail: '=cmd, "x"', raw: ['910', 'x'] },
      { row: 2, code: 'ragged_row', field: null, detail: 'three', raw: '911' },
    ]);
    const csv = await bench.call(bench.shop.all, 'GET', `/api/v1/imports/${id}/rejects?format=csv`);
    expect(csv.text.split('\r\n')[1]).toBe(`1,bad_email,email,"'=cmd, ""x""","[""910"",""x""]"`);
    const rerun = await bench.call(bench.shop.all, 'POST', `/api/v1/imports/${id}/rerun`);
    expect([rerun.status, at(rerun.body, 'rerunOf'), at(rerun.body, 'rows', 'total')]).toEqual([
      202,
      id,
      1,
    ]);
    expect(await linesOf(textAt(rerun.body, 'id'))).toEqual([[1, ['910', 'x']]]);
  });
});
