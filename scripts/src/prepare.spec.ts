import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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

  it.each([
    [{}, 'DATABASE_URL is not set.'],
    [{ DATABASE_URL: 'postgres://a:b@127.0.0.1/c' }, 'TEMPORAL_ADDRESS is not set.'],
    [{ DATABASE_URL: '', TEMPORAL_ADDRESS: 'a:1' }, 'DATABASE_URL is not set.'],
  ])('asks for what is missing in the environment: %p', async (env, sentence) => {
    await expect(prepareServers(env)).rejects.toMatchObject({ sentence });
  });
});
