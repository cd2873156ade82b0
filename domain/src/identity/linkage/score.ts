/** The weight of a pair: bits for and against, from a trained model and how rare the values are that it agrees on. */
import type { LevelTable } from './em.js';
import { Glance } from './glance.js';
import { lightOf, type NonMatch } from './non-match.js';
import { PairLevels } from './pair-levels.js';
import type { LinkageTable } from './table.js';

const { log2, max, min } = Math;

export interface PairModel {
  /** probability that two rows are one person before anything is compared */
  readonly lambda: number;
  readonly m: LevelTable;
  readonly nonMatch: NonMatch;
}

export class PairScorer {
  readonly levels: Int8Array;
  private readonly lights: Int8Array;
  private readonly glance: Glance;
  private readonly reader: PairLevels;
  private readonly prior: number;
  /** weights[light + 1][column][level] */
  private readonly weights: readonly (readonly Float64Array[])[];
  /** per column and value: how much rarer than usual, as a share */
  private readonly rarity: readonly Float64Array[];

  constructor(
    private readonly table: LinkageTable,
    private readonly model: PairModel,
  ) {
    this.reader = new PairLevels(table);
    const columns = this.reader.columns.length;
    this.levels = new Int8Array(columns);
    this.lights = new Int8Array(columns);
    this.prior = log2(model.lambda / (1 - model.lambda));
    const { base, given } = model.nonMatch;
    this.weights = [base, ...given].map((u) =>
      (u ?? base).map((probabilities, column) => weightsOf(model.m[column], probabilities)),
    );
    this.rarity = this.reader.columns.map(({ counts }) => rarityOf(counts));
    this.glance = new Glance({
      levels: this.reader,
      prior: this.prior,
      most: mostOf(this.weights),
      mostExact: (column, row) => this.exact(column, -1, row),
    });
  }

  /** Whether a pair is worth weighing: false only where it certainly weighs less. */
  mayReach(left: number, right: number, least: number): boolean {
    return this.glance.mayReach(left, right, least);
  }

  /** log2 of the odds that the two rows are one person. */
  weigh(left: number, right: number): number {
    const { levels, lights, reader, model } = this;
    reader.read(left, right, levels);
    lightOf(model.nonMatch, levels, [], lights);
    let weight = this.prior;
    for (let column = 0; column < levels.length; column += 1) {
      const level = levels[column] ?? -1;
      if (level < 0) continue;
      const light = lights[column] ?? -1;
      weight +=
        level === 0
          ? this.exact(column, light, left)
          : (this.weights[light + 1]?.[column]?.[level] ?? 0);
    }
    return weight;
  }

  /** A rare value's agreement is worth more, unless another agreement explains it anyway. */
  private exact(column: number, light: number, row: number): number {
    const base = this.model.nonMatch.base[column]?.[0] ?? 1;
    const seen = light < 0 ? base : (this.model.nonMatch.given[light]?.[column]?.[0] ?? base);
    const explained = max(0, (seen - base) / (1 - base));
    const code = this.table.columns[column]?.codes[row] ?? -1;
    const byChance = min(1, base * (this.rarity[column]?.[code] ?? 1));
    const u = explained + (1 - explained) * byChance;
    return log2(max(this.model.m[column]?.[0] ?? 0, 1e-6) / max(u, 1e-9));
  }
}

/** The most that each level of each column weighs in any light. */
function mostOf(weights: readonly (readonly Float64Array[])[]): Float64Array[] {
  const [first = [], ...others] = weights;
  return first.map((levels, column) =>
    levels.map((weight, level) =>
      others.reduce((most, light) => max(most, light[column]?.[level] ?? weight), weight),
    ),
  );
}

export function weightOf(probability: number): number {
  return log2(probability / (1 - probability));
}

export function probabilityOf(weight: number): number {
  return 1 / (1 + 2 ** -weight);
}

/** A better level is never worth less than a worse one: where the data says so, there was too little of it. */
function weightsOf(m: Float64Array | undefined, u: Float64Array): Float64Array {
  const weights = u.map((probability, level) =>
    log2(max(m?.[level] ?? 0, 1e-6) / max(probability, 1e-9)),
  );
  for (let level = weights.length - 2; level >= 0; level -= 1) {
    weights[level] = max(weights[level] ?? 0, weights[level + 1] ?? 0);
  }
  return weights;
}

/** 1 for a value as common as an agreeing pair's usually is. */
function rarityOf(counts: Int32Array): Float64Array {
  let sum = 0;
  let squares = 0;
  for (const count of counts) {
    sum += count;
    squares += count * count;
  }
  const usual = squares / max(sum, 1);
  return Float64Array.from(counts, (count) => count / usual);
}
