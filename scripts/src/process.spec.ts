import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../test/support/eventually.js';
import { faultIn, lastLines, runToEnd, startProcess } from './process.js';
import { commandLine, descendants, isAlive, stopTree, waitUntilGone } from './process-tree.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-process-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function node(script: string): { command: string; args: string[] } {
  return { command: process.execPath, args: ['--eval', script] };
}

const FOREVER = 'setInterval(() => {}, 1000)';
const DEAF = `process.on('SIGTERM', () => console.log('no')); console.log('up'); ${FOREVER}`;

/** A process with a child and a grandchild, each living for ever. */
const FAMILY = `
  const { spawn } = require('node:child_process');
  const child = "require('node:child_process').spawn(process.execPath, ['--eval', '${FOREVER}']);" +
    "${FOREVER}";
  spawn(process.execPath, ['--eval', child], { detached: true });
  ${FOREVER};
`;

describe('a long-lived program', () => {
  it('writes what it says to its log file', async () => {
    const logFile = join(folder, 'deep', 'said.log');
    const running = await startProcess({
      ...node("console.log('out'); console.error('err')"),
      logFile,
    });
    expect(await running.exited).toEqual({ code: 0, signal: null });
    expect((await readFile(logFile, 'utf8')).split('\n').sort()).toEqual(['', 'err', 'out']);
    expect(lastLines(logFile, 1)).toEqual(['err']);
  });

  it('leads a session of its own, so that Ctrl-C in the terminal does not reach it', async () => {
    const running = await startProcess({ ...node(FOREVER), logFile: join(folder, 'session.log') });
    const group = spawnSync('ps', ['-o', 'pgid=', '-p', String(running.pid)], { encoding: 'utf8' });
    expect(Number(group.stdout)).toBe(running.pid);
    await running.kill();
  });

  it('ends when it is asked to', async () => {
    const running = await startProcess({ ...node(FOREVER), logFile: join(folder, 'polite.log') });
    expect(running.exit()).toBeUndefined();
    await running.stop();
    expect(await running.exited).toEqual({ code: null, signal: 'SIGTERM' });
    await running.stop();
  });

  it('is killed when it will not listen', async () => {
    const logFile = join(folder, 'deaf.log');
    const running = await startProcess({ ...node(DEAF), logFile });
    await eventually(() => {
      expect(lastLines(logFile, 1)).toEqual(['up']);
    });
    await running.stop('SIGTERM', 100);
    expect(await running.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('that cannot be started is an error, not a silence', async () => {
    const starting = startProcess({
      command: join(folder, 'none'),
      args: [],
      logFile: join(folder, 'x.log'),
    });
    await expect(starting).rejects.toThrow('ENOENT');
  });
});

describe('a tree of processes', () => {
  it('is killed to its last leaf, sessions of their own notwithstanding', async () => {
    const running = await startProcess({ ...node(FAMILY), logFile: join(folder, 'family.log') });
    const below = await eventually(() => {
      const found = descendants(running.pid);
      expect(found).toHaveLength(2);
      return found;
    });
    await running.kill();
    expect([running.pid, ...below].filter(isAlive)).toEqual([]);
  });

  it('shows the command line of a living process and nothing of a dead one', async () => {
    const running = await startProcess({ ...node(FOREVER), logFile: join(folder, 'line.log') });
    await eventually(() => {
      expect(commandLine(running.pid)).toContain(FOREVER);
    });
    expect(await stopTree(running.pid, 'SIGTERM', 5_000)).toBe(true);
    await running.exited;
    expect(commandLine(running.pid) ?? '').toBe('');
  });

  it('is not waited for beyond the deadline', async () => {
    expect(await waitUntilGone([process.pid], 30)).toBe(false);
    expect(await waitUntilGone([], 30)).toBe(true);
  });
});

describe('a program that is run to its end', () => {
  it('gives its code and what it said, line by line', async () => {
    const lines: string[] = [];
    const result = await runToEnd({
      ...node("console.log('one\\ntwo'); console.error('three'); process.exitCode = 3"),
      timeoutMs: 20_000,
      onLine: (line) => lines.push(line),
    });
    expect(result).toEqual({ kind: 'ended', code: 3, stdout: 'one\ntwo\n', stderr: 'three\n' });
    expect(lines.sort()).toEqual(['one', 'three', 'two']);
  });

  it('is cut when its time is over', async () => {
    const result = await runToEnd({ ...node(FOREVER), timeoutMs: 200 });
    expect(result).toMatchObject({ kind: 'cut', reason: 'no end after 0.2 s' });
  });

  it('is cut when its watcher gives a reason', async () => {
    const result = await runToEnd({ ...node(FOREVER), timeoutMs: 20_000, watch: () => 'enough' });
    expect(result).toMatchObject({ kind: 'cut', reason: 'enough' });
  });

  it('that does not exist says so', async () => {
    const result = await runToEnd({ command: join(folder, 'none'), args: [], timeoutMs: 1_000 });
    expect(result).toMatchObject({ kind: 'not_started' });
  });
});

describe('the fault of a program', () => {
  const said = { stdout: '', stderr: 'first\nlast words\n' };

  it.each([
    [{ kind: 'ended', code: 0, ...said } as const, undefined],
    [{ kind: 'ended', code: 2, ...said } as const, 'last words'],
    [{ kind: 'ended', code: 2, stdout: '', stderr: '' } as const, 'it ended with 2'],
    [{ kind: 'ended', code: null, stdout: '', stderr: '' } as const, 'it ended with a signal'],
    [{ kind: 'cut', reason: 'too slow', ...said } as const, 'too slow'],
    [{ kind: 'not_started', reason: 'ENOENT' } as const, 'ENOENT'],
  ])('is told in its own last words: %p', (result, fault) => {
    expect(faultIn(result)).toBe(fault);
  });
});
