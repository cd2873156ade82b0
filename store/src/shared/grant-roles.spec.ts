import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { openLoginPool, pendingMigrations } from '../workspaces/readiness.js';
import { openPool } from './database.js';
import { grantRoles } from './grant-roles.js';

describe('a login that owns nothing', () => {
  const login = `service_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  let database: TestDatabase;
  let owner: pg.Client;
  let url: string;
  let granted: readonly string[];

  beforeAll(async () => {
    database = await createTestDatabase();
    owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    await owner.query(`create role ${login} login password '${password}'`);
    const own = new URL(database.url);
    own.username = login;
    own.password = password;
    url = own.href;
    granted = await grantRoles(database.url, login);
  });
  afterAll(async () => {
    await owner.query(`drop owned by ${login}`);
    await owner.query(`drop role ${login}`);
    await owner.end();
    await database.drop();
  });

  async function asLogin<T>(work: (pool: pg.Pool) => Promise<T>): Promise<T> {
    const pool = openLoginPool(url);
    try {
      return await work(pool);
    } finally {
      await pool.end();
    }
  }

  it('becomes a member of every role of ours', () => {
    expect(granted).toEqual(
      expect.arrayContaining(['tl_app', 'tl_engine', 'tl_ingest', 'tl_lane']),
    );
  });

  it('is granted nothing twice', async () => {
    expect(await grantRoles(database.url, login)).toEqual([]);
  });

  it.each(['tl_app', 'tl_engine', 'tl_ingest', 'tl_lane', 'tl_relay'] as const)(
    'may open a pool that runs as %s',
    async (role) => {
      const pool = openPool({ url, role, max: 1 });
      const { rows } = await pool.query('select current_user as me, session_user as login');
      await pool.end();
      expect(rows).toEqual([{ me: role, login }]);
    },
  );

  it('may change to a role that a transaction asks for', async () => {
    await asLogin(async (pool) => {
      for (const role of granted) await pool.query(`set role ${pg.escapeIdentifier(role)}`);
    });
  });

  it('sees which migrations ran', async () => {
    expect(await asLogin(pendingMigrations)).toEqual([]);
  });

  it('may not change the schema, nor make roles', async () => {
    await asLogin(async (pool) => {
      await expect(pool.query('drop table customer')).rejects.toMatchObject({ code: '42501' });
      await expect(pool.query('create table mine (a int)')).rejects.toMatchObject({
        code: '42501',
      });
      await expect(pool.query('create role mine')).rejects.toMatchObject({ code: '42501' });
      await expect(
        pool.query('alter table customer disable row level security'),
      ).rejects.toMatchObject({ code: '42501' });
    });
  });

  it('sees of customers what row-level security shows it: nobody, where no workspace is set', async () => {
    await owner.query(
      `insert into workspace (workspace_id, key, name) values ('00000000-0000-4000-8000-000000000001', 'w', 'W')`,
    );
    const pool = openPool({ url, role: 'tl_app', max: 1 });
    const { rows } = await pool.query('select count(*)::int as count from workspace');
    await pool.end();
    expect(rows).toEqual([{ count: 0 }]);
  });
});
