import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openPool } from '@throughline/store/shared';
import { revokeKey } from '@throughline/store/workspaces';
import { openBench, textAt, type Bench } from '../testing/bench.js';
import type { Pool } from './database.js';
import { KeyDirectory } from './key-directory.js';

describe('the directory of keys', () => {
  let bench: Bench;
  let door: Pool;
  const kit = { at: 0, read: 0 };

  beforeAll(async () => {
    bench = await openBench();
    door = openPool({ url: bench.config.databaseUrl, role: 'tl_ingest', max: 2 });
  });
  afterAll(async () => {
    await door.end();
    await bench.close();
  });
  afterEach(() => {
    kit.read = 0;
  });

  const open = (): KeyDirectory => {
    kit.at = Date.now();
    return new KeyDirectory(door, () => kit.at);
  };
  const bearer = (header: string): string => {
    kit.read += 1;
    return header.slice('Bearer '.length);
  };
  const make = async (): Promise<{ key: string; keyId: string }> => {
    const body = { name: 'one', scopes: ['read'] };
    const made = await bench.call(bench.shop.all, 'POST', '/api/v1/keys', { body });
    return { key: textAt(made.body, 'key'), keyId: textAt(made.body, 'id') };
  };
  const revoke = (keyId: string): Promise<unknown> => revokeKey(bench.sql, bench.shop.id, keyId);

  it('finds the holder of a key, by the key and by a header that holds it', async () => {
    const directory = open();
    const { key, keyId } = await make();
    const byKey = await directory.find(key);
    expect(byKey).toMatchObject({ keyId, workspaceId: bench.shop.id, scopes: ['read'] });
    expect(await directory.findIn(`Bearer ${key}`, bearer)).toEqual(byKey);
  });

  it('reads a header once while the answer is fresh', async () => {
    const directory = open();
    const { key } = await make();
    const holders = [];
    for (let index = 0; index < 5; index += 1)
      holders.push(await directory.findIn(`Bearer ${key}`, bearer));
    expect(new Set(holders).size).toBe(1);
    expect(kit.read).toBe(1);
    kit.at += 4_000;
    await directory.findIn(`Bearer ${key}`, bearer);
    expect(kit.read).toBe(2);
  });

  it('refuses a revoked key within five seconds, through a header that it remembers too', async () => {
    const directory = open();
    const { key, keyId } = await make();
    const header = `Bearer ${key}`;
    expect(await directory.findIn(header, bearer)).not.toBeNull();
    await revoke(keyId);
    kit.at += 4_000;
    expect(await directory.findIn(header, bearer)).toBeNull();
    expect(await directory.findIn(header, bearer)).toBeNull();
  });

  it('does not prolong an answer by having read the key in another header', async () => {
    const directory = open();
    const { key, keyId } = await make();
    await directory.find(key);
    await revoke(keyId);
    kit.at += 3_900;
    expect(await directory.findIn(`Bearer ${key}`, bearer)).not.toBeNull();
    kit.at += 100;
    expect(await directory.findIn(`Bearer ${key}`, bearer)).toBeNull();
  });

  it('refuses a key at the moment of its expiry, however fresh the answer', async () => {
    const directory = open();
    const { key, keyId } = await make();
    await bench.sql.query('update api_key set expires_at = to_timestamp($2) where key_id = $1', [
      keyId,
      kit.at / 1_000 + 2,
    ]);
    expect(await directory.findIn(`Bearer ${key}`, bearer)).not.toBeNull();
    kit.at += 2_001;
    expect(await directory.findIn(`Bearer ${key}`, bearer)).toBeNull();
  });

  it('never remembers a header that named nobody', async () => {
    const directory = open();
    for (let index = 0; index < 3; index += 1)
      expect(await directory.findIn('Bearer nobody', bearer)).toBeNull();
    expect(kit.read).toBe(3);
  });

  it('asks the database once for many that ask for the same key', async () => {
    const directory = open();
    const { key } = await make();
    const holders = await Promise.all(Array.from({ length: 50 }, () => directory.find(key)));
    expect(new Set(holders).size).toBe(1);
  });
});
