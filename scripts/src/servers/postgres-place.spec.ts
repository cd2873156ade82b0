import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  placePostgres,
  postgresDataDirs,
  programVersion,
  type PostgresPlace,
} from './postgres-place.js';

let folder: string;
const made: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-place-'));
});
afterAll(async () => {
  for (const path of [...made, folder]) await rm(path, { recursive: true, force: true });
});

/** Whether whoever runs the server there may do this. */
function may(place: PostgresPlace, test: string, path: string): boolean {
  const result = spawnSync('/bin/sh', ['-c', `test ${test} "$1"`, 'sh', path], {
    ...place.runAs,
    cwd: '/',
  });
  return result.status === 0;
}

async function placed(wished: string): Promise<PostgresPlace> {
  const place = await placePostgres(wished);
  made.push(place.dataDir);
  return place;
}

describe('where PostgreSQL runs', () => {
  it('is not as root, whoever asks', async () => {
    const place = await placed(join(folder, 'user', 'data'));
    const uid = place.runAs?.uid ?? process.getuid?.();
    expect(uid).toBeGreaterThan(0);
  });

  it('is with programs that its user may run', async () => {
    const place = await placed(join(folder, 'programs', 'data'));
    for (const name of ['postgres', 'initdb', 'pg_ctl'])
      expect({ name, runs: may(place, '-x', join(place.binDir, name)) }).toEqual({
        name,
        runs: true,
      });
  });

  it('is where it was wished where that is open to its user, else at a place that is found again', async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const wished = join(closed, 'data');
    const first = await placed(wished);
    const second = await placed(wished);
    expect(second).toEqual(first);
    expect(postgresDataDirs(wished)).toContain(first.dataDir);
    await mkdir(first.dataDir, { recursive: true });
    expect(may(first, '-w', first.dataDir)).toBe(true);
  });

  it('is open to nobody else', async () => {
    const open = join(folder, 'open');
    await mkdir(open);
    await chmod(folder, 0o755);
    await chmod(open, 0o755);
    const place = await placed(join(open, 'data'));
    const { mode } = await stat(place.dataDir).catch(() => ({ mode: 0o700 }));
    expect(mode & 0o077).toBe(0);
  });
});

describe('the folders that a reset empties', () => {
  it('begin with the wished one and are the same every time', () => {
    const [first] = postgresDataDirs('/a/b');
    expect(first).toBe('/a/b');
    expect(postgresDataDirs('/a/b')).toEqual(postgresDataDirs('/a/b'));
  });

  it('of two clones are never the same', () => {
    const one = new Set(postgresDataDirs('/a/b'));
    expect(postgresDataDirs('/a/c').filter((path) => one.has(path))).toEqual([]);
  });

  it('are each a folder of its own below a home of ours, never the home itself', () => {
    for (const path of postgresDataDirs('/a/b').slice(1))
      expect(path).toMatch(/\/data-[0-9a-f]{16}$/);
  });
});

describe('the version of a program', () => {
  it.each([
    ['postgres (PostgreSQL) 18.4', '18.4'],
    ['postgres (PostgreSQL) 17', '17'],
    ['postgres (PostgreSQL) 16.2 (Debian 16.2-1.pgdg120+2)', '16.2'],
    ['no number at all', 'unknown'],
  ])('in %j is %s', async (output, version) => {
    const path = join(folder, 'program');
    await writeFile(path, `#!/bin/sh\necho '${output}'\n`);
    await chmod(path, 0o755);
    expect(programVersion(path)).toBe(version);
  });
});
