/** What processes use, as the kernel counts it: memory without counting shared pages twice, and processor time. */
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { codeOf } from '@throughline/scripts/failure';
import { descendants } from '@throughline/scripts/process-tree';

/** A process and all below it. */
export function treeOf(pid: number): number[] {
  return [pid, ...descendants(pid)];
}

/** Proportional set size in MiB; null where the system does not tell. */
export function pssMib(pids: readonly number[]): number | null {
  let kib = 0;
  for (const pid of pids) {
    const own = readPss(pid);
    if (own === null) return null;
    kib += own;
  }
  return kib / 1_024;
}

/** A process that is gone uses nothing; one that hides itself makes the sum unknown. */
function readPss(pid: number): number | null {
  try {
    return parsePss(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  } catch (error) {
    return codeOf(error) === 'ESRCH' ? 0 : null;
  }
}

export function parsePss(text: string): number | null {
  const kib = /^Pss:\s+(\d+) kB$/m.exec(text)?.[1];
  return kib === undefined ? null : Number(kib);
}

/** Processor seconds since each began, of them and their ended children; a process that is gone counts no more. */
export function cpuSeconds(pids: readonly number[]): number {
  const ticks = pids.reduce((sum, pid) => sum + ticksOf(pid), 0);
  return ticks / ticksPerSecond();
}

function ticksOf(pid: number): number {
  try {
    return parseTicks(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return 0;
  }
}

/** Fields 14 to 17 of proc(5): user, system, and the same of children that were waited for. */
export function parseTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, text) => sum + Number(text), 0);
}

let knownTicks: number | undefined;

function ticksPerSecond(): number {
  knownTicks ??= Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100;
  return knownTicks;
}
