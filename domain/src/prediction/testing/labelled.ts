/** People of whom something is true with a probability that depends on what is known of them. */
import { sigmoid } from '../special-functions.js';
import { tableOf } from '../feature-table.js';
import type { FeatureRow, LabelledTable } from '../types.js';
import { chanceOf } from './chance.js';

export interface People extends LabelledTable {
  readonly rows: readonly FeatureRow[];
  readonly truth: Float64Array;
}

/** `days` raises it, `plan` b more than a; `noise` says nothing; one in ten has no `spend`. */
export function people(count: number, seed: number): People {
  const chance = chanceOf(seed);
  const truth = new Float64Array(count);
  const rows = Array.from({ length: count }, (_, at): FeatureRow => {
    const days = Math.floor(chance.uniform() * 100);
    const plan = ['a', 'b', 'c'][Math.floor(chance.uniform() * 3)] ?? 'a';
    const spend = chance.uniform() < 0.1 ? null : chance.gamma(2, 0.02);
    const margin = -2 + 0.04 * days + (plan === 'b' ? 1.2 : 0) + (spend === null ? 0.8 : 0);
    truth[at] = sigmoid(margin);
    return { days, plan, spend, noise: chance.uniform() };
  });
  const labels = Uint8Array.from(truth, (share) => (chance.uniform() < share ? 1 : 0));
  return { rows, truth, table: tableOf(rows), labels };
}
