import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@throughline/store/shared';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { seedCustomer, type Seeded } from '../testing/seed.js';
import { healthView } from './views.js';

describe('deliveries', () => {
  let bench: Bench;
  let seeded: Seeded;

  beforeAll(async () => {
    bench = await openBench();
    seeded = await seedCustomer(bench.sql, bench.shop.id);
    for (const [visit, state, reason] of [
      [2, 'skipped', 'no_consent'],
      [3, 'failed', 'hard_bounce'],
      [4, 'accepted', null],
      [5, 'unknown', 'no_answer'],
    ] as const) {
      await bench.sql.query(
        `insert into delivery (workspace_id, delivery_key, enrolment_id, journey_key, version, step_id, visit, subject_id, connection_key,
           connector_key, action, channel, purpose, state, reason, attempts, provider_id, expires_at, settled_at)
         values ($1, $2::uuid || ':mail:' || $3::int, $2, 'cart', 1, 'mail', $3, $4, 'mail', 'smtp-email', 'send', 'email', 'marketing',
           $5, $6, 1, 'provider-' || $3::int, '2026-01-03T00:00:00Z', '2026-01-02T12:00:00Z')`,
        [bench.shop.id, seeded.enrolment, visit, seeded.customer, state, reason],
      );
    }
  });
  afterAll(() => bench.close());

  const get = (path: string) => bench.call(bench.shop.all, 'GET', `/api/v1/deliveries${path}`);
  const visits = async (query: string): Promise<unknown[]> =>
    listAt((await get(query)).body, 'items').map((item) => at(item, 'visit'));

  it.each([
    ['state', () => '?state=accepted', [4]],
    ['the reason of a skip', () => '?reason=no_consent', [2]],
    ['state and reason', () => '?state=failed&reason=hard_bounce', [3]],
    ['a reason that belongs to another state', () => '?state=accepted&reason=no_consent', []],
    ['journey', () => '?journey=cart', [1, 2, 3, 4, 5]],
    ['another journey', () => '?journey=alert', []],
    ['enrolment', () => `?enrolment=${seeded.enrolment}`, [1, 2, 3, 4, 5]],
    ['the enrolment that sent nothing', () => `?enrolment=${seeded.ended}`, []],
    ['customer', () => `?customer=${seeded.customer}`, [1, 2, 3, 4, 5]],
    ['somebody else', () => `?customer=${newId()}`, []],
  ])('are found by %s', async (_what, query, expected) => {
    expect((await visits(query())).sort()).toEqual(expected);
  });

  it('come in pages without a gap or a repeat', async () => {
    const seen: unknown[] = [];
    let after = '';
    for (let page = 0; page < 3; page += 1) {
      const { body } = await get(`?limit=2${after}`);
      seen.push(...listAt(body, 'items').map((item) => at(item, 'visit')));
      const next = at(body, 'next');
      after = typeof next === 'string' ? `&after=${next}` : 'end';
    }
    expect(after).toBe('end');
    expect(seen).toEqual(await visits(''));
    expect(seen).toHaveLength(5);
  });

  it.each([
    '?state=lost',
    '?customer=me',
    '?enrolment=1',
    '?journey=A%20B',
    `?reason=${'x'.repeat(101)}`,
  ])('are not asked for by %s', async (query) => {
    expect(await get(query)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('say what keeps one back, and that nothing was sent yet', async () => {
    expect((await get(`/${seeded.deliveryKey}`)).body).toMatchObject({
      key: seeded.deliveryKey,
      state: 'reserved',
      blockedBy: 'stopped_workspace',
      attempts: 0,
      providerId: null,
      sendingAt: null,
      settledAt: null,
    });
  });

  it('say what became of one, and the receipt of whoever took it', async () => {
    expect((await get(`/${seeded.enrolment}:mail:4`)).body).toMatchObject({
      state: 'accepted',
      reason: null,
      providerId: 'provider-4',
      settledAt: '2026-01-02T12:00:00.000Z',
      expiresAt: '2026-01-03T00:00:00.000Z',
    });
  });

  it('show no address and no content of a message', async () => {
    const { text } = await get('');
    expect(text).not.toContain('ada@example.com');
    expect(text).not.toContain('"response"');
  });

  it.each([
    ['no key at all', 'mine'],
    ['another visit', 'E:mail:9'],
    ['another step', 'E:post:1'],
    ['a visit that is no number', 'E:mail:one'],
    ['a step that is none', 'E:m%20l:1'],
    ['more than a key', 'E:mail:1:1'],
    ['a number no visit can have', 'E:mail:9999999999'],
    ['a NUL', 'E:mail%00:1'],
  ])('are not found by %s', async (_what, path) => {
    expect((await get(`/${path.replace('E', seeded.enrolment)}`)).status).toBe(404);
  });

  it('are read-only: no verb changes one', async () => {
    for (const method of ['PUT', 'POST', 'DELETE', 'PATCH']) {
      const answer = await bench.call(
        bench.shop.all,
        method,
        `/api/v1/deliveries/${seeded.deliveryKey}`,
      );
      expect(answer.status).toBe(404);
    }
  });
});

describe('destination types', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const get = (path: string) =>
    bench.call(bench.shop.only.read, 'GET', `/api/v1/destinations${path}`);

  it('are the same alone as in the list', async () => {
    const { body } = await get('');
    expect(at(body, 'next')).toBeNull();
    for (const item of listAt(body, 'items'))
      expect((await get(`/${textAt(item, 'key')}`)).body).toEqual(item);
  });

  it('say which settings are secret, so that a form hides them', async () => {
    const { body } = await get('/smtp-email');
    expect(at(body, 'settings', 'properties', 'pass', 'secret')).toBe(true);
    expect(at(body, 'settings', 'properties', 'host', 'secret')).toBeUndefined();
  });

  it.each(['fax', 'constructor', 'toString', '__proto__', 'SMTP-EMAIL'])(
    'do not include %s',
    async (key) => {
      expect((await get(`/${key}`)).status).toBe(404);
    },
  );
});

describe('the health of a connection', () => {
  it('is fine until something was said of it', () => {
    expect(healthView(null, false)).toEqual({ state: 'ok', code: null, at: null, stopped: false });
    expect(healthView(null, true)).toMatchObject({ state: 'ok', stopped: true });
  });

  it('is what was said last, whether or not it is stopped', () => {
    const row = {
      connectionKey: 'mail',
      state: 'needs_attention',
      code: 'auth_failed',
      at: 5,
    } as const;
    expect(healthView(row, true)).toEqual({
      state: 'needs_attention',
      code: 'auth_failed',
      at: '1970-01-01T00:00:00.005Z',
      stopped: true,
    });
  });
});
