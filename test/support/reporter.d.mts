/** Types of the reporter's pure parts, for their tests. */
import type { KeptPromise } from './promises.js';

export interface PromiseRow {
  readonly promise: string;
  readonly held: boolean;
  readonly details: ReadonlySet<string>;
}

export interface TestCounts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly numPendingTests: number;
}

export function countTests(results: TestCounts): { passed: number; failed: number };
export function mergePromises(lines: readonly KeptPromise[]): PromiseRow[];
export function renderPromises(promises: readonly PromiseRow[]): string;
