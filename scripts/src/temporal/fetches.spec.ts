/** Programs that are fetched or built, with vendors played by scripts: what is kept of them, and what is said when they fail. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Progress } from '../progress.js';
import { findCached, sha256, storeInCache, withWorkFolder } from './cache.js';
import { buildWithGo } from './go-build.js';
import { inspectBinary, readVersion } from './inspect.js';
import { notFound, type LadderContext } from './ladder.js';
import { downloadThroughSdk } from './sdk-download.js';

let root: string;
let bin: string;
let context: LadderContext;
let reported: Progress[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'throughline-fetch-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

beforeEach(async () => {
  const folder = await mkdtemp(join(root, 'case-'));
  bin = join(folder, 'bin');
  await mkdir(bin);
  reported = [];
  context = {
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    report: (progress) => reported.push(progress),
    cacheDir: join(folder, 'cache'),
    connectLimitMs: 5_000,
  };
});

const versionLine = (version: string, server = '1.31.2'): string =>
  `temporal version ${version} (Server ${server}, UI 2.50.1)`;

async function program(path: string, script: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

/** A shell script that writes a program of this version to a place. */
function writesProgram(place: string, version: string): string {
  return `printf '#!/bin/sh\\necho "${versionLine(version)}"\\n' > "${place}"`;
}

const detailOf = (kind: Progress['kind']): string[] =>
  reported.flatMap((progress) =>
    progress.kind === kind && 'detail' in progress ? [progress.detail] : [],
  );

describe('the version that a program says', () => {
  it.each([
    [versionLine('1.8.2'), '1.8.2', '1.31.2'],
    [versionLine('v1.5.1', '1.29.0'), '1.5.1', '1.29.0'],
    [
      `update available\n${versionLine('2.0.0-rc.1', '2.0.0-155.1')}\n`,
      '2.0.0-rc.1',
      '2.0.0-155.1',
    ],
  ])('of %j is read', (output, version, serverVersion) => {
    expect(readVersion('/x', output)).toEqual({ usable: true, version, serverVersion });
  });

  it.each([
    [versionLine('1.0.0', '1.28.9'), 'older than 1.29'],
    [versionLine('0.9.0', '0.99.1'), 'older than 1.29'],
    ['tctl version 1.18.0', 'not a Temporal CLI'],
    ['', 'not a Temporal CLI'],
    ['temporal version 1.8.2', 'not a Temporal CLI'],
  ])('of %j is not good enough', (output, reason) => {
    const inspection = readVersion('/x', output);
    expect(inspection.usable ? '' : inspection.reason).toContain(reason);
  });

  it('is asked of a program that does not start, that fails, and that says it on the wrong stream', async () => {
    const answers = await Promise.all([
      inspectBinary(join(bin, 'nothing')),
      program(join(bin, 'failing'), 'exit 3').then(inspectBinary),
      program(join(bin, 'stderr'), `echo '${versionLine('1.8.2')}' >&2`).then(inspectBinary),
    ]);
    expect(answers.map(({ usable }) => usable)).toEqual([false, false, false]);
  });
});

describe('the cache of programs', () => {
  it('takes a fetch in whole: program, checksum and the right to run it', async () => {
    const fetched = join(bin, 'fetched');
    await writeFile(fetched, `#!/bin/sh\necho "${versionLine('1.8.2')}"\n`, { mode: 0o600 });
    const checksum = await sha256(fetched);
    const outcome = await storeInCache(context, { path: fetched, how: 'by hand' });
    expect(outcome).toMatchObject({ found: true, temporal: { version: '1.8.2', how: 'by hand' } });
    const folder = join(context.cacheDir, '1.8.2');
    expect((await readdir(folder)).sort()).toEqual(['temporal', 'temporal.sha256']);
    expect(await readFile(join(folder, 'temporal.sha256'), 'utf8')).toBe(`${checksum}  temporal\n`);
    expect((await stat(join(folder, 'temporal'))).mode & 0o111).toBe(0o111);
    expect(await findCached(context)).toMatchObject({
      found: true,
      temporal: { version: '1.8.2' },
    });
  });

  it('is whole after two fetches of the same version at once', async () => {
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        const path = await program(join(bin, name), `echo "${versionLine('1.8.2')}"`);
        return storeInCache(context, { path, how: name });
      }),
    );
    expect(outcomes.every(({ found }) => found)).toBe(true);
    expect(await findCached(context)).toMatchObject({ found: true });
  });

  it('passes over versions that are broken, says why, and takes the newest that is whole', async () => {
    for (const version of ['1.6.0', '1.7.0', '1.10.0']) {
      const path = await program(join(bin, version), `echo "${versionLine(version)}"`);
      await storeInCache(context, { path, how: 'x' });
    }
    await writeFile(join(context.cacheDir, '1.10.0', 'temporal'), 'half');
    expect(await findCached(context)).toMatchObject({ temporal: { version: '1.7.0' } });
    for (const version of ['1.6.0', '1.7.0'])
      await rm(join(context.cacheDir, version, 'temporal.sha256'));
    const outcome = await findCached(context);
    expect(outcome.found ? '' : outcome.reason).toContain('1.10.0: its checksum differs; 1.7.0: ');
  });

  it('knows nothing of folders that are no versions', async () => {
    await mkdir(join(context.cacheDir, 'fetch-abc'), { recursive: true });
    expect(await findCached(context)).toEqual(notFound(`nothing in ${context.cacheDir}`));
  });
});

describe('the folder of a fetch', () => {
  it('is gone afterwards, however the fetch ended, and both ends are told', async () => {
    const folders: string[] = [];
    const good = await withWorkFolder(context, 'Fetch', (folder) => {
      folders.push(folder);
      const path = '/x/temporal';
      return Promise.resolve({
        found: true,
        temporal: { kind: 'binary', path, version: '1', how: 'x' },
      });
    });
    const refused = await withWorkFolder(context, 'Fetch', (folder) => {
      folders.push(folder);
      return Promise.resolve(notFound('not today'));
    });
    const broken = await withWorkFolder(context, 'Fetch', (folder) => {
      folders.push(folder);
      return Promise.reject(new TypeError('torn'));
    });
    expect(good.found).toBe(true);
    expect([refused, broken]).toEqual([notFound('not today'), notFound('torn')]);
    expect(new Set(folders).size).toBe(3);
    expect(await readdir(context.cacheDir)).toEqual([]);
    expect(detailOf('done')).toEqual(['done', 'not today', 'torn']);
  });

  it('that cannot be made is a reason, not a crash', async () => {
    await writeFile(join(bin, 'file'), '');
    const closed = { ...context, cacheDir: join(bin, 'file', 'cache') };
    const outcome = await withWorkFolder(closed, 'Fetch', () => Promise.reject(new TypeError('x')));
    expect(outcome.found ? '' : outcome.reason).toContain('the cache folder cannot be written');
  });
});

describe('a build with Go', () => {
  it('asks for the module first, then builds it into the cache, and shows how far it is', async () => {
    const log = join(bin, 'calls');
    await program(
      join(bin, 'go'),
      `echo "$*" >> "${log}"
       if [ "$1" = install ]; then
         echo "go: downloading go.temporal.io/api v1.2.3" >&2
         echo "github.com/temporalio/cli/temporalcli" >&2
         ${writesProgram('$GOBIN/temporal', '1.5.1')}
       fi`,
    );
    expect(await buildWithGo(context)).toMatchObject({
      found: true,
      temporal: { version: '1.5.1', how: 'built with Go' },
    });
    const calls = (await readFile(log, 'utf8')).trim().split('\n');
    expect(calls[0]).toBe('list -m github.com/temporalio/cli@v1.5.1');
    expect(calls[1]).toContain('Version=1.5.1 github.com/temporalio/cli/cmd/temporal@v1.5.1');
    expect(detailOf('working').at(-1)).toBe('1 modules fetched, 1 packages compiled');
  });

  it('fails with the last words of Go', async () => {
    await program(
      join(bin, 'go'),
      `if [ "$1" = install ]; then echo one >&2; echo "build failed: no space left" >&2; exit 1; fi`,
    );
    expect(await buildWithGo(context)).toEqual(notFound('build failed: no space left'));
  });

  it('fails where Go ends well and leaves no program', async () => {
    await program(join(bin, 'go'), 'exit 0');
    expect((await buildWithGo(context)).found).toBe(false);
    expect(await findCached(context)).toMatchObject({ found: false });
  });
});

describe('the download through the SDK', () => {
  /** Plays the SDK's download in the process that is started for it, before the SDK itself is loaded. */
  async function sdk(script: string): Promise<LadderContext> {
    const path = join(bin, 'sdk.mjs');
    await writeFile(
      path,
      `import { writeFileSync } from 'node:fs'; import { join } from 'node:path';
       const folder = process.argv[1]; ${script}`,
    );
    return { ...context, env: { ...context.env, NODE_OPTIONS: `--import=${path}` } };
  }

  it('is taken into the cache when it is whole', async () => {
    const playing = await sdk(
      `writeFileSync(join(folder, 'temporal-sdk-typescript'), '#!/bin/sh\\necho "${versionLine('1.6.1')}"\\n');
       process.exit(0);`,
    );
    expect(await downloadThroughSdk(playing)).toMatchObject({
      found: true,
      temporal: { version: '1.6.1', how: 'downloaded by the SDK' },
    });
    expect(await findCached(context)).toMatchObject({ found: true });
  });

  it('is taken although the process that fetched it failed afterwards', async () => {
    const playing = await sdk(
      `writeFileSync(join(folder, 'temporal-sdk-typescript'), '#!/bin/sh\\necho "${versionLine('1.6.1')}"\\n');
       process.exit(1);`,
    );
    expect(await downloadThroughSdk(playing)).toMatchObject({ found: true });
  });

  it('is not taken while it is still on its way', async () => {
    const playing = await sdk(
      `writeFileSync(join(folder, 'temporal-sdk-typescript.downloading'), 'half');
       console.error('noise'); console.error('REASON error sending request for url (https://x.example/a)');
       process.exit(1);`,
    );
    expect(await downloadThroughSdk(playing)).toEqual(notFound('error sending request'));
    expect(await readdir(context.cacheDir)).toEqual([]);
  });

  it('is given up with the last words of whoever failed without a reason', async () => {
    expect(await downloadThroughSdk(await sdk(`console.error('a\\nb'); process.exit(1);`))).toEqual(
      notFound('b'),
    );
    expect(await downloadThroughSdk(await sdk('process.exit(1);'))).toEqual(
      notFound('no reason was given'),
    );
  });

  it('is given up when nobody answers', async () => {
    const playing = await sdk('await new Promise((resolve) => setTimeout(resolve, 60_000));');
    const outcome = await downloadThroughSdk({ ...playing, connectLimitMs: -2_500 });
    expect(outcome).toEqual(notFound('no answer within 0.5 s'));
  });
});
