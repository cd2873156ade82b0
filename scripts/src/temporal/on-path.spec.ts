import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inspectBinary, readVersion } from './inspect.js';
import { findOnPath, which } from './on-path.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-path-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program that says this, in a folder of its own. */
async function program(name: string, says: string, mode = 0o755): Promise<string> {
  const path = join(folder, name, 'temporal');
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${says}\n`);
  await chmod(path, mode);
  return path;
}
const pathOf = (...names: readonly string[]) => ({
  PATH: names.map((name) => join(folder, name)).join(delimiter),
});
const GOOD = 'echo "temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)"';

describe('looking on PATH', () => {
  it('takes the first program of the name that may be run', async () => {
    await program('plain', GOOD, 0o644);
    await mkdir(join(folder, 'folder', 'temporal'), { recursive: true });
    const first = await program('first', GOOD);
    await program('second', GOOD);
    const env = pathOf('nowhere', 'plain', 'folder', 'first', 'second');
    expect(which('temporal', env)).toBe(first);
  });

  it('finds nothing where there is no PATH, or an empty one', () => {
    expect(which('temporal', {})).toBeUndefined();
    expect(which('temporal', { PATH: delimiter })).toBeUndefined();
  });

  const find = (env: NodeJS.ProcessEnv) =>
    findOnPath({ env, report: () => undefined, cacheDir: folder, connectLimitMs: 1 });

  it('answers the program with its version and where it came from', async () => {
    const path = await program('good', GOOD);
    expect(await find(pathOf('good'))).toEqual({
      found: true,
      temporal: { kind: 'binary', path, version: '1.8.2', how: 'found on PATH' },
    });
  });

  it.each([
    ['too old', 'echo "temporal version 1.0.0 (Server 1.24.2, UI 2.0.0)"', 'older than 1.29'],
    ['something else', 'echo "GNU temporal 3"', 'is not a Temporal CLI'],
    ['broken', 'exit 3', 'is not a Temporal CLI'],
  ])('passes over one that is %s, and says why', async (_what, says, reason) => {
    await program('bad', says);
    expect(await find(pathOf('bad'))).toEqual({
      found: false,
      reason: expect.stringContaining(reason),
    });
  });

  it('says that there is none', async () => {
    expect(await find(pathOf('nowhere'))).toEqual({ found: false, reason: 'there is none' });
  });
});

describe('a version', () => {
  it.each([
    ['temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)', '1.31.2'],
    ['temporal version v1.5.0 (Server 1.29.0, UI 2.40.0)', '1.29.0'],
    ['Temporal Version 2.0.0 (Server 2.0.0-rc.1, UI 3.0.0)', '2.0.0-rc.1'],
  ])('is read from %p', (output, serverVersion) => {
    expect(readVersion('t', output)).toMatchObject({ usable: true, serverVersion });
  });

  it.each(['temporal version 1.8.2', 'temporal version 1.0.0 (Server 0.99.0, UI 1)', ''])(
    'of %p is of no use',
    (output) => {
      expect(readVersion('t', output)).toMatchObject({ usable: false });
    },
  );

  it('cannot be asked of what does not start', async () => {
    expect(await inspectBinary(join(folder, 'nothing'))).toMatchObject({
      usable: false,
      reason: expect.stringContaining('does not start'),
    });
  });
});
