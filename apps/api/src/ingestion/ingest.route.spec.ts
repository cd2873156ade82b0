import { connect } from 'node:net';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ENDPOINTS } from './endpoints.js';
import { BODY_LIMIT } from './inflate.js';
import { at, openBench, type Bench } from '../testing/bench.js';

const EVENT = { type: 'track', userId: 'u-1', event: 'Product Added', messageId: 'm-1' };

interface LogRow {
  readonly position: number;
  readonly endpoint: string;
  readonly source_key: string;
  readonly events: number;
  readonly body: string;
}

describe('the ingest door', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());
  beforeEach(() => bench.sql.query('delete from event_log; delete from revocation_pending'));

  const rows = async (): Promise<LogRow[]> =>
    (
      await bench.sql.query<LogRow>(
        'select position, endpoint, source_key, events, body from event_log order by position',
      )
    ).rows;

  const post = (
    body: string | Buffer<ArrayBuffer>,
    headers: Record<string, string> = {},
    endpoint = 'track',
  ): Promise<Response> =>
    fetch(`${bench.url}/v1/${endpoint}`, {
      method: 'POST',
      headers: {
        authorization: basic(bench.shop.write),
        'content-type': 'application/json',
        ...headers,
      },
      body,
    });

  it.each(ENDPOINTS)('takes %s and answers only when its row is committed', async (endpoint) => {
    const body = JSON.stringify(endpoint === 'batch' ? { batch: [EVENT, EVENT] } : EVENT);
    const answer = await post(body, {}, endpoint);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ success: true });
    expect(await rows()).toMatchObject([
      { endpoint, source_key: 'web', events: endpoint === 'batch' ? 2 : 1, body },
    ]);
  });

  it('keeps the text as it was sent, to the last digit and blank', async () => {
    const body =
      '{ "userId":"u","event":"X", "properties":{"big":12345678901234567890123,"f":1e400}}\n';
    expect((await post(body)).status).toBe(200);
    expect((await rows())[0]?.body).toBe(body);
  });

  it('takes the key as Basic user, as Bearer token and in the body', async () => {
    const key = bench.shop.write;
    expect((await post(JSON.stringify(EVENT), { authorization: `Bearer ${key}` })).status).toBe(
      200,
    );
    const inBody = await fetch(`${bench.url}/v1/track`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ ...EVENT, writeKey: key }),
    });
    expect(inBody.status).toBe(200);
    expect(await rows()).toHaveLength(2);
  });

  it.each([
    ['no key at all', ''],
    ['a wrong key', basic('nonsense')],
    ['a key with one letter changed', 'flipped'],
    ['a header that is no credential', 'Digest abc'],
  ])('refuses %s with 401 and stores nothing', async (_what, authorization) => {
    const header = authorization === 'flipped' ? basic(flipped(bench.shop.write)) : authorization;
    const answer = await post(JSON.stringify(EVENT), { authorization: header });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'unauthenticated', status: 401 });
    expect(await rows()).toEqual([]);
  });

  it('refuses a key that is no write key with 403', async () => {
    const answer = await post(JSON.stringify(EVENT), {
      authorization: basic(bench.shop.only.admin),
    });
    expect(answer.status).toBe(403);
  });

  it('refuses a paused source with 409, because 200 would promise what nobody keeps', async () => {
    const { shop } = bench;
    const issued = await bench.call(shop.all, 'POST', '/api/v1/keys', {
      body: { name: 'till', scopes: ['ingest'], source: 'till' },
    });
    expect((await bench.call(shop.all, 'POST', '/api/v1/sources/till/pause')).status).toBe(200);
    const key = String(at(issued.body, 'key'));
    const answer = await post(JSON.stringify(EVENT), { authorization: basic(key) });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ code: 'conflict' });
    expect(await rows()).toEqual([]);
  });

  it.each([
    ['malformed JSON', '{"event":', 400, 'malformed_json'],
    ['an empty body', '', 400, 'malformed_json'],
    ['a list where an object belongs', '[]', 400, 'invalid_request'],
    ['a bare string', '"x"', 400, 'invalid_request'],
  ])('refuses %s', async (_what, body, status, code) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ code, status, faults: [] });
    expect(await rows()).toEqual([]);
  });

  it('refuses bytes that are not UTF-8', async () => {
    const answer = await post(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: 'malformed_json',
      detail: 'The body is not UTF-8.',
    });
  });

  it('takes a byte order mark off, which some senders put before their JSON', async () => {
    expect((await post(`\ufeff${JSON.stringify(EVENT)}`)).status).toBe(200);
    expect((await rows())[0]?.body).toBe(JSON.stringify(EVENT));
  });

  it('refuses a batch of 2,501 events and takes one of 2,500', async () => {
    const batchOf = (count: number): string =>
      JSON.stringify({ batch: Array.from({ length: count }, () => ({ event: 'x' })) });
    const tooMany = await post(batchOf(2_501), {}, 'batch');
    expect(tooMany.status).toBe(413);
    expect(await tooMany.json()).toMatchObject({ code: 'too_many_events' });
    expect((await post(batchOf(2_500), {}, 'batch')).status).toBe(200);
    expect(await rows()).toMatchObject([{ events: 2_500 }]);
  });

  it('refuses a batch without a list, and answers an empty one without a row', async () => {
    expect((await post('{}', {}, 'batch')).status).toBe(400);
    expect((await post('{"batch":[]}', {}, 'batch')).status).toBe(200);
    expect(await rows()).toEqual([]);
  });

  it('refuses a body one byte over the limit and takes one at it', async () => {
    const exact = `{"event":"x","p":"${'a'.repeat(BODY_LIMIT)}`.slice(0, BODY_LIMIT - 2) + '"}';
    expect(Buffer.byteLength(exact)).toBe(BODY_LIMIT);
    expect((await post(exact)).status).toBe(200);
    const over = await post(`${exact} `);
    expect(over.status).toBe(413);
    expect(await over.json()).toMatchObject({ code: 'body_too_large' });
  });

  it.each([
    ['gzip', (text: string) => gzipSync(text)],
    ['deflate', (text: string) => deflateSync(text)],
    ['deflate', (text: string) => deflateRawSync(text)],
  ])('inflates %s', async (encoding, encode) => {
    const body = JSON.stringify(EVENT);
    expect((await post(encode(body), { 'content-encoding': encoding })).status).toBe(200);
    expect((await rows())[0]?.body).toBe(body);
  });

  it('leaves a decompression bomb after its first half megabyte', async () => {
    const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024, 0x20));
    expect(bomb.length).toBeLessThan(BODY_LIMIT);
    const before = process.memoryUsage().rss;
    const answer = await post(bomb, { 'content-encoding': 'gzip' });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ code: 'body_too_large' });
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });

  it('refuses what is not what its encoding says, and encodings that it does not know', async () => {
    expect((await post(Buffer.from('not gzip'), { 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await post(JSON.stringify(EVENT), { 'content-encoding': 'br' })).status).toBe(415);
  });

  it('refuses other content types', async () => {
    expect((await post('<event/>', { 'content-type': 'text/xml' })).status).toBe(415);
    expect(
      (await post(JSON.stringify(EVENT), { 'content-type': 'text/plain;charset=UTF-8' })).status,
    ).toBe(200);
  });

  it('is not stopped by 100,000 levels of nesting, and its neighbours are stored', async () => {
    const deep = `{"event":"x","p":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const answer = await post(`{"batch":[${JSON.stringify(EVENT)},${deep}]}`, {}, 'batch');
    expect([200, 400]).toContain(answer.status);
    expect((await post(JSON.stringify(EVENT))).status).toBe(200);
  });

  it.each([
    '{"event":"x","__proto__":{"polluted":1}}',
    '{"event":"x","constructor":{"prototype":{"polluted":1}}}',
  ])('takes %s as data, and no prototype with it', async (body) => {
    expect((await post(body)).status).toBe(200);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it.each([
    ['an escaped NUL', '{"userId":"u","event":"\\u0000"}'],
    ['half a character', '{"userId":"u","event":"\\ud800"}'],
  ])('commits a body that holds %s: the lane deals with it, not the door', async (_what, body) => {
    expect((await post(body)).status).toBe(200);
    expect((await rows())[0]?.body).toBe(body);
  });

  it('notes revocations in the same commit, by hash only', async () => {
    const body = JSON.stringify({
      userId: 'u-9',
      event: 'Message Unsubscribed',
      properties: { purpose: 'marketing', channel: 'email' },
    });
    expect((await post(body)).status).toBe(200);
    const pending = await bench.sql.query(
      'select purpose, channel, length(identifier_hash) as bytes from revocation_pending',
    );
    expect(pending.rows).toEqual([{ purpose: 'marketing', channel: 'email', bytes: 32 }]);
  });

  it('draws dense positions for many requests at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => post(JSON.stringify(EVENT))),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const positions = (await rows()).map(({ position }) => position);
    const first = positions[0] ?? 0;
    expect(positions).toEqual(Array.from({ length: 60 }, (_, index) => first + index));
  });

  it('answers a preflight and lets every origin read the answer', async () => {
    const preflight = await fetch(`${bench.url}/v1/track`, {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    const refused = await post('{', { origin: 'https://shop.example' });
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('hangs up on headers without end and on requests with two lengths', async () => {
    expect(
      await raw(
        bench.url,
        `POST /v1/track HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(40_000)}\r\n\r\n`,
      ),
    ).toContain('431');
    const smuggled =
      'POST /v1/track HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';
    expect(await raw(bench.url, smuggled)).toContain('400');
  });

  it('counts what it took and refused, without a word about whom', async () => {
    await post(JSON.stringify({ ...EVENT, userId: 'canary-person@example.com' }));
    await post('{');
    const text = await (await fetch(`${bench.url}/metrics`)).text();
    expect(text).toMatch(
      /throughline_ingest_requests_total\{endpoint="track",outcome="accepted"\} \d+/,
    );
    expect(text).toMatch(
      /throughline_ingest_requests_total\{endpoint="track",outcome="malformed_json"\} \d+/,
    );
    expect(text).toContain('throughline_ingest_duration_seconds_bucket{le="+Inf"}');
    expect(text + bench.logLines.join('')).not.toContain('canary-person');
    expect(bench.logLines.join('')).not.toContain(bench.shop.write);
  });
});

function basic(key: string): string {
  return `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
}

function flipped(key: string): string {
  return key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
}

/** What the server answers to bytes that no HTTP client would send. */
function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    const chunks: string[] = [];
    socket.on('data', (chunk) => chunks.push(chunk.toString()));
    socket.on('close', () => {
      resolve(chunks.join(''));
    });
    socket.on('error', reject);
  });
}
