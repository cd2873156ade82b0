/** Chance with a seed: the same seed deals the same cards, so that a run that failed can be played again. */
import { seededChance } from '@throughline/domain/shared';

export interface Dice {
  /** 0 ≤ x < 1 */
  next(): number;
  whole(least: number, most: number): number;
  chance(probability: number): boolean;
  shuffle<T>(items: readonly T[]): T[];
}

export function seededDice(seed: number): Dice {
  const next = seededChance(seed);
  return {
    next,
    whole: (least, most) => least + Math.floor(next() * (most - least + 1)),
    chance: (probability) => next() < probability,
    shuffle: (items) =>
      items
        .map((item) => ({ item, rank: next() }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ item }) => item),
  };
}
