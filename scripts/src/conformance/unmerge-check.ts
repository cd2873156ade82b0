/**
 * I13, merge then unmerge: needs log, lane and database, so it is checked by the tests of the lane that replay every history
 * without the merge and compare. They start servers of their own.
 */
import { join } from 'node:path';
import { isJsonObject, parseJson } from '@throughline/domain/shared';
import { REPO_ROOT } from '../paths.js';
import { runToEnd } from '../process.js';
import type { Check } from './check.js';

const TESTS = ['store/src/ingestion/unmerge.spec.ts', 'store/src/ingestion/merge-runs.spec.ts'];
const TIMEOUT_MS = 600_000;

export async function checkUnmerge(): Promise<Check[]> {
  const ended = await runToEnd({
    command: process.execPath,
    args: [
      '--experimental-vm-modules',
      join(REPO_ROOT, 'node_modules/jest/bin/jest.js'),
      ...TESTS,
      '--json',
    ],
    cwd: REPO_ROOT,
    timeoutMs: TIMEOUT_MS,
  });
  const counts = ended.kind === 'ended' ? countTests(ended.stdout) : null;
  const value = counts === null ? 'did not run' : `${counts.passed} of ${counts.all}`;
  const ok = counts !== null && counts.all > 0 && counts.passed === counts.all;
  return [{ name: 'I13 tests of merge and unmerge that hold', value, expected: 'all', ok }];
}

/** Of Jest's report, which is the last thing it prints. */
export function countTests(stdout: string): { passed: number; all: number } | null {
  const line = stdout.split('\n').find((each) => each.startsWith('{"num'));
  const report: unknown = line === undefined ? null : parseJson(line);
  if (!isJsonObject(report)) return null;
  const { numPassedTests: passed, numTotalTests: all } = report;
  return typeof passed === 'number' && typeof all === 'number' ? { passed, all } : null;
}
