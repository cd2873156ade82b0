import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { testTemporal } from '../../test/support/temporal.js';
import { prepareServers } from './prepare.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

describe('preparing servers', () => {
  it('may be repeated, and says what it found', async () => {
    const { address, namespace } = testTemporal();
    const env = {
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
    };
    expect(await prepareServers(env)).toEqual([
      'database: up to date',
      `Temporal: namespace ${namespace} is ready`,
    ]);
  });

  it('lets a login that owns nothing run the product, if one is named', async () => {
    const { address, namespace } = testTemporal();
    const login = `service_${randomBytes(6).toString('hex')}`;
    const owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    await owner.query(`create role ${login} login`);
    const env = {
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      TL_SERVICE_LOGIN: login,
    };
    expect(await prepareServers(env)).toContain(`${login} may run the product`);
    const { rows } = await owner.query(
      `select pg_has_role($1, 'tl_lane', 'set') as may, pg_has_role($1, current_user, 'set') as owns`,
      [login],
    );
    expect(rows).toEqual([{ may: true, owns: false }]);
    await owner.query(`drop owned by ${login}; drop role ${login}`);
    await owner.end();
  });

  it.each([
    [{}, 'DATABASE_URL is not set.'],
    [{ DATABASE_URL: 'postgres://a:b@127.0.0.1/c' }, 'TEMPORAL_ADDRESS is not set.'],
    [{ DATABASE_URL: '', TEMPORAL_ADDRESS: 'a:1' }, 'DATABASE_URL is not set.'],
  ])('asks for what is missing in the environment: %p', async (env, sentence) => {
    await expect(prepareServers(env)).rejects.toMatchObject({ sentence });
  });
});
