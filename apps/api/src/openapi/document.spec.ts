import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { newId } from '@throughline/store/shared';
import { environmentExample } from '../config.js';
import { at, openBench, textAt, type Bench } from '../testing/bench.js';
import {
  audience,
  attribute,
  journey,
  mailConnection,
  mapping,
  prediction,
  pull,
  segment,
  template,
} from '../testing/definitions.js';
import { seedModel, seedScore } from '../testing/predictions.js';
import { seedCustomer, type Seeded } from '../testing/seed.js';
import { ANSWERS } from './components.js';
import { openApiDocument } from './document.js';
import { errorsPage } from './errors-page.js';

const ROOT = join(fileURLToPath(import.meta.url), '../../../../..');
const committed = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const Paths = z.record(z.string(), z.record(z.string(), z.unknown()));

describe('the OpenAPI document', () => {
  let bench: Bench;
  let document: unknown;
  let seeded: Seeded;
  let other: string;

  beforeAll(async () => {
    bench = await openBench();
    document = JSON.parse(JSON.stringify(openApiDocument(bench.api)));
    seeded = await seedCustomer(bench.sql, bench.shop.id);
    other = await seedStranger(bench);
  });
  afterAll(() => bench.close());

  const operations = (): string[] =>
    Object.entries(Paths.parse(at(document, 'paths'))).flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((name) => name !== 'parameters')
        .map((method) => `${method.toUpperCase()} ${path}`),
    );

  it('holds every route of the router, and no other', () => {
    const routes = bench.api.routes.map(
      ({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`,
    );
    expect(operations().sort()).toEqual([...new Set(routes)].sort());
  });

  it.each([
    ['docs/api/openapi.json', () => `${JSON.stringify(document, null, 2)}\n`],
    ['docs/api/errors.md', errorsPage],
    ['.env.example', environmentExample],
  ])(
    'and %s as committed are what the code says: run apps/api/dist/write-openapi.js',
    (path, generated) => {
      expect(committed(path)).toBe(generated());
    },
  );

  it('names only components that it holds', () => {
    const text = JSON.stringify(document);
    const missing = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)]
      .map(([, pointer]) => pointer ?? '')
      .filter((pointer) => at(document, ...pointer.split('/').map(unescapePointer)) === undefined);
    expect([...new Set(missing)]).toEqual([]);
  });

  it('gives every operation its own name, an answer and the shape of a refusal', () => {
    const ids = new Set<unknown>();
    for (const operation of operations()) {
      const [method = '', path = ''] = operation.split(' ');
      const described = at(document, 'paths', path, method.toLowerCase());
      ids.add(at(described, 'operationId'));
      expect(
        Object.keys(z.record(z.string(), z.unknown()).parse(at(described, 'responses'))).length,
      ).toBeGreaterThan(0);
      if (path.startsWith('/api/'))
        expect(JSON.stringify(at(described, 'responses', 'default'))).toContain('Problem');
    }
    expect(ids.size).toBe(operations().length);
  });

  it('describes answers as they are', async () => {
    const { shop, call } = bench;
    await call(shop.all, 'PUT', '/api/v1/connections/mail', { body: mailConnection('mail') });
    await call(shop.all, 'PUT', '/api/v1/templates/reminder', { body: template('reminder') });
    await call(shop.all, 'PUT', '/api/v1/segments/vip', { body: segment('vip') });
    await call(shop.all, 'PUT', '/api/v1/journeys/cart', { body: journey('cart') });
    await call(shop.all, 'POST', '/api/v1/journeys/cart/publish');
    await call(shop.all, 'POST', '/api/v1/sending/stop', { body: { scope: 'workspace' } });
    for (const [kind, body] of Object.entries({ mappings: mapping('crm'), pulls: pull('crm') })) {
      await call(shop.all, 'PUT', `/api/v1/${kind}/crm`, { body });
      await call(shop.all, 'POST', `/api/v1/${kind}/crm/publish`);
    }
    await call(shop.all, 'PUT', '/api/v1/audiences/vips', { body: audience('vips') });
    await call(shop.all, 'PUT', '/api/v1/predictions/churn', { body: prediction('churn') });
    await call(shop.all, 'POST', '/api/v1/predictions/churn/publish');
    const modelId = await seedModel(bench.sql, shop.id, 'churn');
    await seedScore(bench.sql, shop.id, { customerId: seeded.customer, modelId, key: 'churn' });
    await call(shop.all, 'PUT', '/api/v1/attributes/shoe_size', { body: attribute('shoe_size') });
    const rules = { identifiers: [{ type: '*', priority: 1, limit: 1 }] };
    await call(shop.all, 'PUT', '/api/v1/identity/rules', { body: rules });
    await call(shop.all, 'POST', '/api/v1/identity/rules/publish');
    const hook = { scheme: 'shopify', secret: '0123456789abcdef' };
    await call(shop.all, 'PUT', '/api/v1/sources/web/hook', { body: hook });
    const told = { traits: ['plan'], segments: ['vip'], recommendations: 3 };
    await call(shop.all, 'PUT', '/api/v1/sources/web/personalisation', { body: told });
    const items = [{ id: 'i-1', name: 'Kettle', price: 29.9, currency: 'EUR' }];
    await call(shop.all, 'PUT', '/api/v1/items', { body: { items } });
    await call(shop.all, 'PUT', '/api/v1/recommendations/settings', { body: {} });
    await call(shop.all, 'PUT', '/api/v1/coupons/codes', { body: { name: 'Codes' } });
    const made = {
      'audiences/runs': await audienceRun(bench, 'vips'),
      imports: await idOf(
        call(shop.all, 'POST', `/api/v1/imports?${UPLOAD}`, {
          body: { id: 'a' },
          headers: { 'content-type': 'application/x-ndjson' },
        }),
      ),
      simulations: await idOf(call(shop.all, 'POST', '/api/v1/journeys/cart/simulate')),
      'predictions/runs': await idOf(call(shop.all, 'POST', '/api/v1/predictions/churn/train')),
      refreshes: await idOf(call(shop.all, 'POST', '/api/v1/recommendations/refreshes')),
      reconcile: await idOf(call(shop.all, 'POST', '/api/v1/identity/reconcile', { body: {} })),
      erasures: await idOf(
        call(shop.all, 'POST', `/api/v1/customers/${other}/erase`, {
          body: { reason: 'asked for' },
        }),
      ),
      suggestions: await suggest(bench, [seeded.customer, other]),
    };
    const paths = operations().filter((operation) => operation.startsWith('GET /api/v1/'));
    for (const operation of paths) {
      const path = operation.slice('GET '.length);
      const answer = await call(
        shop.all,
        'GET',
        filled(path, { ...made, keys: await keyId(bench), workspaces: shop.id }, seeded),
      );
      expect([operation, answer.status]).toEqual([operation, 200]);
      if (STREAMED.includes(operation)) continue;
      expectShape(at(document, 'paths', path, 'get', 'responses', '200'), answer.body, operation);
    }
  });

  it('has examples of the ingest door that are taken', async () => {
    // What other services post has their shape, not ours: no example of it would be true.
    const ours = operations().filter(
      (operation) =>
        operation.startsWith('POST /v1/') &&
        !operation.startsWith('POST /v1/hooks/') &&
        !operation.startsWith('POST /v1/receipts/'),
    );
    for (const path of ours) {
      const url = path.slice('POST '.length);
      const example = at(
        document,
        'paths',
        url,
        'post',
        'requestBody',
        'content',
        'application/json',
        'example',
      );
      expect([
        path,
        (await bench.call(bench.shop.write, 'POST', url, { body: example })).status,
      ]).toEqual([path, 200]);
    }
  });
});

/** Files as they flow, not documents: their own specs read them line by line. */
const STREAMED = [
  'GET /api/v1/customers/{id}/export',
  'GET /api/v1/imports/{id}/rejects',
  'GET /api/v1/predictions/{key}/card/document',
  'GET /api/v1/predictions/{key}/card/plot',
];

const UPLOAD = 'kind=customers&mapping=crm&format=ndjson';

/** Somebody of whom nothing but the id is known. */
async function seedStranger({ sql, shop }: Bench): Promise<string> {
  const id = newId();
  await sql.query(
    `insert into customer (workspace_id, customer_id, created_at, first_position, first_ordinal, applied_position)
     values ($1, $2, now(), 1, 0, 1)`,
    [shop.id, id],
  );
  return id;
}

/** What a comparison of people would have left. */
async function suggest({ sql, shop }: Bench, members: readonly string[]): Promise<string> {
  const id = newId();
  await sql.query(
    `insert into identity_suggestion (workspace_id, suggestion_id, members, run_id, weakest, strongest, evidence)
     values ($1, $2, $3, $2, 0.9, 0.99, $4)`,
    [
      shop.id,
      id,
      [...members].sort(),
      JSON.stringify([
        {
          left: members[0],
          right: members[1],
          probability: 0.99,
          weight: 7,
          levels: { email: 'exact' },
        },
      ]),
    ],
  );
  return id;
}

/** A run that an audience has had. */
async function audienceRun({ sql, shop }: Bench, key: string): Promise<string> {
  const id = newId();
  await sql.query(
    `insert into audience_run (workspace_id, run_id, audience_key, kind, state, requested_by)
     values ($1, $2, $3, 'full', 'done', 'test')`,
    [shop.id, id, key],
  );
  return id;
}

async function idOf(answer: Promise<{ readonly status: number; readonly body: unknown }>) {
  const { status, body } = await answer;
  expect([status, body]).toEqual([202, expect.objectContaining({ id: expect.any(String) })]);
  return textAt(body, 'id');
}

/** The answer against the component that the document names for it; strict, so that nothing undocumented leaves. */
function expectShape(response: unknown, body: unknown, operation: string): void {
  const schema = at(response, 'content', 'application/json', 'schema');
  const components: ReadonlyMap<unknown, z.ZodType> = new Map(
    Object.entries(ANSWERS).map(([name, answer]) => [`#/components/schemas/${name}`, answer]),
  );
  const paged = at(schema, 'properties', 'items', 'items', '$ref');
  const bodies = paged === undefined ? [body] : z.array(z.unknown()).parse(at(body, 'items'));
  const component = components.get(paged ?? at(schema, '$ref')) ?? z.never();
  for (const one of bodies) {
    const parsed = component.safeParse(one);
    expect([operation, parsed.success ? [] : parsed.error.issues]).toEqual([operation, []]);
    expect([operation, parsed.data]).toEqual([operation, one]);
  }
}

async function keyId(bench: Bench): Promise<string> {
  return textAt((await bench.call(bench.shop.all, 'GET', '/api/v1/keys')).body, 'items', 0, 'id');
}

function filled(path: string, made: Readonly<Record<string, string>>, seeded: Seeded): string {
  const ids: Readonly<Record<string, string>> = {
    ...made,
    customers: seeded.customer,
    enrolments: seeded.enrolment,
    quarantine: seeded.quarantined,
  };
  const keys: Readonly<Record<string, string>> = {
    sources: 'web',
    segments: 'vip',
    journeys: 'cart',
    templates: 'reminder',
    connections: 'mail',
    destinations: 'webhook',
    mappings: 'crm',
    pulls: 'crm',
    predictions: 'churn',
    attributes: 'shoe_size',
    audiences: 'vips',
    coupons: 'codes',
  };
  const parts = path.split('/');
  const resource = parts[3] ?? '';
  // The id belongs to what stands right before it: /journeys/{key}/simulations/{id}.
  const owner = parts[parts.indexOf('{id}') - 1] ?? '';
  return path
    .replace('{id}', ids[`${resource}/${owner}`] ?? ids[owner] ?? '')
    .replace('{key}', keys[resource] ?? '')
    .replace('{version}', '1')
    .replace('{deliveryKey}', encodeURIComponent(seeded.deliveryKey))
    .replace(/\/explain$/, '/explain?journey=cart');
}

function unescapePointer(part: string): string {
  return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
}
