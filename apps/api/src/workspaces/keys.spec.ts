import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../../test/support/eventually.js';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';

describe('keys', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const make = async (body: unknown) => {
    const answer = await bench.call(bench.shop.all, 'POST', '/api/v1/keys', { body });
    expect(answer.status).toBe(201);
    return { id: textAt(answer.body, 'id'), key: textAt(answer.body, 'key') };
  };
  const works = async (key: string): Promise<boolean> =>
    (await bench.call(key, 'GET', '/api/v1/workspaces')).status === 200;

  it('are shown once, and only their hash is kept', async () => {
    const { id, key } = await make({ name: 'reader', scopes: ['read'] });
    expect(key).toMatch(/^tl_read_[0-9A-Za-z]{49}$/);
    const shown = await bench.call(bench.shop.all, 'GET', `/api/v1/keys/${id}`);
    expect(shown.text).not.toContain(key);
    expect(at(shown.body, 'prefix')).toBe(key.slice(0, 14));
    const stored = await bench.sql.query<{ row: string }>(
      'select k::text as row from api_key k where key_id = $1',
      [id],
    );
    expect(stored.rows[0]?.row).not.toContain(key);
  });

  it('are refused within five seconds of their revocation, although they were in use', async () => {
    const { id, key } = await make({ name: 'leaked', scopes: ['read'] });
    expect(await works(key)).toBe(true);
    const revokedAt = performance.now();
    expect((await bench.call(bench.shop.all, 'POST', `/api/v1/keys/${id}/revoke`)).status).toBe(
      200,
    );
    await eventually(
      async () => {
        expect(await works(key)).toBe(false);
      },
      { deadlineMs: 5_000 },
    );
    expect(performance.now() - revokedAt).toBeLessThan(5_000);
  });

  it('close the ingest door within five seconds of their revocation', async () => {
    const { id, key } = await make({ name: 'writer', scopes: ['ingest'], source: 'app' });
    const post = () =>
      fetch(`${bench.url}/v1/track`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: '{"userId":"u","event":"x"}',
      });
    expect((await post()).status).toBe(200);
    await bench.call(bench.shop.all, 'POST', `/api/v1/keys/${id}/revoke`);
    await eventually(
      async () => {
        expect((await post()).status).toBe(401);
      },
      { deadlineMs: 5_000 },
    );
  });

  it('end at their expiry to the millisecond, cached or not', async () => {
    const expiresAt = new Date(Date.now() + 700).toISOString();
    const { key } = await make({ name: 'short', scopes: ['read'], expiresAt });
    expect(await works(key)).toBe(true);
    await eventually(
      async () => {
        expect(await works(key)).toBe(false);
      },
      { deadlineMs: 2_000 },
    );
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
  });

  it('are rotated with an overlap: both work, then the new one alone', async () => {
    const { id, key } = await make({ name: 'rotated', scopes: ['read'] });
    const answer = await bench.call(bench.shop.all, 'POST', `/api/v1/keys/${id}/rotate`, {
      body: { overlapSeconds: 1 },
    });
    expect(answer.status).toBe(201);
    const successor = textAt(answer.body, 'key');
    expect(await works(key)).toBe(true);
    expect(await works(successor)).toBe(true);
    await eventually(
      async () => {
        expect(await works(key)).toBe(false);
      },
      { deadlineMs: 6_000 },
    );
    expect(await works(successor)).toBe(true);
    const again = await bench.call(bench.shop.all, 'POST', `/api/v1/keys/${id}/rotate`, {
      body: {},
    });
    expect(again.status).toBe(409);
  });

  it('do not revoke themselves', async () => {
    const list = await bench.call(bench.shop.only.admin, 'GET', '/api/v1/keys?limit=200');
    const own = listAt(list.body, 'items').find((item) => at(item, 'name') === 'admin');
    const answer = await bench.call(
      bench.shop.only.admin,
      'POST',
      `/api/v1/keys/${textAt(own, 'id')}/revoke`,
    );
    expect(answer.status).toBe(409);
  });

  it('with the scope ingest must name a source', async () => {
    const answer = await bench.call(bench.shop.all, 'POST', '/api/v1/keys', {
      body: { name: 'x', scopes: ['ingest'] },
    });
    expect(answer.status).toBe(400);
  });

  it('leave a trace of every change, which only admins read', async () => {
    const { id } = await make({ name: 'traced', scopes: ['read'] });
    const audit = await bench.call(bench.shop.all, 'GET', '/api/v1/audit?limit=1');
    expect(at(audit.body, 'items', 0)).toMatchObject({
      action: 'key.create',
      subject: id,
      detail: { name: 'traced' },
    });
    expect(textAt(audit.body, 'items', 0, 'actor')).toMatch(/^key:/);
    const next = await bench.call(
      bench.shop.all,
      'GET',
      `/api/v1/audit?limit=1&after=${textAt(audit.body, 'next')}`,
    );
    expect(at(next.body, 'items', 0, 'id')).not.toBe(at(audit.body, 'items', 0, 'id'));
  });
});

describe('sources', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it('are made, renamed, paused and resumed', async () => {
    const call = (method: string, path: string, body?: unknown) =>
      bench.call(
        bench.shop.all,
        method,
        `/api/v1/sources${path}`,
        body === undefined ? {} : { body },
      );
    expect((await call('PUT', '/till', { name: 'Till' })).status).toBe(200);
    expect((await call('PUT', '/till', { name: 'Till 2' })).body).toMatchObject({
      key: 'till',
      name: 'Till 2',
      state: 'active',
    });
    expect(at((await call('POST', '/till/pause')).body, 'state')).toBe('paused');
    expect(at((await call('GET', '/till')).body, 'state')).toBe('paused');
    expect(at((await call('POST', '/till/resume')).body, 'state')).toBe('active');
    expect(at((await call('GET', '')).body, 'items')).toMatchObject([
      { key: 'till' },
      { key: 'web' },
    ]);
  });

  it('that are resumed are taken again within five seconds', async () => {
    await bench.call(bench.shop.all, 'POST', '/api/v1/sources/web/pause');
    const post = () =>
      fetch(`${bench.url}/v1/track`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${bench.shop.write}`,
          'content-type': 'application/json',
        },
        body: '{"userId":"u","event":"x"}',
      });
    expect((await post()).status).toBe(409);
    await bench.call(bench.shop.all, 'POST', '/api/v1/sources/web/resume');
    await eventually(
      async () => {
        expect((await post()).status).toBe(200);
      },
      { deadlineMs: 5_000 },
    );
  });
});
