/**
 * Ends a server that an earlier run of ours left behind (its starter was killed). The process must
 * still carry our data folder in its command line: a process id alone may belong to someone else by now.
 */
import { commandLine, isAlive, stopTree } from '../process-tree.js';

export interface Leftover {
  readonly pid: number;
  /** Something in its command line that only ours has. */
  readonly mark: string;
  readonly politely: NodeJS.Signals;
}

export async function stopLeftover(leftover: Leftover): Promise<'stopped' | 'not_ours' | 'gone'> {
  if (!Number.isInteger(leftover.pid) || leftover.pid <= 1) return 'gone';
  if (!isAlive(leftover.pid)) return 'gone';
  if (commandLine(leftover.pid)?.includes(leftover.mark) !== true) return 'not_ours';
  await stopTree(leftover.pid, leftover.politely, 10_000);
  return 'stopped';
}
