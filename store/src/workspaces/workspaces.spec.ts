import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { appendDefinitions } from '../ingestion/index.js';
import { inWorkspace, openPool } from '../shared/index.js';
import {
  claimIdempotencyKey,
  createKey,
  createSource,
  createWorkspace,
  dropExpiredAnswers,
  findWorkspaceByKey,
  hashKey,
  keepIdempotentAnswer,
  listAudit,
  listDefinitions,
  listKeys,
  listSources,
  listStops,
  lookUpKey,
  openLoginPool,
  pendingMigrations,
  publishDefinition,
  putDefinition,
  readLaneLag,
  readWorkspace,
  releaseIdempotencyKey,
  stopSending,
  writeAudit,
} from './index.js';

const PAGE = { after: null, limit: 10 };

describe('the management store', () => {
  let database: TestDatabase;
  let app: pg.Pool;
  let door: pg.Pool;
  let shop: string;
  let rival: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = openPool({ url: database.url, role: 'tl_app', max: 12 });
    door = openPool({ url: database.url, role: 'tl_ingest', max: 2 });
    shop = (await createWorkspace(app, { key: 'shop', name: 'Shop' })).workspaceId;
    rival = (await createWorkspace(app, { key: 'rival', name: 'Rival' })).workspaceId;
  });
  afterAll(async () => {
    await Promise.all([app.end(), door.end()]);
    await database.drop();
  });

  describe('workspaces', () => {
    it('are made together with their lane, ready to append to', async () => {
      const position = await inWorkspace(app, shop, (client) => appendDefinitions(client, shop));
      expect(position).toBeGreaterThan(0);
      expect(await findWorkspaceByKey(door, 'shop')).toMatchObject({
        workspaceId: shop,
        name: 'Shop',
      });
      expect(await findWorkspaceByKey(door, 'nobody')).toBeNull();
    });

    it('have keys that are unique across all of them, also when two are made at once', async () => {
      const made = await Promise.allSettled(
        Array.from({ length: 5 }, () => createWorkspace(app, { key: 'raced', name: 'Raced' })),
      );
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const refused = made.flatMap((one) =>
        one.status === 'rejected' ? [one.reason as unknown] : [],
      );
      for (const reason of refused) expect(reason).toMatchObject({ code: 'conflict' });
    });

    it('do not see each other, whatever id a statement names', async () => {
      await createSource(app, rival, { key: 'web', name: 'Theirs' });
      await inWorkspace(app, rival, async (client) => {
        await putDefinition(client, rival, {
          kind: 'segment',
          key: 's',
          body: {},
          ifRevision: null,
        });
        await stopSending(client, rival, { scope: 'workspace', target: '', by: 'them' });
        await writeAudit(client, rival, { actor: 'them', action: 'x', subject: 'y' });
      });
      await createKey(app, rival, { name: 'theirs', scopes: ['read'] });
      await inWorkspace(app, shop, async (client) => {
        expect(await readWorkspace(client, rival)).toBeNull();
        expect(await listSources(client, rival, PAGE)).toEqual([]);
        expect(await listKeys(client, rival, PAGE)).toEqual([]);
        expect(await listStops(client, rival)).toEqual([]);
        expect(await listAudit(client, rival, PAGE)).toEqual([]);
        expect(
          await listDefinitions(client, rival, { ...PAGE, kind: 'segment', archived: false }),
        ).toEqual([]);
      });
    });

    it('cannot be written from another one', async () => {
      const forged = inWorkspace(app, shop, (client) =>
        stopSending(client, rival, { scope: 'workspace', target: 'x', by: 'us' }),
      );
      await expect(forged).rejects.toMatchObject({ code: '42501' });
    });

    it('are invisible to a connection that has none set, before and after one that had', async () => {
      await inWorkspace(app, shop, (client) => readWorkspace(client, shop));
      expect((await app.query('select 1 from workspace')).rowCount).toBe(0);
    });
  });

  describe('keys', () => {
    it('are found by hash from the door, with source and validity', async () => {
      const expiresAt = Date.now() + 3_600_000;
      const { key, keyId } = await createKey(app, shop, {
        name: 'w',
        scopes: ['ingest'],
        sourceKey: 'web',
        expiresAt,
      });
      expect(await lookUpKey(door, hashKey(key))).toEqual({
        workspaceId: shop,
        keyId,
        scopes: ['ingest'],
        sourceKey: 'web',
        sourcePaused: false,
        validUntil: expiresAt,
      });
      expect(await lookUpKey(door, hashKey(`${key}x`))).toBeNull();
    });

    it('with the scope ingest need a source', async () => {
      await expect(createKey(app, shop, { name: 'w', scopes: ['ingest'] })).rejects.toMatchObject({
        code: 'invalid_request',
      });
    });
  });

  describe('publishing', () => {
    it('by many at once gives each version once', async () => {
      const ref = { kind: 'journey', key: 'raced' } as const;
      const once = (name: number) =>
        inWorkspace(app, shop, async (client) => {
          await putDefinition(client, shop, { ...ref, body: { name }, ifRevision: null });
          return publishDefinition(client, shop, { ...ref, by: 'test', ifRevision: null });
        });
      const published = await Promise.all(Array.from({ length: 8 }, (_, index) => once(index)));
      expect(published.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    });

    it('of what is not there, or archived, is refused', async () => {
      const publish = inWorkspace(app, shop, (client) =>
        publishDefinition(client, shop, {
          kind: 'journey',
          key: 'nowhere',
          by: 'x',
          ifRevision: null,
        }),
      );
      await expect(publish).rejects.toMatchObject({ code: 'not_found' });
    });
  });

  describe('idempotent answers', () => {
    const hash = Buffer.alloc(32, 1);
    const claim = (key: string, requestHash = hash) =>
      inWorkspace(app, shop, (client) => claimIdempotencyKey(client, shop, { key, requestHash }));

    it('pass through claimed, answered, forgotten', async () => {
      expect(await claim('a')).toEqual({ kind: 'none' });
      expect(await claim('a')).toEqual({ kind: 'in_progress' });
      expect(await claim('a', Buffer.alloc(32, 2))).toEqual({ kind: 'other_request' });
      await inWorkspace(app, shop, (client) =>
        keepIdempotentAnswer(client, shop, { key: 'a', status: 201, body: { x: 1 } }),
      );
      expect(await claim('a')).toEqual({ kind: 'answered', status: 201, body: { x: 1 } });
      await inWorkspace(app, shop, (client) => releaseIdempotencyKey(client, shop, 'a'));
      expect(await claim('a')).toMatchObject({ kind: 'answered' });
    });

    it('let one of many claimants through', async () => {
      const claims = await Promise.all(Array.from({ length: 10 }, () => claim('raced')));
      expect(claims.filter(({ kind }) => kind === 'none')).toHaveLength(1);
    });

    it('of a process that died free themselves after a minute, of the rest after a day', async () => {
      await claim('dead');
      const age = (interval: string) =>
        inWorkspace(app, shop, (client) =>
          client.query(
            `update idempotent_answer set created_at = now() - interval '${interval}' where workspace_id = $1`,
            [shop],
          ),
        );
      await age('61 seconds');
      expect(await claim('dead')).toEqual({ kind: 'none' });
      await age('25 hours');
      expect(
        await inWorkspace(app, shop, (client) => dropExpiredAnswers(client, shop)),
      ).toBeGreaterThan(0);
    });
  });

  describe('readiness', () => {
    it('sees pending migrations, lag and stopped lanes', async () => {
      const login = openLoginPool(database.url);
      const lanes = openPool({ url: database.url, role: 'tl_lane', max: 1 });
      expect(await pendingMigrations(login)).toEqual([]);
      const lag = await readLaneLag(lanes);
      expect(lag).toMatchObject([{ workspaceId: shop, stoppedReason: null }]);
      expect(lag[0]?.lagMs).toBeGreaterThan(0);
      await login.query(
        "update lane set stopped_reason = 'bug', position = 0 where workspace_id = $1",
        [rival],
      );
      expect(
        (await readLaneLag(lanes)).find(({ workspaceId }) => workspaceId === rival),
      ).toMatchObject({ stoppedReason: 'bug', lagMs: 0 });
      await Promise.all([login.end(), lanes.end()]);
    });
  });
});
