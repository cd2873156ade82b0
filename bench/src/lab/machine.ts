/** Where and with what figures were taken: without it they say nothing. */
import { spawnSync } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { REPO_ROOT } from '@throughline/scripts/paths';

export function commitOf(): string {
  const commit = git(['rev-parse', '--short=12', 'HEAD']);
  if (commit === '') return 'unknown';
  return git(['status', '--porcelain']) === '' ? commit : `${commit}-changed`;
}

function git(args: readonly string[]): string {
  const result = spawnSync('git', args, { cwd: REPO_ROOT, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : '';
}

/** Before anything is started: afterwards it is our own. */
export function hostFacts(): {
  readonly cores: number;
  readonly node: string;
  readonly load: number;
} {
  return {
    cores: availableParallelism(),
    node: process.versions.node,
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}
