import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listAudit, writeAudit } from './audit.js';
import {
  deleteConnectionSecret,
  putConnectionHealth,
  putConnectionSecret,
  readConnectionHealth,
  readConnectionSecret,
} from './connections.js';
import {
  listQuarantine,
  lockQuarantined,
  readQuarantined,
  settleQuarantined,
  type QuarantineFilter,
} from './quarantine.js';
import { listSources, putSource, readSource, setSourceState } from './sources.js';
import { ManagementKit } from './testing/management-kit.js';
import { newId } from '../shared/index.js';

let kit: ManagementKit;

beforeAll(async () => {
  kit = await ManagementKit.open();
});
afterAll(() => kit.close());

describe('sources', () => {
  const put = (sourceKey: string, name: string) =>
    kit.inShop((client, id) => putSource(client, id, { sourceKey, name }));

  it('are renamed by a second put, which does not let a paused one go on', async () => {
    await put('web', 'Web');
    await kit.inShop((client, id) =>
      setSourceState(client, id, { sourceKey: 'web', state: 'paused' }),
    );
    expect(await put('web', 'The shop')).toMatchObject({ name: 'The shop', state: 'paused' });
    expect(await kit.inShop((client, id) => readSource(client, id, 'web'))).toMatchObject({
      name: 'The shop',
      state: 'paused',
    });
  });

  it('are listed by key, page by page', async () => {
    for (const key of ['a', 'b', 'c']) await put(key, key);
    const keys = async (after: string | null) => {
      const page = { after, limit: 2 };
      const rows = await kit.inShop((client, id) => listSources(client, id, page));
      return rows.map(({ sourceKey }) => sourceKey);
    };
    expect(await keys(null)).toEqual(['a', 'b']);
    expect(await keys('b')).toEqual(['c', 'web']);
  });

  it('that are not there have no state to set', async () => {
    const change = { sourceKey: 'nowhere', state: 'active' } as const;
    expect(await kit.inShop((client, id) => setSourceState(client, id, change))).toBeNull();
    expect(await kit.spy((client, id) => readSource(client, id, 'web'))).toBeNull();
  });
});

describe('the secret of a connection', () => {
  const secret = (text: string) => ({
    connectionKey: 'mail',
    sealed: { keyId: 'k1', sealed: Buffer.from(text) },
  });
  const read = () => kit.inShop((client, id) => readConnectionSecret(client, id, 'mail'));

  it('is replaced by the next one, and gone when it is deleted', async () => {
    expect(await read()).toBeNull();
    await kit.inShop((client, id) => putConnectionSecret(client, id, secret('one')));
    await kit.inShop((client, id) => putConnectionSecret(client, id, secret('two')));
    expect(await read()).toEqual({ keyId: 'k1', sealed: Buffer.from('two') });
    expect(await kit.spy((client, id) => readConnectionSecret(client, id, 'mail'))).toBeNull();
    await kit.inShop((client, id) => deleteConnectionSecret(client, id, 'mail'));
    expect(await read()).toBeNull();
  });

  it('leaves the health that sending has written until something is better', async () => {
    const put = (state: 'ok' | 'needs_attention', code: string | null) =>
      kit.inShop((client, id) =>
        putConnectionHealth(client, id, { connectionKey: 'mail', state, code }),
      );
    const health = () => kit.inShop((client, id) => readConnectionHealth(client, id, 'mail'));
    expect(await health()).toBeNull();
    await put('needs_attention', 'auth_invalid');
    const ill = await health();
    expect(ill).toMatchObject({ state: 'needs_attention', code: 'auth_invalid' });
    await put('ok', null);
    const well = await health();
    expect(well).toMatchObject({ state: 'ok', code: null });
    expect(well?.at).toBeGreaterThanOrEqual(ill?.at ?? Infinity);
  });
});

describe('audit', () => {
  it('tells newest first, page by page, who did what to what', async () => {
    for (const subject of ['one', 'two', 'three']) {
      await kit.inShop((client, id) =>
        writeAudit(client, id, { actor: 'key:1', action: 'segment.put', subject }),
      );
    }
    const page = async (after: string | null) =>
      kit.inShop((client, id) => listAudit(client, id, { after, limit: 2 }));
    const first = await page(null);
    expect(first.map(({ subject }) => subject)).toEqual(['three', 'two']);
    expect(first[0]).toMatchObject({ actor: 'key:1', action: 'segment.put', detail: {} });
    const rest = await page(first[1]?.auditId ?? null);
    expect(rest.map(({ subject }) => subject)).toEqual(['one']);
  });

  it('is written with its change, or not at all', async () => {
    const change = kit.inShop(async (client, id) => {
      await writeAudit(client, id, { actor: 'key:1', action: 'never', subject: 'x' });
      throw new TypeError('the change failed');
    });
    await expect(change).rejects.toThrow('the change failed');
    const rows = await kit.inShop((client, id) =>
      listAudit(client, id, { after: null, limit: 200 }),
    );
    expect(rows.map(({ action }) => action)).not.toContain('never');
  });
});

describe('quarantine', () => {
  const ids: string[] = [];
  const OPEN: QuarantineFilter = {
    state: 'open',
    code: null,
    source: null,
    after: null,
    limit: 10,
  };
  const list = (filter: Partial<QuarantineFilter> = {}) =>
    kit.inShop((client, id) => listQuarantine(client, id, { ...OPEN, ...filter }));

  /** Two at the very same instant: a page must not end between them for good. */
  beforeAll(async () => {
    const rows: readonly (readonly [string, string, string])[] = [
      ['bad_shape', 'web', '2026-01-01T10:00:00Z'],
      ['bad_shape', 'app', '2026-01-01T10:00:00.000001Z'],
      ['no_identity', 'web', '2026-01-01T10:00:00.000001Z'],
      ['no_identity', 'app', '2026-01-01T11:00:00Z'],
    ];
    for (const [index, [code, source, at]] of rows.entries()) {
      const id = newId();
      ids.push(id);
      await kit.asLane(
        `insert into quarantine (workspace_id, quarantine_id, position, ordinal, source_key, endpoint, code, detail, body, received_at)
         values ($1, $2, $3, 0, $4, 'track', $5, 'why', '{"own":"text"}', $6)`,
        id,
        index + 1,
        source,
        code,
        at,
      );
    }
  });

  it('is listed newest first', async () => {
    const rows = await list();
    expect(rows[0]?.quarantineId).toBe(ids[3]);
    expect(rows.at(-1)?.quarantineId).toBe(ids[0]);
    expect(rows[0]).toMatchObject({ detail: 'why', body: '{"own":"text"}', state: 'open' });
  });

  it('is paged without loss or repeat, down to the microsecond', async () => {
    const seen: string[] = [];
    for (let after: QuarantineFilter['after'] = null; ;) {
      const [row] = await list({ after, limit: 1 });
      if (row === undefined) break;
      seen.push(row.quarantineId);
      after = row;
    }
    expect(seen).toHaveLength(4);
    expect([...seen].sort()).toEqual([...ids].sort());
  });

  it('is filtered by reason and source', async () => {
    expect(await list({ code: 'bad_shape' })).toHaveLength(2);
    expect(await list({ source: 'app' })).toHaveLength(2);
    expect(
      (await list({ source: 'app', code: 'bad_shape' })).map((row) => row.quarantineId),
    ).toEqual([ids[1]]);
  });

  it('moves what is settled to another list', async () => {
    const quarantineId = ids[0] ?? '';
    const settle = { quarantineId, state: 'discarded' } as const;
    await kit.inShop((client, id) => settleQuarantined(client, id, settle));
    expect((await list()).map((row) => row.quarantineId)).not.toContain(quarantineId);
    expect(await list({ state: 'discarded' })).toMatchObject([{ quarantineId }]);
  });

  it('lets one of two operators at once settle an item', async () => {
    const quarantineId = ids[1] ?? '';
    const replayOnce = () =>
      kit.inShop(async (client, id) => {
        const item = await lockQuarantined(client, id, quarantineId);
        if (item?.state !== 'open') return false;
        await settleQuarantined(client, id, { quarantineId, state: 'replayed' });
        return true;
      });
    const done = await Promise.all(Array.from({ length: 5 }, replayOnce));
    expect(done.filter(Boolean)).toHaveLength(1);
  });

  it('is invisible to another workspace', async () => {
    const quarantineId = ids[2] ?? '';
    expect(await kit.spy((client, id) => readQuarantined(client, id, quarantineId))).toBeNull();
    const settle = { quarantineId, state: 'discarded' } as const;
    expect(await kit.spy((client, id) => settleQuarantined(client, id, settle))).toBeNull();
  });
});
