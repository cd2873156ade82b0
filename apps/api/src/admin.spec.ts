import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, openBench, textAt, type Bench } from './testing/bench.js';

const ROOT = join(fileURLToPath(import.meta.url), '../../../..');
const execute = promisify(execFile);

/** The entry for the time before the first key, run as it is run: in a process of its own. */
describe('the admin command', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const admin = async (args: readonly string[], databaseUrl = bench.config.databaseUrl) => {
    const node = ['--conditions=throughline-source', '--import', '@swc-node/register/esm-register'];
    const env = { PATH: dirname(process.execPath), DATABASE_URL: databaseUrl };
    try {
      const { stdout } = await execute(
        process.execPath,
        [...node, 'apps/api/src/admin.ts', ...args],
        { cwd: ROOT, env },
      );
      const answer: unknown = JSON.parse(stdout);
      return { code: 0, answer, err: '' };
    } catch (error) {
      return { code: at(error, 'code'), answer: undefined, err: String(at(error, 'stderr')) };
    }
  };

  it('makes a workspace once and a key that works', async () => {
    const first = await admin(['create-workspace', 'atelier', 'The atelier']);
    expect(first.answer).toMatchObject({ key: 'atelier', name: 'The atelier', created: true });
    const again = await admin(['create-workspace', 'atelier']);
    expect(again.answer).toMatchObject({ id: at(first.answer, 'id'), created: false });
    const key = await admin(['create-key', 'atelier', '--name', 'me', '--scopes', 'read,write']);
    const seen = await bench.call(textAt(key.answer, 'key'), 'GET', '/api/v1/workspaces');
    expect(at(seen.body, 'items', 0, 'key')).toBe('atelier');
  });

  it('makes a write key with its source', async () => {
    const made = await admin(['create-key', 'shop', '--scopes', 'ingest', '--source', 'till']);
    const headers = { 'content-type': 'application/json' };
    const body = { userId: 'u', event: 'x' };
    const key = textAt(made.answer, 'key');
    expect((await bench.call(key, 'POST', '/v1/track', { body, headers })).status).toBe(200);
  });

  it('finds nothing to migrate where all is done', async () => {
    expect(await admin(['migrate'])).toMatchObject({ code: 0, answer: { migrated: [] } });
  });

  it.each([
    [['fly'], 'Commands:'],
    [['create-workspace', 'Not A Key'], 'lower-case'],
    [['create-key', 'nowhere', '--scopes', 'read'], 'no workspace nowhere'],
    [['create-key', 'shop', '--scopes', 'root'], '--scopes takes'],
    [['create-key', 'shop', '--scopes', 'ingest'], 'names its source'],
  ])('refuses %j with a sentence', async (args, said) => {
    const { code, err } = await admin(args);
    expect(code).toBe(1);
    expect(err).toContain(said);
  });

  it('does not repeat the password of a database that refuses it', async () => {
    const { code, err } = await admin(['migrate'], 'postgres://nobody:canary@127.0.0.1:1/x');
    expect(code).toBe(1);
    expect(err).not.toContain('canary');
    expect((await admin(['migrate'], 'nonsense')).code).toBe(78);
  });
});
