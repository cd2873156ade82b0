import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SCOPES, type Scope } from '@throughline/store/workspaces';
import { at, openBench, textAt } from './testing/bench.js';
import {
  attribute,
  audience,
  journey,
  mailConnection,
  mapping,
  prediction,
  pull,
  segment,
  template,
} from './testing/definitions.js';
import { seedCustomer, type Seeded } from './testing/seed.js';

/**
 * Who may do what, over every route that the router knows: a route that is added without a scope, or that finds another
 * workspace's things, fails here without anybody having to think of it.
 */
const bench = await openBench();
const managed = bench.api.routes.filter(({ path }) => path.startsWith('/api/v1/'));
const rivalKey = 'rival-only';
const bodies: Readonly<Record<string, unknown>> = {
  'POST /api/v1/keys': { name: 'k', scopes: ['read'] },
  'PUT /api/v1/sources/:key': { name: 'Source' },
  'PUT /api/v1/segments/:key': segment(rivalKey),
  'PUT /api/v1/journeys/:key': journey(rivalKey),
  'PUT /api/v1/templates/:key': template(rivalKey),
  'PUT /api/v1/connections/:key': mailConnection(rivalKey),
  'PUT /api/v1/coupons/:key': { name: 'Codes' },
  'PUT /api/v1/sources/:key/hook': { scheme: 'shopify', secret: '0123456789abcdef' },
  'PUT /api/v1/pulls/:key': pull(rivalKey),
  'PUT /api/v1/predictions/:key': prediction(rivalKey),
  'POST /api/v1/predictions/:key/backtest': { at: '2026-01-02T00:00:00Z' },
  'PUT /api/v1/audiences/:key': audience(rivalKey),
  'POST /api/v1/audiences/:key/run': {},
  'PUT /api/v1/attributes/:key': attribute(rivalKey),
  'PUT /api/v1/mappings/:key': mapping(rivalKey),
  'POST /api/v1/mappings/validate': mapping('a'),
  'POST /api/v1/mappings/suggest': { target: 'customers', rows: [{ id: '1' }] },
  'POST /api/v1/mappings/preview': { mapping: mapping('a'), rows: [{ id: '1' }] },
  'PUT /api/v1/identity/rules': { identifiers: [{ type: '*', priority: 1, limit: 1 }] },
  'POST /api/v1/customers/:id/merge': { other: '0199a3c5-0000-7000-8000-000000000000' },
  'POST /api/v1/customers/:id/unmerge': {},
  'PUT /api/v1/customers/:id/consents': { consents: [{ purpose: 'news', state: 'granted' }] },
  'POST /api/v1/segments/validate': segment('a'),
  'POST /api/v1/segments/preview': { condition: segment('a').condition },
  'POST /api/v1/segments/who-am-i': {
    condition: segment('a').condition,
    customer: '0199a3c5-0000-7000-8000-000000000000',
  },
  'POST /api/v1/segments/:key/who-am-i': { customer: '0199a3c5-0000-7000-8000-000000000000' },
  'POST /api/v1/journeys/validate': journey('a'),
  'POST /api/v1/templates/:key/preview': { customer: '0199a3c5-0000-7000-8000-000000000000' },
  'PUT /api/v1/workspaces/publish-limit': { messagesPerDay: 10_000 },
  'PUT /api/v1/recommendations/settings': {},
  'PUT /api/v1/items': { items: [{ id: 'i-1', name: 'Kettle' }] },
  'PUT /api/v1/sources/:key/personalisation': { traits: ['plan'] },
  'PUT /api/v1/identity/reconcile/schedule': { everyHours: 24 },
  'POST /api/v1/identity/suggestions/:id/split': {
    groups: [['0199a3c5-0000-7000-8000-000000000000'], ['0199a3c5-0000-7000-8000-000000000001']],
  },
  'POST /api/v1/sending/stop': { scope: 'workspace' },
  'POST /api/v1/sending/resume': { scope: 'workspace' },
};
/** The scope of each route, as it is meant to be: changing one is changing this table. */
const SCOPE_OF: readonly (readonly [RegExp, Scope])[] = [
  [/^\w+ \/api\/v1\/(keys|audit)/, 'admin'],
  [/^POST \/api\/v1\/(segments|journeys|mappings)\/validate/, 'read'],
  [/^POST \/api\/v1\/mappings\/(suggest|preview)/, 'read'],
  [/^POST \/api\/v1\/templates\/:key\/preview/, 'read'],
  [/^POST \/api\/v1\/segments\/(:key\/)?(preview|who-am-i)/, 'read'],
  [/^POST \/api\/v1\/identity\/preview$/, 'read'],
  [/^POST \/api\/v1\/imports$/, 'write'],
  [/^POST \/api\/v1\/suppressions\/import$/, 'write'],
  [/^POST \/api\/v1\/coupons\/:key\/codes$/, 'write'],
  [/^\w+ \/api\/v1\/(erasures|customers\/:id\/(erase|export)$)/, 'privacy'],
  [/^PUT \/api\/v1\/workspaces\/publish-limit$/, 'admin'],
  [/^PUT \/api\/v1\/identity\/reconcile\/schedule$/, 'operate'],
  [/^POST \/api\/v1\/journeys\/:key\/simulate$/, 'write'],
  [/^POST \/api\/v1\/journeys\/:key\/blast-radius$/, 'read'],
  [/^(PUT|DELETE) /, 'write'],
  [/^POST .*\/publish$/, 'write'],
  [/^POST /, 'operate'],
  [/^GET /, 'read'],
];
let theirs: Seeded;

beforeAll(async () => {
  const { rival, call, sql } = bench;
  theirs = await seedCustomer(sql, rival.id, { journey: rivalKey, connection: rivalKey });
  await call(rival.all, 'PUT', `/api/v1/sources/${rivalKey}`, { body: { name: 'theirs' } });
  await call(rival.all, 'PUT', `/api/v1/segments/${rivalKey}`, { body: segment(rivalKey) });
  await call(rival.all, 'PUT', `/api/v1/mappings/${rivalKey}`, { body: mapping(rivalKey) });
  await call(rival.all, 'PUT', `/api/v1/pulls/${rivalKey}`, { body: pull(rivalKey) });
  await call(rival.all, 'PUT', `/api/v1/predictions/${rivalKey}`, { body: prediction(rivalKey) });
  await call(rival.all, 'PUT', `/api/v1/audiences/${rivalKey}`, { body: audience(rivalKey) });
  await call(rival.all, 'PUT', `/api/v1/attributes/${rivalKey}`, { body: attribute(rivalKey) });
  await call(rival.all, 'PUT', `/api/v1/templates/${rivalKey}`, { body: template(rivalKey) });
  await call(rival.all, 'PUT', `/api/v1/connections/${rivalKey}`, {
    body: mailConnection(rivalKey),
  });
  const theirJourney = journey(rivalKey, {
    start: 'mail',
    steps: {
      mail: {
        kind: 'message',
        channel: 'email',
        connection: rivalKey,
        template: rivalKey,
        next: 'done',
      },
      done: { kind: 'exit', reason: 'done' },
    },
  });
  await call(rival.all, 'PUT', `/api/v1/journeys/${rivalKey}`, { body: theirJourney });
  for (const kind of ['segments', 'journeys']) {
    expect(await call(rival.all, 'POST', `/api/v1/${kind}/${rivalKey}/publish`)).toMatchObject({
      status: 200,
    });
  }
});
afterAll(() => bench.close());

/** A path of theirs, out of a pattern. */
function theirPath(pattern: string, keyId: string, key = rivalKey): string {
  const ids: readonly (readonly [RegExp, string])[] = [
    [/^\/api\/v1\/keys\//, keyId],
    [/^\/api\/v1\/workspaces\//, bench.rival.id],
    [/^\/api\/v1\/customers\//, theirs.customer],
    [/^\/api\/v1\/enrolments\//, theirs.enrolment],
    [/^\/api\/v1\/quarantine\//, theirs.quarantined],
  ];
  const id = ids.find(([start]) => start.test(pattern))?.[1] ?? 'unknown';
  return pattern
    .replace(':id', id)
    .replace(':deliveryKey', encodeURIComponent(theirs.deliveryKey))
    .replace(':version', '1')
    .replace(':key', key)
    .replace(/\/explain$/, '/explain?journey=cart');
}

const named = (route: { method: string; path: string }): string => `${route.method} ${route.path}`;
const withIds = managed.filter(
  ({ method, path }) =>
    path.includes(':') && method !== 'PUT' && !path.startsWith('/api/v1/destinations/'),
);

describe('every route of the management API', () => {
  it('is known to this test', () => {
    expect(managed.length).toBeGreaterThan(55);
  });

  it.each(managed.map(named))('%s refuses a caller without a key', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const answer = await bench.call(null, method, theirPath(path, bench.rival.id), {
      body: bodies[route],
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(at(answer.body, 'code')).toBe('unauthenticated');
  });

  it.each(managed.map(named))('%s is open to exactly one scope', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const needed = SCOPE_OF.find(([pattern]) => pattern.test(route))?.[1];
    const opened: Scope[] = [];
    for (const scope of SCOPES) {
      const options = { body: bodies[route] };
      const answer = await bench.call(
        bench.shop.only[scope],
        method,
        theirPath(path, bench.rival.id, 'probe'),
        options,
      );
      if (answer.status !== 403) opened.push(scope);
    }
    expect(opened).toEqual([needed]);
  });

  it.each(withIds.map(named))(
    "%s answers 404 for another workspace's id, as for one that is not there",
    async (route) => {
      const [method = '', path = ''] = route.split(' ');
      const keys = await bench.call(bench.rival.all, 'GET', '/api/v1/keys');
      const options = { body: bodies[route] };
      const foreign = await bench.call(
        bench.shop.all,
        method,
        theirPath(path, textAt(keys.body, 'items', 0, 'id')),
        options,
      );
      expect(foreign.status).toBe(404);
      const nowhere = path
        .replace(':id', '0199a3c5-0000-7000-8000-000000000000')
        .replace(':deliveryKey', '0199a3c5-0000-7000-8000-000000000000:mail:1')
        .replace(':version', '1')
        .replace(':key', 'nowhere')
        .replace(/\/explain$/, '/explain?journey=cart');
      const missing = await bench.call(bench.shop.all, method, nowhere, options);
      expect(without(foreign.body, 'requestId')).toEqual(without(missing.body, 'requestId'));
    },
  );

  it.each(['sources', 'segments', 'journeys', 'templates', 'connections'])(
    "PUT /api/v1/%s of another workspace's key makes one of one's own and leaves theirs",
    async (kind) => {
      const path = `/api/v1/${kind}/${rivalKey}`;
      const before = await bench.call(bench.rival.all, 'GET', path);
      const options = { body: bodies[`PUT /api/v1/${kind}/:key`] };
      expect((await bench.call(bench.shop.all, 'PUT', path, options)).status).toBeLessThan(300);
      expect((await bench.call(bench.rival.all, 'GET', path)).body).toEqual(before.body);
    },
  );

  it.each([
    ['/api/v1/customers?segment=vip', 'items'],
    ['/api/v1/customers?identifier=email:ada@example.com', 'items'],
    ['/api/v1/customers', 'items'],
    ['/api/v1/suppressions', 'items'],
    ['/api/v1/quarantine', 'items'],
    [`/api/v1/enrolments?journey=${rivalKey}`, 'items'],
    [`/api/v1/deliveries?journey=${rivalKey}`, 'items'],
  ])('GET %s shows nothing of another workspace', async (path, list) => {
    expect(at((await bench.call(bench.shop.all, 'GET', path)).body, list)).toEqual([]);
    expect(at((await bench.call(bench.rival.all, 'GET', path)).body, list)).not.toEqual([]);
  });

  it("finds nothing by another workspace's ids in filters and bodies", async () => {
    const { shop, call } = bench;
    for (const filter of [`customer=${theirs.customer}`, `enrolment=${theirs.enrolment}`]) {
      expect(
        at((await call(shop.all, 'GET', `/api/v1/deliveries?${filter}`)).body, 'items'),
      ).toEqual([]);
    }
    expect(
      at(
        (await call(shop.all, 'GET', `/api/v1/enrolments?customer=${theirs.customer}`)).body,
        'items',
      ),
    ).toEqual([]);
    await call(shop.all, 'PUT', '/api/v1/templates/mine', { body: template('mine') });
    const preview = await call(shop.all, 'POST', '/api/v1/templates/mine/preview', {
      body: { customer: theirs.customer },
    });
    expect(preview.status).toBe(404);
    const stop = await call(shop.all, 'POST', '/api/v1/sending/stop', {
      body: { scope: 'journey', target: 'theirs' },
    });
    expect(stop.status).toBe(404);
  });

  it('lets one pooled connection serve two workspaces without a leak', async () => {
    const ask = (key: string): Promise<unknown> =>
      bench.call(key, 'GET', '/api/v1/workspaces').then(({ body }) => at(body, 'items', 0, 'key'));
    const keys = Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0 ? bench.shop.all : bench.rival.all,
    );
    expect(await Promise.all(keys.map(ask))).toEqual(
      keys.map((key) => (key === bench.shop.all ? 'shop' : 'rival')),
    );
  });
});

function without(body: unknown, key: string): unknown {
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== key));
}
