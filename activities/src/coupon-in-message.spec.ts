import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isJsonObject, parseJson, type JsonObject } from '@throughline/domain/shared';
import { addCodes, putPool } from '@throughline/store/coupons';
import { inWorkspace, newId, openPool } from '@throughline/store/shared';
import { JourneyWorld } from '../../store/src/journeys/testing/journey-world.js';
import { couponFor, type CouponInMessage } from './coupon-in-message.js';
import type { ConnectionOwner } from './dependencies.js';

describe('{{ coupon }}', () => {
  let world: JourneyWorld;
  let app: ReturnType<typeof openPool>;
  const opened: ConnectionOwner[] = [];
  const warned: unknown[] = [];

  beforeAll(async () => {
    world = await JourneyWorld.create();
    app = openPool({ url: world.url, role: 'tl_app', max: 1 });
  }, 60_000);

  afterAll(async () => {
    await app.end();
    await world.close();
  });

  async function pool(key: string, codes: readonly JsonObject[], lowStock = 0): Promise<void> {
    await inWorkspace(app, world.workspaceId, async (client) => {
      await putPool(client, world.workspaceId, { key, name: key, lowStock });
      const sealed = codes.map((secret, index) => ({
        code: String(index),
        keyId: 'k',
        sealed: Buffer.from(JSON.stringify(secret)),
      }));
      await addCodes(client, world.workspaceId, { pool: key, codes: sealed });
    });
  }

  function compose(body: JsonObject, key = `${newId()}:s:1`): Promise<CouponInMessage> {
    const deps = {
      pool: world.engine,
      openSecret: ({ sealed }: { sealed: Buffer }, owner: ConnectionOwner): JsonObject => {
        opened.push(owner);
        const value = parseJson(sealed.toString());
        return value !== undefined && isJsonObject(value) ? value : {};
      },
      log: {
        warn: (fields: unknown): void => {
          warned.push(fields);
        },
      },
    };
    return couponFor(deps, body, {
      request: { workspaceId: world.workspaceId, key },
      customerId: newId(),
    });
  }

  const of = (key: string, whenEmpty?: string): JsonObject => ({
    coupon: { pool: key, ...(whenEmpty === undefined ? {} : { whenEmpty }) },
  });

  it.each([[{}], [{ coupon: 'text' }], [{ coupon: {} }]])(
    'is nothing where the template asks for none: %j',
    async (body) => {
      expect(await compose(body)).toEqual({ coupon: null });
    },
  );

  it('is one code for a message at every attempt, opened as a code of that pool', async () => {
    await pool('two', [{ code: 'A' }, { code: 'B' }]);
    const key = `${newId()}:s:1`;
    expect(await compose(of('two'), key)).toEqual({ coupon: 'A' });
    expect(await compose(of('two'), key)).toEqual({ coupon: 'A' });
    expect(await compose(of('two'))).toEqual({ coupon: 'B' });
    const { workspaceId } = world;
    expect(opened.at(-1)).toEqual({ workspaceId, connectionKey: 'coupon/two' });
  });

  it('skips the message where the pool is empty, or fails where that is asked', async () => {
    await pool('empty', []);
    expect(await compose(of('empty'))).toEqual({
      settlement: {
        state: 'skipped',
        reason: 'missing_variable',
        detail: 'coupon: empty is empty',
      },
    });
    expect(await compose(of('empty', 'fail'))).toEqual({
      settlement: { state: 'failed', code: 'coupon_pool_empty', detail: 'empty' },
    });
  });

  it('fails where there is no such pool, or the code cannot be read', async () => {
    expect(await compose(of('nowhere'))).toEqual({
      settlement: { state: 'failed', code: 'coupon_pool_missing', detail: 'nowhere' },
    });
    await pool('odd', [{}]);
    expect(await compose(of('odd'))).toEqual({
      settlement: { state: 'failed', code: 'coupon_unreadable' },
    });
  });

  it('warns once that the pool runs low, and names no code', async () => {
    await pool('low', [{ code: 'L1' }, { code: 'L2' }, { code: 'L3' }], 1);
    warned.length = 0;
    await compose(of('low'));
    await compose(of('low'));
    await compose(of('low'));
    expect(warned).toEqual([{ workspaceId: world.workspaceId, pool: 'low' }]);
  });
});
