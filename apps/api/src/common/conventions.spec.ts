import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { journey, segment, template } from '../testing/definitions.js';

describe('the conventions of the management API', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const put = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    bench.call(bench.shop.all, 'PUT', path, { body, headers });
  const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
    bench.call(bench.shop.all, 'POST', path, { headers, ...(body === undefined ? {} : { body }) });
  const get = (path: string) => bench.call(bench.shop.all, 'GET', path);

  describe('refusals', () => {
    it.each([
      ['an unknown route', 'GET', '/api/v1/nothing', undefined, 404, 'not_found'],
      [
        'a definition with faults',
        'PUT',
        '/api/v1/segments/a',
        { name: 'x' },
        422,
        'invalid_definition',
      ],
      [
        'an envelope of the wrong shape',
        'POST',
        '/api/v1/keys',
        { name: '', scopes: ['root'] },
        400,
        'invalid_request',
      ],
      [
        'a property that no envelope has',
        'POST',
        '/api/v1/keys',
        { name: 'x', scopes: ['read'], workspaceId: 'other' },
        400,
        'invalid_request',
      ],
      [
        'a limit out of bounds',
        'GET',
        '/api/v1/segments?limit=201',
        undefined,
        400,
        'invalid_request',
      ],
      [
        'a cursor of somebody else',
        'GET',
        '/api/v1/segments?after=xyz',
        undefined,
        400,
        'invalid_request',
      ],
      [
        'a key that cannot be one',
        'PUT',
        '/api/v1/segments/Not%20A%20Key',
        segment('a'),
        400,
        'invalid_request',
      ],
      ['a NUL in an address', 'GET', '/api/v1/segments/a%00b', undefined, 404, 'not_found'],
    ])(
      '%s is a problem with a code, a sentence and a request id',
      async (_what, method, path, body, status, code) => {
        const answer = await bench.call(
          bench.shop.all,
          method,
          path,
          body === undefined ? {} : { body },
        );
        expect(answer.status).toBe(status);
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
        expect(answer.body).toMatchObject({ type: `urn:throughline:error:${code}`, status, code });
        expect(textAt(answer.body, 'detail')).not.toBe('');
        expect(textAt(answer.body, 'requestId')).toBe(answer.headers.get('x-request-id'));
      },
    );

    it('names every fault with its path', async () => {
      const answer = await put(
        '/api/v1/segments/a',
        segment('a', { all: [{ trait: 'age', op: 'gt', value: 'many' }] }),
      );
      expect(answer.status).toBe(422);
      expect(JSON.stringify(at(answer.body, 'faults'))).toContain('condition');
    });

    it('says 400 for JSON that is none, 415 for another type, 413 for too much', async () => {
      const send = (body: string, type = 'application/json') =>
        fetch(`${bench.url}/api/v1/segments/a`, {
          method: 'PUT',
          headers: { authorization: `Bearer ${bench.shop.all}`, 'content-type': type },
          body,
        }).then(async (answer) => ({
          status: answer.status,
          code: at(await answer.json(), 'code'),
        }));
      expect(await send('{')).toEqual({ status: 400, code: 'malformed_json' });
      expect(await send('a: b', 'application/yaml')).toEqual({
        status: 415,
        code: 'unsupported_media_type',
      });
      expect(await send(JSON.stringify('x'.repeat(1_100_000)))).toEqual({
        status: 413,
        code: 'body_too_large',
      });
    });

    it('refuses a body whose key is not the one in the address', async () => {
      const answer = await put('/api/v1/segments/a', segment('b'));
      expect(answer.status).toBe(422);
      expect(at(answer.body, 'faults', 0, 'code')).toBe('key_mismatch');
    });

    it('refuses values that PostgreSQL cannot hold as a wrong request, not as a fault of ours', async () => {
      const answer = await put('/api/v1/sources/web', { name: 'a\u0000b' });
      expect(answer.status).toBe(400);
    });
  });

  describe('revisions', () => {
    it('guard a put against a change in between', async () => {
      const first = await put('/api/v1/segments/guarded', segment('guarded'));
      expect(first).toMatchObject({ status: 201 });
      expect(first.headers.get('etag')).toBe('"1"');
      const second = await put('/api/v1/segments/guarded', segment('guarded'), {
        'if-match': '"1"',
      });
      expect(second.headers.get('etag')).toBe('"2"');
      const late = await put('/api/v1/segments/guarded', segment('guarded'), { 'if-match': '"1"' });
      expect(late.status).toBe(412);
      expect(at(late.body, 'code')).toBe('revision_mismatch');
      expect((await get('/api/v1/segments/guarded')).headers.get('etag')).toBe('"2"');
    });

    it('guard a put against a definition that is not there, and a publish', async () => {
      const answer = await put('/api/v1/segments/absent', segment('absent'), { 'if-match': '"1"' });
      expect(answer.status).toBe(412);
      expect((await get('/api/v1/segments/absent')).status).toBe(404);
      expect(
        (await post('/api/v1/segments/guarded/publish', undefined, { 'if-match': '"1"' })).status,
      ).toBe(412);
      expect(
        (await post('/api/v1/segments/guarded/publish', undefined, { 'if-match': '"2"' })).status,
      ).toBe(200);
    });

    it('let exactly one of many writers of the same revision through', async () => {
      await put('/api/v1/segments/raced', segment('raced'));
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          put('/api/v1/segments/raced', segment('raced'), { 'if-match': '"1"' }),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([
        200,
        ...Array.from({ length: 7 }, () => 412),
      ]);
    });

    it('refuse an If-Match that no answer gave', async () => {
      expect(
        (await put('/api/v1/segments/raced', segment('raced'), { 'if-match': 'abc' })).status,
      ).toBe(400);
    });
  });

  describe('an Idempotency-Key', () => {
    it('gives the first answer to every repeat, and the effect happens once', async () => {
      const headers = { 'idempotency-key': 'stop-1' };
      const first = await post('/api/v1/sending/stop', { scope: 'workspace' }, headers);
      const again = await post('/api/v1/sending/stop', { scope: 'workspace' }, headers);
      expect(again.status).toBe(first.status);
      expect(again.body).toEqual(first.body);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      await post('/api/v1/sending/resume', { scope: 'workspace' });
      const audit = await bench.sql.query("select 1 from audit_log where action = 'sending.stop'");
      expect(audit.rowCount).toBe(1);
    });

    it('refuses another body under the same key', async () => {
      const headers = { 'idempotency-key': 'stop-2' };
      await post('/api/v1/sending/stop', { scope: 'workspace' }, headers);
      const other = await post('/api/v1/sending/stop', { scope: 'journey', target: 'x' }, headers);
      expect(other.status).toBe(422);
      expect(at(other.body, 'code')).toBe('idempotency_key_reused');
    });

    it('lets a refused request be tried again', async () => {
      const headers = { 'idempotency-key': 'retry-1' };
      expect(
        (await post('/api/v1/sending/stop', { scope: 'journey', target: 'later' }, headers)).status,
      ).toBe(404);
      await put('/api/v1/journeys/later', journey('later'));
      expect(
        (await post('/api/v1/sending/stop', { scope: 'journey', target: 'later' }, headers)).status,
      ).toBe(200);
    });

    it('carries out one of many requests at once', async () => {
      const body = { name: 'raced', scopes: ['read'] };
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => post('/api/v1/keys', body, { 'idempotency-key': 'key-1' })),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
      expect((await bench.sql.query("select 1 from api_key where name = 'raced'")).rowCount).toBe(
        1,
      );
    });

    it('does not keep a secret in order to show it twice', async () => {
      const body = { name: 'secretive', scopes: ['read'] };
      const first = await post('/api/v1/keys', body, { 'idempotency-key': 'key-2' });
      expect(first.status).toBe(201);
      const again = await post('/api/v1/keys', body, { 'idempotency-key': 'key-2' });
      expect(again.status).toBe(409);
      const kept = await bench.sql.query(
        "select body::text from idempotent_answer where idempotency_key = 'key-2'",
      );
      expect(kept.rows).toEqual([{ body: null }]);
    });

    it('is forgotten after a day', async () => {
      const headers = { 'idempotency-key': 'old-1' };
      await post('/api/v1/sending/stop', { scope: 'workspace' }, headers);
      await bench.sql.query(
        "update idempotent_answer set created_at = now() - interval '25 hours' where idempotency_key = 'old-1'",
      );
      const again = await post(
        '/api/v1/sending/stop',
        { scope: 'journey', target: 'later' },
        headers,
      );
      expect(again.status).toBe(200);
      expect(again.headers.get('idempotency-replayed')).toBeNull();
    });

    it('is one workspace’s own', async () => {
      const headers = { 'idempotency-key': 'shared-1' };
      await post('/api/v1/sending/stop', { scope: 'workspace' }, headers);
      const theirs = await bench.call(bench.rival.all, 'POST', '/api/v1/sending/stop', {
        body: { scope: 'workspace' },
        headers,
      });
      expect(theirs.headers.get('idempotency-replayed')).toBeNull();
      expect(
        at((await bench.call(bench.rival.all, 'GET', '/api/v1/sending')).body, 'stops'),
      ).toHaveLength(1);
    });
  });

  describe('lists', () => {
    it('come in pages of a stable order that together are the whole', async () => {
      const keys = Array.from({ length: 7 }, (_, index) => `paged-${index}`);
      for (const key of keys) await put(`/api/v1/templates/${key}`, template(key));
      const seen: unknown[] = [];
      let after: unknown = undefined;
      do {
        const query: string = typeof after === 'string' ? `&after=${after}` : '';
        const { body } = await get(`/api/v1/templates?limit=3${query}`);
        expect(listAt(body, 'items').length).toBeLessThanOrEqual(3);
        seen.push(...listAt(body, 'items').map((item) => at(item, 'key')));
        after = at(body, 'next');
      } while (after !== null);
      expect(seen).toEqual(keys);
    });

    it('give 50 unless told', async () => {
      expect(at((await get('/api/v1/templates')).body, 'next')).toBeNull();
    });
  });

  it('writes nothing of bodies, keys and queries into the log', async () => {
    await get('/api/v1/customers?identifier=email:canary-log@example.com');
    await put('/api/v1/templates/canary', template('canary', 'canary-subject'));
    const log = bench.logLines.join('');
    expect(log).toContain('"route":"/api/v1/customers"');
    expect(log).toContain('"route":"/api/v1/templates/:key"');
    for (const secret of ['canary-log', 'canary-subject', bench.shop.all])
      expect(log).not.toContain(secret);
  });
});
