/**
 * A quiet Jest reporter: one line for each file, the whole story of what failed, then the table of
 * promises kept and, alone on the last line, how many passed and failed.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import process from 'node:process';

export default class Reporter {
  constructor(globalConfig) {
    this.rootDir = globalConfig.rootDir;
    this.broken = [];
  }

  onTestResult(_test, result) {
    const seconds = ((result.perfStats.end - result.perfStats.start) / 1000).toFixed(1);
    const failed = result.numFailingTests > 0 || result.testExecError !== undefined;
    const name = relative(this.rootDir, result.testFilePath);
    const count = `${result.numPassingTests} passed${failed ? `, ${result.numFailingTests} failed` : ''}`;
    write(`${failed ? '✗' : '✓'} ${name} (${count}, ${seconds} s)`);
    if (failed) write(result.failureMessage ?? String(result.testExecError?.message));
  }

  onRunComplete(_contexts, results) {
    const promises = readPromises(process.env.TL_PROMISES_FILE);
    this.broken = promises.filter((promise) => !promise.held);
    if (promises.length > 0) write(`\n${renderPromises(promises)}`);
    const { passed, failed } = countTests(results);
    write(
      `\n${results.numTotalTestSuites} files, ${((Date.now() - results.startTime) / 1000).toFixed(0)} s`,
    );
    if (results.numPendingTests > 0)
      write(`${results.numPendingTests} were skipped, which is a failure here`);
    write(`${passed} passed, ${failed} failed`);
    this.skipped = results.numPendingTests;
  }

  /** What Jest itself does not count as a failure but we do. */
  getLastError() {
    if (this.broken.length > 0) return new Error(`${this.broken.length} promise(s) not kept`);
    if (this.skipped > 0) return new Error(`${this.skipped} test(s) skipped`);
    return undefined;
  }
}

/** A file that could not be loaded holds tests that nobody counted: it counts as one failure. */
export function countTests(results) {
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites + results.numPendingTests,
  };
}

/** One row for each promise: kept only when every test that speaks of it says so. */
export function mergePromises(lines) {
  const rows = new Map();
  for (const { promise, held, detail } of lines) {
    const row = rows.get(promise) ?? { promise, held: true, details: new Set() };
    row.held &&= held;
    row.details.add(detail);
    rows.set(promise, row);
  }
  return [...rows.values()];
}

export function renderPromises(promises) {
  const width = Math.max(...promises.map((row) => row.promise.length));
  const rows = promises.map(
    (row) =>
      `${row.promise.padEnd(width)}  ${row.held ? 'held' : 'NOT HELD'}, ${[...row.details].join('; ')}`,
  );
  return ['Promises', '─'.repeat(width + 6), ...rows].join('\n');
}

function readPromises(file) {
  if (file === undefined) return [];
  try {
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return mergePromises(lines.map((line) => JSON.parse(line)));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

function write(text) {
  process.stdout.write(`${text}\n`);
}
