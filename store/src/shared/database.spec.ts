import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { createWorkspace } from '../workspaces/index.js';
import { inTransaction, inWorkspace, openPool, type DatabaseRole } from './database.js';
import { classifyStoreError } from './sql-state.js';
import { newId } from './uuid.js';

describe('a pool', () => {
  let database: TestDatabase;
  let admin: pg.Pool;
  let app: pg.Pool;
  let shop: string;
  let rival: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    admin = new pg.Pool({ connectionString: database.url, max: 2 });
    app = openPool({ url: database.url, role: 'tl_app', max: 2, transactionTimeoutMs: 2_000 });
    shop = (await createWorkspace(app, { key: 'shop', name: 'Shop' })).workspaceId;
    rival = (await createWorkspace(app, { key: 'rival', name: 'Rival' })).workspaceId;
  });

  afterAll(async () => {
    await Promise.all([admin.end(), app.end()]);
    await database.drop();
  });

  const putSource = (client: pg.ClientBase, workspaceId: string, key: string) =>
    client.query('insert into source (workspace_id, source_key, name) values ($1, $2, $2)', [
      workspaceId,
      key,
    ]);
  const sources = async (workspaceId: string): Promise<string[]> => {
    const { rows } = await admin.query<{ source_key: string }>(
      'select source_key from source where workspace_id = $1 order by source_key',
      [workspaceId],
    );
    return rows.map(({ source_key: key }) => key);
  };

  const roles: DatabaseRole[] = [
    'tl_app',
    'tl_engine',
    'tl_ingest',
    'tl_lane',
    'tl_privacy',
    'tl_relay',
  ];

  it.each(roles)(
    'of %s runs as that role, on every connection, and is no superuser',
    async (role) => {
      const pool = openPool({ url: database.url, role, max: 2 });
      try {
        const both = await Promise.all([1, 2].map(() => pool.connect()));
        for (const client of both) {
          const { rows } = await client.query<{ current_user: string; row_security: boolean }>(
            `select current_user, row_security_active('source') as row_security`,
          );
          expect(rows[0]?.current_user).toBe(role);
          client.release();
        }
        await expect(pool.query('create table mine (a int)')).rejects.toMatchObject({
          code: '42501',
        });
      } finally {
        await pool.end();
      }
    },
  );

  it('cuts a statement short that takes longer than a transaction may', async () => {
    const pool = openPool({ url: database.url, role: 'tl_app', max: 1, transactionTimeoutMs: 100 });
    try {
      const error: unknown = await pool
        .query('select pg_sleep(20)')
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: '57014' });
      expect(classifyStoreError(error)).toBe('outage');
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    } finally {
      await pool.end();
    }
  });

  it('gives up on a lock in time, so that the work is tried again', async () => {
    const pool = openPool({ url: database.url, role: 'tl_lane', max: 2, lockTimeoutMs: 100 });
    const lock = 'select 1 from lane where workspace_id = $1 for update';
    try {
      await inTransaction(pool, async (holder) => {
        await holder.query(lock, [shop]);
        const error: unknown = await pool.query(lock, [shop]).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: '55P03' });
        expect(classifyStoreError(error)).toBe('outage');
      });
    } finally {
      await pool.end();
    }
  });

  it('outlives connections that the server drops while they are idle', async () => {
    const errors: Error[] = [];
    const pool = openPool({
      url: database.url,
      role: 'tl_app',
      max: 1,
      onError: (error) => errors.push(error),
    });
    try {
      const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
      const gone = new Promise<void>((resolve) => {
        pool.once('error', () => {
          resolve();
        });
      });
      await admin.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await gone;
      expect(errors).toHaveLength(1);
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    } finally {
      await pool.end();
    }
  });

  it('reads positions as numbers and instants as milliseconds, down to infinity', async () => {
    const { rows } = await app.query(
      `select 9007199254740991::bigint as most, timestamptz '2026-01-02 03:04:05.678Z' as utc,
              timestamptz '2026-01-02 03:04:05.678+05:30' as india, timestamptz 'infinity' as never,
              timestamptz '-infinity' as ever, timestamptz '1969-12-31 23:59:59.999Z' as before`,
    );
    expect(rows).toEqual([
      {
        most: Number.MAX_SAFE_INTEGER,
        utc: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
        india: Date.UTC(2026, 0, 1, 21, 34, 5, 678),
        never: Number.POSITIVE_INFINITY,
        ever: Number.NEGATIVE_INFINITY,
        before: -1,
      },
    ]);
  });

  it.each(['UTC', 'Asia/Kolkata', 'America/St_Johns', 'Europe/Berlin'])(
    'reads the same instant in a session of %s',
    async (zone) => {
      const client = await app.connect();
      try {
        await client.query(`set time zone '${zone}'`);
        const { rows } = await client.query<{ at: number }>(
          `select timestamptz '2026-07-02 03:04:05.678Z' as at`,
        );
        expect(rows[0]?.at).toBe(Date.UTC(2026, 6, 2, 3, 4, 5, 678));
      } finally {
        await client.query('reset time zone');
        client.release();
      }
    },
  );

  describe('in a transaction', () => {
    it('keeps all of it or nothing', async () => {
      const failed = inWorkspace(app, shop, async (client) => {
        await putSource(client, shop, 'half');
        throw new TypeError('no further');
      });
      await expect(failed).rejects.toThrow('no further');
      await inWorkspace(app, shop, (client) => putSource(client, shop, 'whole'));
      const kept = await sources(shop);
      expect(kept).toContain('whole');
      expect(kept).not.toContain('half');
    });

    it('passes on the database’s own refusal, and the connection serves the next', async () => {
      const twice = inWorkspace(app, shop, async (client) => {
        await putSource(client, shop, 'twice');
        await putSource(client, shop, 'twice');
      });
      await expect(twice).rejects.toMatchObject({ code: '23505' });
      expect(await sources(shop)).not.toContain('twice');
      await inWorkspace(app, shop, (client) => putSource(client, shop, 'after'));
    });

    it('fails as an outage when the server goes away in the middle, and does not take the process with it', async () => {
      const lost = inTransaction(app, async (client) => {
        const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
        await admin.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
        await client.query('select 1');
      });
      const error: unknown = await lost.catch((reason: unknown) => reason);
      expect(classifyStoreError(error)).toBe('outage');
      const after = await Promise.all(
        [1, 2, 3].map(() => inTransaction(app, (client) => client.query('select 1'))),
      );
      expect(after).toHaveLength(3);
    });

    it('gives the connection back, whatever happens, to as many as come', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          inTransaction(app, async (client) => {
            await client.query('select 1');
            if (index % 2 === 0) throw new TypeError('odd ones only');
            return index;
          }),
        ),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
      expect(app.idleCount).toBe(app.totalCount);
    });
  });

  describe('in a workspace', () => {
    it('sees its rows and no others', async () => {
      await inWorkspace(app, rival, (client) => putSource(client, rival, 'theirs'));
      const { rows } = await inWorkspace(app, shop, (client) =>
        client.query<{ workspace_id: string }>('select distinct workspace_id from source'),
      );
      expect(rows).toEqual([{ workspace_id: shop }]);
    });

    it('writes none of another', async () => {
      const trespass = inWorkspace(app, shop, (client) => putSource(client, rival, 'planted'));
      await expect(trespass).rejects.toMatchObject({ code: '42501' });
      const { rowCount } = await inWorkspace(app, shop, (client) =>
        client.query('delete from source where workspace_id = $1', [rival]),
      ).catch(() => ({ rowCount: 0 }));
      expect(rowCount).toBe(0);
      expect(await sources(rival)).toContain('theirs');
    });

    it('leaves no workspace behind on the connection', async () => {
      await inWorkspace(app, shop, (client) => client.query('select 1'));
      await inWorkspace(app, shop, () => Promise.reject(new TypeError('x'))).catch(() => undefined);
      const seen = await Promise.all([1, 2, 3].map(() => app.query('select 1 from source')));
      expect(seen.map(({ rowCount }) => rowCount)).toEqual([0, 0, 0]);
    });

    it.each([
      [''],
      ['shop'],
      ["00000000-0000-7000-8000-000000000000'; drop table source; --"],
      ['00000000-0000-7000-8000-000000000000\n'],
      [`${newId()} `],
    ])('that is not a UUID is refused before anything is asked: %j', async (id) => {
      let asked = false;
      const refused = inWorkspace(app, id, () => {
        asked = true;
        return Promise.resolve();
      });
      await expect(refused).rejects.toThrow('a workspace id is a UUID');
      expect(asked).toBe(false);
    });
  });
});
