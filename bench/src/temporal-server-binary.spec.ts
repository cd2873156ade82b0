import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentReporter } from '@throughline/scripts/progress';
import { sha256 } from '@throughline/scripts/temporal/cache';
import { findServerPrograms, SERVER_VERSION } from './temporal-server-binary.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temporal-server-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function program(path: string, says: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho "${says}"\n`);
  await chmod(path, 0o755);
}

/** Without Go on the way: nothing is ever built here. */
function find(env: NodeJS.ProcessEnv = {}) {
  const path = { PATH: join(folder, 'nothing') };
  return findServerPrograms({ env: { ...path, ...env }, report: silentReporter, cache: folder });
}

async function fillCache(): Promise<string> {
  const cached = join(folder, `server-${SERVER_VERSION}`);
  for (const name of ['server', 'sql']) {
    const path = join(cached, name);
    await program(path, 'temporal version 1.31.2');
    await writeFile(`${path}.sha256`, await sha256(path));
  }
  return cached;
}

describe("Temporal's server", () => {
  it('is the one that the environment names, with the schema tool beside it', async () => {
    const server = join(folder, 'own', 'temporal-server');
    await program(server, 'temporal version 1.30.4');
    await program(join(folder, 'own', 'temporal-sql-tool'), 'sql');
    await fillCache();
    expect(await find({ TL_TEMPORAL_SERVER_BIN: server })).toEqual({
      found: true,
      programs: { server, sql: join(folder, 'own', 'temporal-sql-tool'), version: '1.30.4' },
    });
  });

  it('is else the one that was built before', async () => {
    const cached = await fillCache();
    expect(await find()).toEqual({
      found: true,
      programs: { server: join(cached, 'server'), sql: join(cached, 'sql'), version: '1.31.2' },
    });
  });

  it('is not one that was changed since', async () => {
    const cached = await fillCache();
    await program(join(cached, 'sql'), 'something else');
    expect(await find()).toMatchObject({
      found: false,
      reasons: expect.arrayContaining([expect.stringMatching(/checksum of .*sql differs/)]),
    });
  });

  it('is not there when nothing is, and every place that was looked at says why', async () => {
    const search = await find({ TL_TEMPORAL_SERVER_BIN: join(folder, 'missing', 'server') });
    expect(search).toEqual({
      found: false,
      reasons: [
        expect.stringContaining('no schema tool lies beside'),
        expect.stringContaining('is not there'),
        'a build: there is no Go',
      ],
    });
  });

  it('is not a program that does not say its version', async () => {
    const server = join(folder, 'own', 'server');
    await program(server, 'hello');
    await program(join(folder, 'own', 'sql'), 'sql');
    expect(await find({ TL_TEMPORAL_SERVER_BIN: server })).toMatchObject({
      found: false,
      reasons: expect.arrayContaining([expect.stringContaining('does not say its version')]),
    });
  });
});
