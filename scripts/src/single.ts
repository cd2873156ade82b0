/** One installation at a time over one folder of data: a second start is told who has it. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, Failure } from './failure.js';
import { commandLine } from './process-tree.js';

/** Takes the lock or says who holds it; a lock whose process is gone is taken over. */
export async function holdLock(file: string, what: string): Promise<() => Promise<void>> {
  await mkdir(dirname(file), { recursive: true });
  for (;;) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => '0'));
    if (isOurs(holder)) {
      throw new Failure({
        code: 'already_running',
        sentence: `${what} is running already in this folder (process ${holder}).`,
        command: `kill ${holder}`,
      });
    }
    await rm(file, { force: true });
  }
}

/** A pid may have been given to another program since: only a command of ours holds the lock. */
function isOurs(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  return commandLine(pid)?.includes('bootstrap.mjs') ?? false;
}
