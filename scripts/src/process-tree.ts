/** Looks at and ends operating-system processes by id, children included. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from './failure.js';

const HAS_PROC = existsSync('/proc/self/stat');

/** A zombie counts as gone: nothing of it runs any more, only its parent has not looked yet. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  return !HAS_PROC || readStat(pid)?.state !== 'Z';
}

/** The command line of a process, or nothing when it is gone or hidden from us. */
export function commandLine(pid: number): string | undefined {
  if (HAS_PROC) {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    } catch {
      return undefined;
    }
  }
  const listed = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  const line = listed.status === 0 ? listed.stdout.trim() : '';
  return line === '' ? undefined : line;
}

/** Every process below `pid`, nearest first. */
export function descendants(pid: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const [child, parent] of parentTable()) {
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), child]);
  }
  const found: number[] = [];
  const queue = [pid];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const children = childrenOf.get(next) ?? [];
    found.push(...children);
    queue.push(...children);
  }
  return found;
}

/**
 * Ends a process and all below it at once, as a power cut would. The parent is stopped first,
 * so that it can start no new child between the look and the blow.
 */
export async function killTree(pid: number, deadlineMs = 10_000): Promise<void> {
  signal(pid, 'SIGSTOP');
  const doomed = [pid, ...descendants(pid)];
  for (const each of doomed) signal(each, 'SIGKILL');
  await waitUntilGone(doomed, deadlineMs);
}

/** Asks with `polite` first, waits, then ends the whole tree. True when it went by itself. */
export async function stopTree(
  pid: number,
  polite: NodeJS.Signals,
  graceMs: number,
): Promise<boolean> {
  signal(pid, polite);
  if (await waitUntilGone([pid], graceMs)) return true;
  await killTree(pid);
  return false;
}

export async function waitUntilGone(pids: readonly number[], deadlineMs: number): Promise<boolean> {
  const deadline = performance.now() + deadlineMs;
  while (pids.some(isAlive)) {
    if (performance.now() > deadline) return false;
    await delay(10);
  }
  return true;
}

/** Signals a process that may be gone already, which is no fault. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

function parentTable(): [child: number, parent: number][] {
  if (!HAS_PROC) return parentTableFromPs();
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = readStat(Number(name));
    return stat === undefined ? [] : [[Number(name), stat.parent]];
  });
}

function parentTableFromPs(): [child: number, parent: number][] {
  const listed = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return listed.stdout.split('\n').flatMap((line) => {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    return child === undefined || parent === undefined ? [] : [[child, parent]];
  });
}

/** The name in the second field may hold spaces and brackets: read behind its last bracket. */
function readStat(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return state === undefined ? undefined : { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
