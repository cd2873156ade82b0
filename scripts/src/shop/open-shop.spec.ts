import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { asRecord } from './api-client.js';
import { CART_WAIT_MS } from './cast.js';
import { ensureShop, furnishShop } from './open-shop.js';
import { FakeApi } from './testing/fake-api.js';

let folder: string;
let database: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  [folder, database] = await Promise.all([
    mkdtemp(join(tmpdir(), 'throughline-shop-')),
    createTestDatabase(),
  ]);
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

describe('the workspace of the demo', () => {
  let files = 0;
  let file: string;

  beforeEach(() => {
    files += 1;
    file = join(folder, `install-${files}`, 'shop.json');
  });

  const countOf = async (table: 'workspace' | 'source' | 'api_key'): Promise<number> => {
    const { rows } = await admin.query<{ count: number }>(
      `select count(*)::int as count from ${table}`,
    );
    return rows[0]?.count ?? 0;
  };

  it('is made once, with a key for events and one for management, which are kept by its owner alone', async () => {
    const keys = await ensureShop(database.url, file);
    expect(await ensureShop(database.url, file)).toEqual(keys);
    expect([await countOf('workspace'), await countOf('source'), await countOf('api_key')]).toEqual(
      [1, 1, 2],
    );
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(keys);
    expect((await stat(file)).mode & 0o077).toBe(0);
    const { rows } = await admin.query(
      'select scopes, source_key from api_key order by cardinality(scopes)',
    );
    expect(rows).toEqual([
      { scopes: ['ingest'], source_key: 'web' },
      { scopes: ['read', 'write', 'operate'], source_key: null },
    ]);
  });

  it('gets new keys where they were lost, and stays the same workspace', async () => {
    const before = await countOf('api_key');
    const keys = await ensureShop(database.url, file);
    expect(keys.writeKey).not.toBe(keys.apiKey);
    expect([await countOf('workspace'), await countOf('source')]).toEqual([1, 1]);
    expect(await countOf('api_key')).toBe(before + 2);
  });

  it.each([['{}'], ['{"writeKey":"a"}'], ['null'], ['{"writeKey":1,"apiKey":2}']])(
    'does not go on with a file that holds no keys: %s',
    async (text) => {
      const path = join(folder, `odd-${files}.json`);
      await writeFile(path, text);
      const keys = await ensureShop(database.url, path);
      expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(keys);
    },
  );

  it('fails where the file is torn, rather than forget that there were keys', async () => {
    const path = join(folder, `torn-${files}.json`);
    await writeFile(path, '{"writeKey":"tl_');
    await expect(ensureShop(database.url, path)).rejects.toThrow(SyntaxError);
  });
});

describe('the fittings of the shop', () => {
  let server: FakeApi;

  beforeAll(async () => {
    server = await FakeApi.open();
  });
  afterAll(() => server.close());

  const fittings = {
    smtpPort: 2_599,
    hookUrl: 'http://127.0.0.1:4999/hook',
    webhookSecret: 'whsec_test',
    night: { quietHours: { from: '22:00', to: '08:00' }, timezone: 'Europe/Berlin' },
    birthdayAt: '11:07',
  };

  const put = (path: string): Record<string, unknown> =>
    asRecord(server.asked.find(({ method, target }) => method === 'PUT' && target === path)?.body);

  it('are put in an order in which nothing names what is not there yet, and the running ones are published', async () => {
    server.answer(() => ({ body: {} }));
    await furnishShop(server.url, { writeKey: 'tl_write', apiKey: 'tl_manage' }, fittings);
    const calls = server.asked.map(({ method, target }) => `${method} ${target}`);
    const places = [
      'PUT /api/v1/connections/shop-mail',
      'PUT /api/v1/connections/price-hook',
      'PUT /api/v1/templates/cart-reminder',
      'PUT /api/v1/segments/buyers',
      'POST /api/v1/segments/buyers/publish',
      'PUT /api/v1/journeys/abandoned-cart',
      'POST /api/v1/journeys/abandoned-cart/publish',
    ].map((call) => calls.indexOf(call));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    for (const call of calls.filter((one) => /^PUT .*\/(segments|journeys|mappings)\//.test(one)))
      expect(calls).toContain(`${call.replace('PUT', 'POST')}/publish`);
    for (const { authorization } of server.asked) expect(authorization).toBe('Bearer tl_manage');
  });

  it('celebrate a birthday at the minute that was chosen', async () => {
    server.answer(() => ({ body: {} }));
    await furnishShop(server.url, { writeKey: 'w', apiKey: 'm' }, fittings);
    const { trigger } = put('/api/v1/journeys/birthday');
    expect(trigger).toMatchObject({ at: '11:07' });
  });

  it('send to this machine: its mail catcher, its receiver, its secret', async () => {
    server.answer(() => ({ body: {} }));
    await furnishShop(server.url, { writeKey: 'w', apiKey: 'm' }, fittings);
    expect(put('/api/v1/connections/shop-mail')).toMatchObject({
      connector: 'smtp-email',
      settings: { host: '127.0.0.1', port: 2_599 },
    });
    expect(put('/api/v1/connections/price-hook')).toMatchObject({
      connector: 'webhook',
      settings: { url: fittings.hookUrl, secret: 'whsec_test' },
    });
  });

  it('wait for a cart no longer than a person would, and are the examples otherwise', async () => {
    server.answer(() => ({ body: {} }));
    await furnishShop(server.url, { writeKey: 'w', apiKey: 'm' }, fittings);
    const journey = put('/api/v1/journeys/abandoned-cart');
    const waits = Object.values(asRecord(journey['steps']))
      .map(asRecord)
      .filter(({ kind }) => kind === 'waitFor');
    expect(waits.length).toBeGreaterThan(0);
    for (const wait of waits)
      expect(asRecord(wait['timeout'])['after']).toEqual({ milliseconds: CART_WAIT_MS });
    const file = new URL('../../../examples/shop/journeys/abandoned-cart.json', import.meta.url);
    const example = asRecord(JSON.parse(await readFile(file, 'utf8')));
    expect({ ...journey, steps: null }).toEqual({ ...example, ...fittings.night, steps: null });
    expect(Object.keys(asRecord(journey['steps']))).toEqual(
      Object.keys(asRecord(example['steps'])),
    );
  });

  it('stop at the first refusal', async () => {
    server.answer(({ target }) =>
      target.includes('templates')
        ? { status: 422, body: { code: 'invalid_definition' } }
        : { body: {} },
    );
    const furnished = furnishShop(server.url, { writeKey: 'w', apiKey: 'm' }, fittings);
    await expect(furnished).rejects.toThrow('PUT /api/v1/templates/cart-reminder answered 422.');
    expect(server.asked.at(-1)?.target).toBe('/api/v1/templates/cart-reminder');
  });
});
