/** Tests that prove a promise of the product say so here; the run ends with a table of them. */
import { appendFileSync } from 'node:fs';

export interface KeptPromise {
  /** As a person would say it: "one mail per cart although the worker was killed". */
  readonly promise: string;
  readonly held: boolean;
  /** The weight of the proof: "12 kills". */
  readonly detail: string;
}

/** Outside of a whole run there is no table, and nothing is written. */
export function recordPromise(kept: KeptPromise): void {
  const file = process.env['TL_PROMISES_FILE'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(kept)}\n`);
}
