import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashKey } from './api-key.js';
import {
  createKey,
  issueKey,
  listKeys,
  lookUpKey,
  readKey,
  revokeKey,
  rotateKey,
  type IssuedKey,
  type NewKey,
} from './keys.js';
import { listSources, putSource, setSourceState } from './sources.js';
import { ManagementKit } from './testing/management-kit.js';

describe('keys', () => {
  let kit: ManagementKit;

  beforeAll(async () => {
    kit = await ManagementKit.open();
  });
  afterAll(() => kit.close());

  const issue = (wanted: Partial<NewKey> = {}): Promise<IssuedKey> =>
    createKey(kit.app, kit.shop, { name: 'one', scopes: ['read', 'write'], ...wanted });
  const holder = ({ key }: IssuedKey) => lookUpKey(kit.door, hashKey(key));
  const revoke = (keyId: string) => kit.inShop((client, id) => revokeKey(client, id, keyId));
  const rotate = (keyId: string, overlapMs = 3_600_000) =>
    kit.inShop((client, id) => rotateKey(client, id, { keyId, overlapMs }));

  it('are kept as a hash and a prefix: what is stored is no key', async () => {
    const issued = await issue();
    const { rows } = await kit.inShop((client, id) =>
      client.query<{ row: string }>(
        'select row_to_json(k)::text as row from api_key k where workspace_id = $1 and key_id = $2',
        [id, issued.keyId],
      ),
    );
    expect(rows[0]?.row).not.toContain(issued.key);
    expect(issued.key.startsWith(issued.prefix)).toBe(true);
    expect(issued.prefix.length).toBeLessThan(issued.key.length / 2);
  });

  it('with an unknown hash have no holder', async () => {
    expect(await lookUpKey(kit.door, hashKey('tl_read_nobody'))).toBeNull();
  });

  it('that bring events make the source that they name, and leave one that is there as it is', async () => {
    await kit.inShop((client, id) =>
      putSource(client, id, { sourceKey: 'till', name: 'The till' }),
    );
    await issue({ scopes: ['ingest'], sourceKey: 'till' });
    await issue({ scopes: ['ingest'], sourceKey: 'app' });
    const sources = await kit.inShop((client, id) =>
      listSources(client, id, { after: null, limit: 10 }),
    );
    expect(sources.map(({ sourceKey, name }) => [sourceKey, name])).toEqual([
      ['app', 'app'],
      ['till', 'The till'],
    ]);
  });

  it('say at the door whether their source is paused', async () => {
    const issued = await issue({ scopes: ['ingest'], sourceKey: 'shelf' });
    expect(await holder(issued)).toMatchObject({ sourceKey: 'shelf', sourcePaused: false });
    const paused = { sourceKey: 'shelf', state: 'paused' } as const;
    await kit.inShop((client, id) => setSourceState(client, id, paused));
    expect(await holder(issued)).toMatchObject({ sourcePaused: true });
  });

  it('are valid for ever, until they expire, or until they are revoked, whichever comes first', async () => {
    const expiresAt = Date.now() + 60_000;
    const [lasting, ending] = [await issue(), await issue({ expiresAt })];
    expect(await holder(lasting)).toMatchObject({ validUntil: Number.POSITIVE_INFINITY });
    expect(await holder(ending)).toMatchObject({ validUntil: expiresAt });
    await revoke(ending.keyId);
    expect((await holder(ending))?.validUntil).toBeLessThan(expiresAt);
  });

  it('are revoked once: the first time stands', async () => {
    const { keyId } = await issue();
    const first = await revoke(keyId);
    expect(first?.revokedAt).not.toBeNull();
    expect((await revoke(keyId))?.revokedAt).toBe(first?.revokedAt);
    expect(await revoke('00000000-0000-7000-8000-000000000000')).toBeNull();
  });

  it('are rotated into a successor with the same rights, and go on for the overlap', async () => {
    const old = await issue({ name: 'both', scopes: ['ingest', 'read'], sourceKey: 'web' });
    const next = await rotate(old.keyId);
    if (next === null) throw new TypeError('there was a key to rotate');
    expect(next.key).not.toBe(old.key);
    expect(await holder(next)).toMatchObject({ scopes: ['ingest', 'read'], sourceKey: 'web' });
    const until = (await holder(old))?.validUntil ?? 0;
    expect(until).toBeGreaterThan(Date.now() + 3_000_000);
    expect(until).toBeLessThan(Date.now() + 4_000_000);
  });

  it('that are revoked, or were never there, have no successor', async () => {
    const { keyId } = await issue();
    await revoke(keyId);
    await expect(rotate(keyId)).rejects.toMatchObject({ code: 'conflict' });
    expect(await rotate('00000000-0000-7000-8000-000000000000')).toBeNull();
  });

  it('that end soon are not prolonged by a rotation', async () => {
    const expiresAt = Date.now() + 60_000;
    const old = await issue({ expiresAt });
    const next = await rotate(old.keyId, 86_400_000);
    expect(next?.expiresAt).toBe(expiresAt);
    expect(await holder(old)).toMatchObject({ validUntil: expiresAt });
  });

  it('are listed by their ids, which begin with the millisecond they were made in, page by page, without the key', async () => {
    const before = await kit.inShop((client, id) =>
      listKeys(client, id, { after: null, limit: 200 }),
    );
    const after = before.at(-1)?.keyId ?? null;
    // Two of one millisecond stand in either order.
    const made = [await issue(), await issue(), await issue()].map(({ keyId }) => keyId).sort();
    const first = await kit.inShop((client, id) => listKeys(client, id, { after, limit: 2 }));
    expect(first.map(({ keyId }) => keyId)).toEqual(made.slice(0, 2));
    expect(JSON.stringify(first)).not.toContain('"key"');
    const rest = await kit.inShop((client, id) =>
      listKeys(client, id, { after: made[1] ?? null, limit: 2 }),
    );
    expect(rest.map(({ keyId }) => keyId)).toEqual(made.slice(2));
  });

  it('belong to one workspace: another one can neither read, revoke nor rotate them', async () => {
    const issued = await issue();
    const { keyId } = issued;
    expect(await kit.spy((client, id) => readKey(client, id, keyId))).toBeNull();
    expect(await kit.spy((client, id) => revokeKey(client, id, keyId))).toBeNull();
    expect(
      await kit.spy((client, id) => rotateKey(client, id, { keyId, overlapMs: 1 })),
    ).toBeNull();
    const forged = kit.spy((client, id) => issueKey(client, id, { name: 'x', scopes: ['admin'] }));
    await expect(forged).rejects.toMatchObject({ code: '42501' });
    expect(await holder(issued)).toMatchObject({ validUntil: Number.POSITIVE_INFINITY });
  });
});
