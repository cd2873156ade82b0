import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, openBench, type Bench } from '../testing/bench.js';

const PATH = '/api/v1/workspaces/caps';
const RULES = [{ channel: 'email', per: 'P1D', max: 3, slots: { cart: 1 } }];

describe('frequency caps', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const get = (key = bench.shop.all) => bench.call(key, 'GET', PATH);
  const put = (body: unknown, ifMatch?: string, key = bench.shop.all) =>
    bench.call(key, 'PUT', PATH, {
      body,
      ...(ifMatch === undefined ? {} : { headers: { 'if-match': ifMatch } }),
    });

  it('are none before anybody writes some, and are put whole', async () => {
    const none = await get();
    expect(none.body).toEqual({ rules: [], revision: 0, updatedAt: null });
    expect(none.headers.get('etag')).toBe('"0"');
    const first = await put({ rules: RULES }, '"0"');
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ rules: RULES, revision: 1 });
    expect((await get()).body).toEqual(first.body);
  });

  it('are guarded by the revision that was read', async () => {
    await put({ rules: RULES });
    const etag = (await get()).headers.get('etag') ?? '';
    expect((await put({ rules: [] }, '"999"')).status).toBe(412);
    expect((await put({ rules: [] }, etag)).status).toBe(200);
    expect((await put({ rules: RULES }, etag)).status).toBe(412);
    expect(at((await get()).body, 'rules')).toEqual([]);
  });

  it('name the faults of a document by their paths', async () => {
    const answer = await put({ rules: [{ ...RULES[0], max: 1, slots: { cart: 1, shop: 1 } }] });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('rules.0.slots');
    expect((await put({ rule: [] })).status).toBe(422);
    expect((await put(undefined)).status).toBe(422);
  });

  it('are read with read and written with write, each workspace its own', async () => {
    await put({ rules: RULES });
    expect((await get(bench.shop.only.read)).status).toBe(200);
    expect((await put({ rules: [] }, undefined, bench.shop.only.read)).status).toBe(403);
    expect((await put({ rules: RULES }, undefined, bench.shop.only.write)).status).toBe(200);
    expect((await get(bench.rival.all)).body).toEqual({ rules: [], revision: 0, updatedAt: null });
  });

  it('leave a trace in the audit log', async () => {
    await put({ rules: RULES });
    const audit = await bench.call(bench.shop.all, 'GET', '/api/v1/audit?limit=1');
    expect(audit.text).toContain('"action":"caps.put"');
  });
});
