import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, openBench, type Bench } from '../testing/bench.js';
import { mapping, segment } from '../testing/definitions.js';

const STOP = { scope: 'workspace' };

describe('repeats under an Idempotency-Key', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const post = (path: string, key: string, body?: unknown) =>
    bench.call(bench.shop.all, 'POST', `/api/v1/${path}`, {
      headers: { 'idempotency-key': key },
      ...(body === undefined ? {} : { body }),
    });
  const kept = async (key: string): Promise<number> => {
    const { rowCount } = await bench.sql.query(
      'select 1 from idempotent_answer where idempotency_key = $1',
      [key],
    );
    return rowCount ?? 0;
  };

  it.each([
    ['one character', '!'],
    ['255 characters', 'k'.repeat(255)],
    ['every sign that is visible', 'a/b?c=d&"e"<f>{g}|h~'],
  ])('are known by a key of %s', async (_what, key) => {
    expect((await post('sending/stop', key, STOP)).status).toBe(200);
    const again = await post('sending/stop', key, STOP);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it.each([
    ['256 characters', 'k'.repeat(256)],
    ['a space within', 'a b'],
    ['nothing', ''],
    ['letters that are no ASCII', 'schl\u00fcssel'],
  ])('are refused with a key of %s, before anything happens', async (_what, key) => {
    const answer = await post('sending/stop', key, STOP);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(await kept(key)).toBe(0);
  });

  it('are the same whatever the order of the properties says, only if the body is the same', async () => {
    const first = await post('sending/stop', 'order', { scope: 'workspace' });
    expect(first.status).toBe(200);
    const other = await post('sending/stop', 'order', { scope: 'journey', target: 'x' });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });

  it('are not the same at another address, nor with another query', async () => {
    expect((await post('sending/stop', 'place', STOP)).status).toBe(200);
    expect((await post('sending/resume', 'place', STOP)).status).toBe(422);
    expect((await post('sending/stop?x=1', 'place', STOP)).status).toBe(422);
  });

  it('give the status of the first answer, too', async () => {
    const body = { name: 'once', scopes: ['read'] };
    expect((await post('keys', 'created', body)).status).toBe(201);
    expect((await post('keys', 'created', body)).status).toBe(409);
    const validated = await post('segments/validate', 'checked', segment('x'));
    const again = await post('segments/validate', 'checked', segment('x'));
    expect([again.status, again.body]).toEqual([validated.status, validated.body]);
  });

  it.each([
    ['refused by its shape', 'sending/stop', { scope: 'everything' }, 400],
    ['refused by what it names', 'mappings/validate', mapping('m', { target: 'x' }), 200],
    ['aimed at nothing', 'segments/absent/publish', undefined, 404],
  ])('of what was %s are tried anew', async (what, path, body, status) => {
    expect((await post(path, what.replaceAll(' ', '-'), body)).status).toBe(status);
    const again = await post(path, what.replaceAll(' ', '-'), body);
    expect(again.status).toBe(status);
    expect(again.headers.get('idempotency-replayed')).toBe(status === 200 ? 'true' : null);
  });

  it('wait for nobody: while the first is being worked on, the second is told so', async () => {
    await bench.sql.query(
      `insert into idempotent_answer (workspace_id, idempotency_key, request_hash, status)
       select workspace_id, 'busy', request_hash, 0 from idempotent_answer where idempotency_key = '!'`,
    );
    const answer = await post('sending/stop', 'busy', STOP);
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  it('go on where the process that worked on the first has died', async () => {
    await bench.sql.query(
      `insert into idempotent_answer (workspace_id, idempotency_key, request_hash, status, created_at)
       select workspace_id, 'abandoned', request_hash, 0, now() - interval '61 seconds'
         from idempotent_answer where idempotency_key = '!'`,
    );
    expect((await post('sending/stop', 'abandoned', STOP)).status).toBe(200);
  });

  it('matter to POST alone: a put says itself what it is to be', async () => {
    const headers = { 'idempotency-key': 'put' };
    const put = (name: string) =>
      bench.call(bench.shop.all, 'PUT', '/api/v1/segments/put', {
        headers,
        body: { ...segment('put'), name },
      });
    expect((await put('First')).status).toBe(201);
    expect(at((await put('Second')).body, 'definition', 'name')).toBe('Second');
    expect(await kept('put')).toBe(0);
  });

  it('keep nothing for callers who may not do it', async () => {
    const headers = { 'idempotency-key': 'forbidden' };
    const call = (key: string | null) =>
      bench.call(key, 'POST', '/api/v1/sending/stop', { headers, body: STOP });
    expect((await call(bench.shop.only.read)).status).toBe(403);
    expect((await call(null)).status).toBe(401);
    expect(await kept('forbidden')).toBe(0);
  });
});
