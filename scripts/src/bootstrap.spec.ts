import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPO_ROOT } from './paths.js';

/** A clone in miniature: the real bootstrap, real npm, no packages, and a build that counts itself. */
let clone: string;

const BUILD = `
  import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
  appendFileSync('builds.log', 'built\\n');
  console.log('compiling room/src/index.ts');
  if (process.env.BREAK_THE_BUILD) { console.error('room/src/index.ts(1,1): error TS1'); process.exit(2); }
  for (const folder of ['scripts/dist', 'apps/api/dist', 'apps/worker/dist', 'workflows/dist/bundle.js']) mkdirSync(folder, { recursive: true });
  writeFileSync('scripts/dist/start.js', 'console.log("START " + JSON.stringify(process.argv.slice(2))); process.exitCode = 7;');
`;

beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), 'throughline-clone-'));
  await mkdir(join(clone, 'scripts'), { recursive: true });
  await mkdir(join(clone, 'room', 'src'), { recursive: true });
  await cp(join(REPO_ROOT, 'scripts', 'bootstrap.mjs'), join(clone, 'scripts', 'bootstrap.mjs'));
  await writeFile(join(clone, 'build.mjs'), BUILD);
  await writeFile(join(clone, 'room', 'src', 'index.ts'), 'export const one = 1;');
  await writeFile(join(clone, 'room', 'package.json'), '{ "name": "room", "version": "1.0.0" }');
  await writeJson('package.json', manifest());
  await writeJson('package-lock.json', lock('first'));
});

afterAll(() => rm(clone, { recursive: true, force: true }));

function manifest(): object {
  return {
    name: 'clone',
    version: '1.0.0',
    workspaces: ['room'],
    scripts: { build: 'node build.mjs' },
  };
}

/** The extra key changes the file, and with it the hash, but nothing that npm looks at. */
function lock(mark: string): object {
  return {
    name: 'clone',
    version: '1.0.0',
    lockfileVersion: 3,
    mark,
    packages: {
      '': { name: 'clone', version: '1.0.0', workspaces: ['room'] },
      'node_modules/room': { resolved: 'room', link: true },
      room: { version: '1.0.0' },
    },
  };
}

function writeJson(path: string, value: object): Promise<void> {
  return writeFile(join(clone, path), JSON.stringify(value));
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function bootstrap(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const path = join(clone, 'scripts', 'bootstrap.mjs');
    const child = spawn(process.execPath, [path, ...args], {
      cwd: tmpdir(),
      env: { ...process.env, NODE_OPTIONS: '', ...env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

function builds(): number {
  return readFileSync(join(clone, 'builds.log'), 'utf8').split('\n').length - 1;
}

describe('a command in a new clone', () => {
  it('installs, builds, and hands over with its arguments and its exit code', async () => {
    const ended = await bootstrap(['start', '--api-port', '3001']);
    expect(ended.stdout).toBe('START ["--api-port","3001"]\n');
    expect(ended.code).toBe(7);
    expect(ended.stderr).toMatch(/Installing packages …\n[\s\S]*Installing packages: done/);
    expect(ended.stderr).toMatch(/Building …\n[\s\S]*Building: done/);
    expect(builds()).toBe(1);
  });

  it('does neither the second time', async () => {
    const ended = await bootstrap(['start']);
    expect(ended.stderr).toBe('');
    expect(ended.stdout).toBe('START []\n');
    expect(builds()).toBe(1);
  });

  it('installs and builds again when the lock file has changed', async () => {
    await writeJson('package-lock.json', lock('second'));
    const ended = await bootstrap(['start']);
    expect(ended.stderr).toContain('Installing packages: done');
    expect(builds()).toBe(2);
  });

  it('builds again when a source has changed, and not for a test', async () => {
    await writeFile(join(clone, 'room', 'src', 'index.spec.ts'), 'export const test = 1;');
    await bootstrap(['start']);
    expect(builds()).toBe(2);
    await writeFile(join(clone, 'room', 'src', 'index.ts'), 'export const one = 2;');
    await bootstrap(['start']);
    expect(builds()).toBe(3);
  });

  it('builds again when the built files were removed', async () => {
    await rm(join(clone, 'apps'), { recursive: true });
    await bootstrap(['build']);
    expect(builds()).toBe(4);
  });
});

describe('a command that cannot go on', () => {
  it('says what the build said, one sentence and one command', async () => {
    await writeFile(join(clone, 'room', 'src', 'index.ts'), 'export const one = ;');
    const ended = await bootstrap(['start'], { BREAK_THE_BUILD: 'yes' });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toContain('room/src/index.ts(1,1): error TS1');
    expect(ended.stderr).toMatch(/The build failed: npm ended with 2\.\nTry: npm run build\n$/);
    expect((await bootstrap(['start'])).code).toBe(7);
  });

  it('says what npm said when packages cannot be installed', async () => {
    await writeJson('package.json', { ...manifest(), dependencies: { 'is-odd': '3.0.1' } });
    await writeJson('package-lock.json', lock('out of step'));
    const ended = await bootstrap(['start']);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('package-lock.json');
    expect(ended.stderr).toMatch(
      /The packages could not be installed: npm ended with 1\.\nTry: npm ci\n$/,
    );
    await writeJson('package.json', manifest());
  });

  it('names the commands when there is none of that name', async () => {
    const ended = await bootstrap(['strat']);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(
      /start, demo, .*\nThere is no command "strat"\.\nTry: npm start\n$/,
    );
  });

  it('names the version when Node is too old', async () => {
    const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.9' } })`;
    const ended = await bootstrap(['start'], {
      NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(older)}"`,
    });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/needs Node\.js 20\.19 or newer, and this is 20\.18\.9/);
  });
});

describe('two commands at once', () => {
  it('build once: the second waits and finds it done', async () => {
    await writeJson('package-lock.json', lock('third'));
    const before = builds();
    const ended = await Promise.all([
      bootstrap(['start']),
      bootstrap(['start']),
      bootstrap(['start']),
    ]);
    expect(ended.map((each) => each.code)).toEqual([7, 7, 7]);
    expect(builds()).toBe(before + 1);
  });

  it('are not held up by a lock whose owner is gone', async () => {
    await writeFile(join(clone, 'var', 'bootstrap.lock'), '999999999');
    expect((await bootstrap(['start'])).code).toBe(7);
  });
});
