/**
 * Malformed and malicious input through the socket of the real API, with good events in the same body: what is bad stands alone
 * in quarantine with its own text, its neighbours are applied, and a body that is bad as a whole is refused at the door.
 */
import { connect } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runLanes, type LaneProblem, type LaneRunner } from '@throughline/store/ingestion';
import { openBench, type Bench } from '../../apps/api/src/testing/bench.js';
import { BAD_EVENTS } from '../support/bad-events.js';
import { eventually } from '../support/eventually.js';
import { recordPromise } from '../support/promises.js';

interface Quarantined {
  readonly ordinal: number;
  readonly code: string;
  readonly body: string;
}

describe('bad input', () => {
  let bench: Bench;
  let lanes: LaneRunner;
  const problems: LaneProblem[] = [];
  let bodies = 0;

  beforeAll(async () => {
    bench = await openBench();
    lanes = runLanes({
      url: bench.config.databaseUrl,
      onProblem: (problem) => problems.push(problem),
    });
  }, 60_000);

  afterAll(async () => {
    await lanes.close();
    await bench.close();
  });

  function post(
    body: string | Buffer<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = {},
    path = '/v1/batch',
  ): Promise<Response> {
    return fetch(bench.url + path, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${bench.shop.write}:`).toString('base64')}`,
        'content-type': 'application/json',
        ...headers,
      },
      body,
    });
  }

  const good = (id: string): string =>
    `{"type":"track","event":"Ordered","userId":"neighbour","messageId":"${id}","properties":{"total":1}}`;

  /** Accepted, and worked off by the lane: where it stands in the log. */
  async function accepted(body: string | Buffer<ArrayBuffer>, path?: string): Promise<number> {
    const before = await position('lane_append');
    const answer = await post(body, {}, path);
    expect([answer.status, await answer.text()]).toEqual([200, '{"success":true}']);
    await eventually(async () => {
      expect(await position('lane')).toBe(before + 1);
    });
    return before + 1;
  }

  async function position(table: 'lane' | 'lane_append'): Promise<number> {
    const { rows } = await bench.sql.query<{ position: number }>(
      `select position from ${table} where workspace_id = $1`,
      [bench.shop.id],
    );
    return Number(rows[0]?.position);
  }

  async function quarantined(at: number): Promise<Quarantined[]> {
    const { rows } = await bench.sql.query<Quarantined>(
      'select ordinal, code, body from quarantine where position = $1 order by ordinal',
      [at],
    );
    return rows;
  }

  async function applied(at: number): Promise<string[]> {
    const { rows } = await bench.sql.query<{ message_id: string }>(
      'select message_id from event where position = $1 order by ordinal',
      [at],
    );
    return rows.map((row) => row.message_id);
  }

  it.each(BAD_EVENTS)(
    '%s stands in quarantine, and its neighbours are applied',
    async (_label, text, code) => {
      bodies += 1;
      const [before, after] = [`before-${bodies}`, `after-${bodies}`];
      const at = await accepted(`{"batch":[${good(before)},${text},${good(after)}]}`);
      expect(await applied(at)).toEqual([before, after]);
      const rows = await quarantined(at);
      expect(rows.map((row) => [row.ordinal, row.code])).toEqual([[1, code]]);
      // The whole text would make the failure of one test a megabyte long.
      expect(rows[0]?.body === text).toBe(true);
      expect({}).not.toHaveProperty('admin');
    },
  );

  it('of every kind in one body leaves every second event unharmed', async () => {
    const small = BAD_EVENTS.filter(([, text]) => text.length < 5_000);
    const at = await accepted(
      `{"batch":[${small.map(([, text], index) => `${text},${good(`mixed-${index}`)}`).join(',')}]}`,
    );
    expect(await applied(at)).toEqual(small.map((_, index) => `mixed-${index}`));
    const rows = await quarantined(at);
    expect(rows.map(({ code }) => code)).toEqual(small.map(([, , code]) => code));
    expect(rows.map(({ ordinal }) => ordinal)).toEqual(small.map((_, index) => index * 2));
    recordPromise({
      promise: 'a bad event harms none of its neighbours',
      held: true,
      detail: `${BAD_EVENTS.length} kinds through the socket, each alone and ${small.length} in one body`,
    });
  });

  it('sent twice with another content is kept apart, sent twice alike is counted', async () => {
    const [first, other] = [good('twice'), good('twice').replace('"total":1', '"total":2')];
    const at = await accepted(`{"batch":[${first},${other},${first},${good('thrice')}]}`);
    expect(await applied(at)).toEqual(['twice', 'thrice']);
    expect((await quarantined(at)).map(({ ordinal, code }) => [ordinal, code])).toEqual([
      [1, 'same_id_other_body'],
    ]);
  });

  describe('that is a whole body', () => {
    const big = (bytes: number): string => `{"batch":[],"x":"${'x'.repeat(bytes)}"}`;
    const many = (count: number): string => `{"batch":[${Array(count).fill('1').join(',')}]}`;

    it.each<[string, () => Promise<Response>, number, string]>([
      ['is cut off', () => post(`{"batch":[${good('cut')}`), 400, 'malformed_json'],
      ['is no JSON', () => post('track=1'), 400, 'malformed_json'],
      ['is a list', () => post('[]'), 400, 'invalid_request'],
      ['has no batch', () => post('{}'), 400, 'invalid_request'],
      ['is empty', () => post(''), 400, 'malformed_json'],
      ['is no UTF-8', () => post(Buffer.from([0x22, 0xff, 0x22])), 400, 'malformed_json'],
      ['is larger than 500 KB', () => post(big(520_000)), 413, 'body_too_large'],
      ['has 2,501 events', () => post(many(2_501)), 413, 'too_many_events'],
      ['is a bomb of gzip', () => bomb(gzipSync, 'gzip'), 413, 'body_too_large'],
      ['is a bomb of deflate', () => bomb(deflateSync, 'deflate'), 413, 'body_too_large'],
      ['is a bomb in a bomb', () => bomb(twice, 'gzip'), 400, 'malformed_json'],
      [
        'is cut off in its packing',
        () => post(gzipSync(good('cut')).subarray(0, -6), { 'content-encoding': 'gzip' }),
        400,
        'invalid_request',
      ],
      [
        'is not packed as it says',
        () => post(good('plain'), { 'content-encoding': 'gzip' }),
        400,
        'invalid_request',
      ],
      [
        'is packed by something unknown',
        () => post(good('plain'), { 'content-encoding': 'br' }),
        415,
        'unsupported_media_type',
      ],
      [
        'is a form',
        () => post('event=x', { 'content-type': 'application/x-www-form-urlencoded' }),
        415,
        'unsupported_media_type',
      ],
      [
        'comes with a key that is none',
        () => post(good('nobody'), { authorization: 'Basic bm9ib2R5Og==' }),
        401,
        'unauthenticated',
      ],
    ])('and %s is refused, and nothing of it is stored', async (_label, send, status, code) => {
      const before = await position('lane_append');
      const answer = await send();
      expect([answer.status, codeIn(await answer.text())]).toEqual([status, code]);
      expect(await position('lane_append')).toBe(before);
    });

    /** 64 MB that pack into less than the door lets in. */
    function bomb(pack: (data: Buffer) => Buffer<ArrayBuffer>, encoding: string) {
      const inner = pack(Buffer.alloc(64 * 1024 * 1024, 0x20));
      expect(inner.length).toBeLessThan(500 * 1024);
      return post(inner, { 'content-encoding': encoding });
    }

    function twice(data: Buffer): Buffer<ArrayBuffer> {
      return gzipSync(gzipSync(data));
    }

    it.each<[string, string, string]>([
      [
        'two lengths',
        'content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n',
        '400',
      ],
      ['two contradicting lengths', 'content-length: 4\r\ncontent-length: 5\r\n\r\nabcde', '400'],
      ['headers without end', `x-long: ${'a'.repeat(40_000)}\r\n\r\n`, '431'],
      ['a header with a line break', 'x-bad: a\rb\r\n\r\n', '400'],
    ])('and has %s is refused, and the line is cut', async (_label, rest, status) => {
      const before = await position('lane_append');
      const answer = await raw(`POST /v1/batch HTTP/1.1\r\nhost: x\r\n${rest}`);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
      expect(await position('lane_append')).toBe(before);
    });

    /** What the server answers to bytes that no HTTP client would send, until it hangs up. */
    function raw(text: string): Promise<string> {
      const { hostname, port } = new URL(bench.url);
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

    it('and comes alone, by its own endpoint, goes to quarantine whole', async () => {
      const text = '{"event":"Ordered","userId":"mallory","properties":{"a":"\\u0000"}}';
      const at = await accepted(text, '/v1/track');
      expect(await quarantined(at)).toEqual([{ ordinal: 0, code: 'nul_character', body: text }]);
    });
  });

  it('has stopped nothing: the next good body is applied as if nothing had happened', async () => {
    const at = await accepted(`{"batch":[${good('last')}]}`);
    expect(await applied(at)).toEqual(['last']);
    expect(problems).toEqual([]);
    expect(lanes.stopped.size).toBe(0);
    const { rows } = await bench.sql.query<{ count: number }>(
      `select count(*)::int as count from customer c join identifier i using (workspace_id, customer_id) where i.value = 'neighbour'`,
    );
    expect(rows).toEqual([{ count: 1 }]);
    const orders = await bench.sql.query(`select 1 from event where name = 'Ordered'`);
    const people = await bench.sql.query(`select 1 from identifier where value = 'mallory'`);
    expect(orders.rowCount).toBeGreaterThan(BAD_EVENTS.length * 2);
    expect(people.rowCount).toBe(0);
  });
});

function codeIn(text: string): unknown {
  const body: unknown = JSON.parse(text);
  return typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
}
