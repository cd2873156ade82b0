import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JourneyWorld } from '../journeys/testing/journey-world.js';
import { inWorkspace, newId, openPool } from '../shared/index.js';
import {
  addCodes,
  assignCoupon,
  listPools,
  putPool,
  readPool,
  type CouponVerdict,
} from './index.js';

describe('a pool of codes', () => {
  let world: JourneyWorld;
  let app: ReturnType<typeof openPool>;

  beforeAll(async () => {
    world = await JourneyWorld.create();
    app = openPool({ url: world.url, role: 'tl_app', max: 4 });
  }, 60_000);

  afterAll(async () => {
    await app.end();
    await world.close();
  });

  const sealed = (code: string) => ({ code, keyId: 'k', sealed: Buffer.from(code) });

  async function pool(key: string, codes: readonly string[], lowStock = 0): Promise<void> {
    await inWorkspace(app, world.workspaceId, async (client) => {
      await putPool(client, world.workspaceId, { key, name: key, lowStock });
      await addCodes(client, world.workspaceId, { pool: key, codes: codes.map(sealed) });
    });
  }

  const read = (key: string) =>
    inWorkspace(app, world.workspaceId, (client) => readPool(client, world.workspaceId, key));

  function assign(key: string, deliveryKey: string): Promise<CouponVerdict> {
    const { workspaceId } = world;
    return assignCoupon(world.engine, { workspaceId, pool: key, deliveryKey, customerId: newId() });
  }

  const codeOf = (verdict: CouponVerdict): string =>
    verdict.kind === 'assigned' ? verdict.code.sealed.toString() : verdict.kind;

  it('gives its codes in the order in which they came, and the same one to the same message', async () => {
    await pool('order', ['A', 'B']);
    expect(codeOf(await assign('order', 'e1:s:1'))).toBe('A');
    expect(codeOf(await assign('order', 'e1:s:1'))).toBe('A');
    expect(codeOf(await assign('order', 'e1:s:2'))).toBe('B');
    expect(codeOf(await assign('order', 'e2:s:1'))).toBe('empty');
    expect(codeOf(await assign('order', 'e1:s:1'))).toBe('A');
  });

  it('says when there is no such pool', async () => {
    expect(await assign('nowhere', 'e:s:1')).toEqual({ kind: 'no_pool' });
  });

  it('never gives one code to two messages, however many ask at once', async () => {
    const codes = Array.from({ length: 60 }, (_, index) => `C${index}`);
    await pool('crowd', codes);
    const asked = Array.from({ length: 80 }, (_, index) => `e${index}:s:1`);
    // Each message is asked for twice at once, as by two attempts.
    const given = await Promise.all([...asked, ...asked].map((key) => assign('crowd', key)));
    const byMessage = asked.map((_, index) =>
      [given[index], given[index + 80]].map((one) => (one === undefined ? 'none' : codeOf(one))),
    );
    for (const [first, second] of byMessage)
      if (first !== 'empty' && second !== 'empty') expect(second).toBe(first);
    const got = byMessage
      .map((pair) => pair.find((one) => one !== 'empty'))
      .filter((one) => one !== undefined);
    expect(new Set(got).size).toBe(got.length);
    expect(got).toHaveLength(60);
    expect(await read('crowd')).toMatchObject({ free: 0, assigned: 60 });
  });

  it('knows a code that is uploaded again, also one that is given away', async () => {
    await pool('again', ['A', 'B']);
    await assign('again', 'e:s:1');
    const added = await inWorkspace(app, world.workspaceId, (client) =>
      addCodes(client, world.workspaceId, {
        pool: 'again',
        codes: ['A', 'B', 'C', 'C'].map(sealed),
      }),
    );
    expect(added).toBe(1);
    expect(await read('again')).toMatchObject({ free: 2, assigned: 1 });
  });

  it('tells once that it runs low, and takes that back when codes come', async () => {
    await pool('low', ['A', 'B', 'C', 'D'], 2);
    expect(await read('low')).toMatchObject({ lowSince: null });
    expect(await assign('low', 'e1:s:1')).toMatchObject({ ranLow: false });
    expect(await assign('low', 'e2:s:1')).toMatchObject({ ranLow: true });
    expect(await assign('low', 'e3:s:1')).toMatchObject({ ranLow: false });
    const low = (): Promise<string[]> =>
      inWorkspace(app, world.workspaceId, async (client) => {
        const page = { low: true, after: null, limit: 10 };
        return (await listPools(client, world.workspaceId, page)).map(({ key }) => key);
      });
    expect(await low()).toEqual(['low']);
    await pool('low', ['E', 'F', 'G'], 2);
    expect(await low()).toEqual([]);
  });

  it('is of one workspace: another sees neither pool nor code', async () => {
    await pool('ours', ['A']);
    const other = newId();
    await world.admin.query(
      `insert into workspace (workspace_id, key, name) values ($1, 'other', 'Other')`,
      [other],
    );
    const wanted = { workspaceId: other, pool: 'ours', deliveryKey: 'e:s:1', customerId: newId() };
    expect(await assignCoupon(world.engine, wanted)).toEqual({ kind: 'no_pool' });
    expect(await read('ours')).toMatchObject({ free: 1 });
  });
});
