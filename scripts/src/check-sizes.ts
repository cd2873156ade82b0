/** Gate: no file grows past what one reads in a sitting, and tests keep up with the source. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPO_ROOT } from './paths.js';
import { sourcePaths } from './source-files.js';

export interface SizedFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly lines: number;
}

const MAX_LINES = 400;
const MAX_P90_LINES = 200;
/** Lines of tests per line of source. The goal is 1; the floor only ever rises (docs/roadmap.md says where it stands). */
const MIN_TESTS_PER_SOURCE = 0.8;

/** One sentence for each fault; none is well. Functions are measured by the linter. */
export function findSizeFaults(files: readonly SizedFile[]): string[] {
  const tooLong = files
    .filter((file) => file.lines > MAX_LINES)
    .map((file) => `${file.path} has ${file.lines} lines, more than ${MAX_LINES}`);
  const p90 = percentile90(files.map((file) => file.lines));
  const wide =
    p90 > MAX_P90_LINES
      ? [`a tenth of the files have more than ${p90} lines; ${MAX_P90_LINES} is the limit`]
      : [];
  const { source, test } = countLines(files);
  const untested =
    test < source * MIN_TESTS_PER_SOURCE
      ? [`there are ${test} lines of tests for ${source} lines of source`]
      : [];
  return [...tooLong, ...wide, ...untested];
}

export function summariseSizes(files: readonly SizedFile[]): string {
  const { source, test } = countLines(files);
  const longest = Math.max(0, ...files.map((file) => file.lines));
  const p90 = percentile90(files.map((file) => file.lines));
  return `${files.length} files, longest ${longest}, p90 ${p90}; ${source} lines of source, ${test} of tests`;
}

export function listSizedFiles(root = REPO_ROOT): SizedFile[] {
  return sourcePaths(root).map((path) => ({
    path,
    lines: readFileSync(join(root, path), 'utf8').split('\n').length - 1,
  }));
}

/** Benches measure the product; they are neither its source nor its tests. */
function countLines(files: readonly SizedFile[]): {
  readonly source: number;
  readonly test: number;
} {
  const counted = files.filter((file) => !file.path.startsWith('bench/'));
  const test = sum(counted.filter((file) => isTest(file.path)));
  return { source: sum(counted) - test, test };
}

function isTest(path: string): boolean {
  return (
    /(\.spec|\.e2e-spec)\.ts$/.test(path) ||
    path.startsWith('test/') ||
    // The fault harness is a test that needs a program of its own.
    path.startsWith('scripts/src/faults/') ||
    path.startsWith('apps/snippet/browser/') ||
    /\/(testing|test)\//.test(path)
  );
}

function sum(files: readonly SizedFile[]): number {
  return files.reduce((total, file) => total + file.lines, 0);
}

function percentile90(lines: readonly number[]): number {
  const sorted = [...lines].sort((left, right) => left - right);
  return sorted[Math.ceil(sorted.length * 0.9) - 1] ?? 0;
}
