/** A test run that this command is part of keeps a table of promises; elsewhere nothing is written. */
import { appendFileSync } from 'node:fs';
import { isLate, recoverySpread, type Outcome } from './report.js';

export interface KeptPromise {
  readonly promise: string;
  readonly held: boolean;
  readonly detail: string;
}

export function promisesOf({ killer, recoveries, verdict }: Outcome): KeptPromise[] {
  const kills = `${killer.kills.length} kills`;
  const { p50, max } = recoverySpread(recoveries);
  return [
    ...verdict.checks.map(({ name, weight, faults }) => ({
      promise: name,
      held: faults.length === 0,
      detail: `${weight}, ${kills}`,
    })),
    {
      promise: 'lane and relay go on within 5 s once their process is back',
      held: !recoveries.some(isLate),
      detail: `${recoveries.length} restarts, p50 ${p50} ms, max ${max} ms`,
    },
  ];
}

export function recordPromises(file: string | undefined, promises: readonly KeptPromise[]): void {
  if (file === undefined) return;
  appendFileSync(file, promises.map((promise) => `${JSON.stringify(promise)}\n`).join(''));
}
