import { afterAll, describe, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess } from '../process.js';
import { isAlive } from '../process-tree.js';
import { stopLeftover } from './leftover.js';

const logFile = join(tmpdir(), `throughline-leftover-${process.pid}.log`);

afterAll(() => rm(logFile, { force: true }));

function linger(mark: string): ReturnType<typeof startProcess> {
  const args = ['--eval', 'setInterval(() => {}, 1000)', mark];
  return startProcess({ command: process.execPath, args, logFile });
}

describe('a server that an earlier run left behind', () => {
  it('is stopped when its command line carries our mark', async () => {
    const running = await linger('/data/of-ours');
    const leftover = { pid: running.pid, mark: '/data/of-ours', politely: 'SIGTERM' } as const;
    expect(await stopLeftover(leftover)).toBe('stopped');
    expect(isAlive(running.pid)).toBe(false);
    expect(await stopLeftover(leftover)).toBe('gone');
  });

  it('is left alone when the process id belongs to someone else by now', async () => {
    const running = await linger('/data/of-theirs');
    const leftover = { pid: running.pid, mark: '/data/of-ours', politely: 'SIGTERM' } as const;
    expect(await stopLeftover(leftover)).toBe('not_ours');
    expect(isAlive(running.pid)).toBe(true);
    await running.kill();
  });

  it.each([Number.NaN, 0, 1, -5])(
    'is nothing when the file holds no process id (%p)',
    async (pid) => {
      expect(await stopLeftover({ pid, mark: '', politely: 'SIGTERM' })).toBe('gone');
    },
  );
});
