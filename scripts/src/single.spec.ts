import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../test/support/eventually.js';
import { Failure } from './failure.js';
import { commandLine } from './process-tree.js';
import { holdLock } from './single.js';

describe('one installation at a time', () => {
  let folder: string;
  let file: string;
  let cases = 0;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'throughline-single-'));
  });
  beforeEach(() => {
    cases += 1;
    file = join(folder, `case-${cases}`, 'deep', 'lock');
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A process that looks like a command of ours, as far as a command line can tell. */
  async function command(name: string): Promise<number> {
    const script = join(folder, name);
    await writeFile(script, 'setInterval(() => {}, 1000);');
    const child = spawn(process.execPath, [script], { stdio: 'ignore' });
    children.push(child);
    const { pid } = child;
    if (pid === undefined) throw new TypeError('the process did not start');
    await eventually(() => {
      expect(commandLine(pid)).toContain(name);
    });
    return pid;
  }

  async function heldBy(pid: number | string): Promise<void> {
    await (
      await holdLock(file, 'x')
    )();
    await writeFile(file, String(pid));
  }

  it('leaves its process id, in a folder that is made for it, and takes it away again', async () => {
    const release = await holdLock(file, 'The shop');
    expect(await readFile(file, 'utf8')).toBe(String(process.pid));
    await release();
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    await release();
  });

  it('is refused while another has it, with who that is and how to end it', async () => {
    const pid = await command('bootstrap.mjs');
    await heldBy(pid);
    const error: unknown = await holdLock(file, 'The shop').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({
      code: 'already_running',
      sentence: `The shop is running already in this folder (process ${pid}).`,
      command: `kill ${pid}`,
    });
    expect(await readFile(file, 'utf8')).toBe(String(pid));
  });

  it('takes over from a process that has ended', async () => {
    const pid = await command('bootstrap.mjs');
    await heldBy(pid);
    children.splice(0).forEach((child) => child.kill('SIGKILL'));
    await eventually(() => {
      expect(commandLine(pid) ?? '').toBe('');
    });
    await holdLock(file, 'The shop');
    expect(await readFile(file, 'utf8')).toBe(String(process.pid));
  });

  it('takes over where the process id belongs to another program by now', async () => {
    await heldBy(await command('editor.mjs'));
    await holdLock(file, 'The shop');
    expect(await readFile(file, 'utf8')).toBe(String(process.pid));
  });

  it.each(['', '0', '-1', '1.5', 'nobody', '99999999999'])(
    'takes over a lock that names no process: %j',
    async (text) => {
      await heldBy(text);
      await holdLock(file, 'The shop');
      expect(await readFile(file, 'utf8')).toBe(String(process.pid));
    },
  );

  it('says why it cannot be taken where the folder cannot be written', async () => {
    await writeFile(join(folder, 'plain'), '');
    await expect(holdLock(join(folder, 'plain', 'lock'), 'x')).rejects.toMatchObject({
      code: expect.stringMatching(/ENOTDIR|EEXIST/),
    });
  });
});
