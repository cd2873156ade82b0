/** I1 to I4: the mixture on vectors with a known answer, and two public sets of made-up people. */
import { join } from 'node:path';
import {
  fitMixture,
  linkRows,
  makeBlocks,
  measureClusters,
  measurePairs,
  visitAllBlocks,
  type Blocks,
  type Fit,
} from '@throughline/domain/identity/linkage';
import { atLeast, exactly, within, type Check } from './check.js';
import { openCsv } from './csv.js';
import { readLabelled, type LabelledTable } from './labelled.js';

export async function checkMixture(dir: string): Promise<Check[]> {
  const { fit, truth } = await fitVectors(join(dir, 'em_vectors_4000.csv'));
  const { lambda, m, u } = fit.mixture;
  const agree = (table: readonly Float64Array[], column: number): number =>
    table[column]?.[0] ?? NaN;
  const worst = fit.posterior.reduce(
    (most, probability, row) => Math.max(most, Math.abs(probability - (truth[row] ?? NaN))),
    0,
  );
  return [
    within('I1 lambda', lambda, [0.5, 1e-3]),
    ...[0.7, 0.9, 0.95].map((wanted, at) => within(`I1 m${at + 1}`, agree(m, at), [wanted, 1e-3])),
    ...[0.1, 0.025, 0.2].map((wanted, at) => within(`I1 u${at + 1}`, agree(u, at), [wanted, 1e-3])),
    within('I1 log-likelihood', fit.logLikelihood, [-6507.158, 1e-2]),
    within('I1 worst pair probability', worst, [0, 1e-3]),
  ];
}

/** All seven parameters free, and no truth: every pair is a pattern of its own, level 0 = agrees. */
async function fitVectors(file: string): Promise<{ fit: Fit; truth: number[] }> {
  const { names, rows } = await openCsv(file);
  const columns = ['agree_1', 'agree_2', 'agree_3'].map((name) => names.indexOf(name));
  const posterior = names.indexOf('match_probability');
  const levels: number[] = [];
  const truth: number[] = [];
  for await (const row of rows) {
    for (const column of columns) levels.push(row[column] === '1' ? 0 : 1);
    truth.push(Number(row[posterior]));
  }
  const patterns = {
    columns: columns.length,
    levels: Int8Array.from(levels),
    counts: new Float64Array(truth.length).fill(1),
  };
  const start = {
    lambda: 0.3,
    m: columns.map(() => Float64Array.of(0.8, 0.2)),
    u: columns.map(() => Float64Array.of(0.2, 0.8)),
  };
  const free = { lambda: true, m: true, u: true };
  return { fit: fitMixture(patterns, { start, free, rounds: 2_000, tolerance: 1e-14 }), truth };
}

/** Fixed here, before anything is known about the set. */
const THRESHOLD = 0.95;

export async function checkFake(dir: string): Promise<Check[]> {
  const set = await readLabelled({ csv: join(dir, 'fake_1000.csv'), truth: 'cluster' }, true);
  const email = countPairs(set, [rawBlocks(set, 'email')]);
  const union = countPairs(
    set,
    ['first_name', 'surname', 'dob', 'email'].map((name) => rawBlocks(set, name)),
  );
  const { precision, f1 } = measureClusters(
    linkRows(set.table, { threshold: THRESHOLD }).clusters,
    set.truth,
  );
  return [
    exactly('I2 fake_1000 persons', new Set(set.truth).size, 251),
    exactly('I2 fake_1000 true pairs', set.pairs, 2_031),
    exactly('I2 fake_1000 pairs with one email', email.pairs, 682),
    exactly('I2 fake_1000 blocked pairs', union.pairs, 3_989),
    exactly('I2 fake_1000 blocked true pairs', union.right, 1_650),
    atLeast('I3 fake_1000 cluster F1', f1, 0.92),
    atLeast('I3 fake_1000 cluster precision', precision, 0.95),
  ];
}

const FEBRL_BLOCKS = ['soc_sec_id', 'given_name', 'surname', 'date_of_birth', 'postcode'];

export async function checkFebrl(dir: string): Promise<Check[]> {
  const csv = join(dir, 'febrl_dataset3.csv');
  const set = await readLabelled({ csv, truth: 'rec_id', truthPattern: /^rec-(\d+)-/ }, true);
  const blocks = FEBRL_BLOCKS.map((name) => rawBlocks(set, name));
  const blocked = countPairs(set, blocks);
  const { edges } = linkRows(set.table, { threshold: 0.5, blocks });
  const right = edges.filter(({ left, right }) => set.truth[left] === set.truth[right]).length;
  const { precision, recall } = measurePairs(right, edges.length, set.pairs);
  return [
    exactly('I4 febrl3 persons', new Set(set.truth).size, 2_000),
    exactly('I4 febrl3 true pairs', set.pairs, 6_538),
    exactly('I4 febrl3 blocked pairs', blocked.pairs, 87_583),
    exactly('I4 febrl3 blocked true pairs', blocked.right, 6_531),
    atLeast('I4 febrl3 pair precision', precision, 0.998),
    atLeast('I4 febrl3 pair recall', recall, 0.98),
  ];
}

/** Equal as they stand in the file; missing never equals missing. */
function rawBlocks({ raw }: LabelledTable, name: string): Blocks {
  const numbers = new Map<string, number>();
  const keys = Int32Array.from(raw.get(name) ?? [], (value) => {
    if (value === '') return -1;
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return number;
  });
  return makeBlocks({ name, forces: [], keys }, Number.POSITIVE_INFINITY);
}

function countPairs(
  { truth }: LabelledTable,
  blocks: readonly Blocks[],
): { pairs: number; right: number } {
  const counted = { pairs: 0, right: 0 };
  visitAllBlocks(blocks, (left, right) => {
    counted.pairs += 1;
    if (truth[left] === truth[right]) counted.right += 1;
  });
  return counted;
}
