/** The eleven names that marketing gives to the 125 scores of recency, frequency and monetary value. */
import type { RfmScore } from '../analytics/index.js';

export const RFM_GROUPS = [
  'Champions',
  'Loyal',
  'Potential loyalists',
  'New',
  'Promising',
  'Needs attention',
  'About to sleep',
  'At risk',
  "Can't lose",
  'Hibernating',
  'Lost',
] as const;
export type RfmGroup = (typeof RFM_GROUPS)[number];

type Letter = 'C' | 'L' | 'P' | 'N' | 'M' | 'A' | 'S' | 'R' | 'X' | 'H' | 'O';

const LETTERS: Readonly<Record<Letter, RfmGroup>> = {
  C: 'Champions',
  L: 'Loyal',
  P: 'Potential loyalists',
  N: 'New',
  M: 'Promising',
  A: 'Needs attention',
  S: 'About to sleep',
  R: 'At risk',
  X: "Can't lose",
  H: 'Hibernating',
  O: 'Lost',
};

/** Down: recency, 5 first. Across: the mean of frequency and monetary value, rounded half up, 1 first. */
const MAP: readonly (readonly Letter[])[] = [
  ['N', 'P', 'P', 'C', 'C'],
  ['M', 'P', 'L', 'L', 'C'],
  ['S', 'A', 'A', 'L', 'L'],
  ['O', 'H', 'R', 'R', 'X'],
  ['O', 'O', 'H', 'X', 'X'],
];

/** Total: whatever lies outside 1 to 5 counts as the nearest. */
export function rfmGroup({
  recency,
  frequency,
  monetary,
}: Pick<RfmScore, 'recency' | 'frequency' | 'monetary'>): RfmGroup {
  const worth = Math.floor((fifth(frequency) + fifth(monetary) + 1) / 2);
  const letter = MAP[5 - fifth(recency)]?.[worth - 1] ?? 'O';
  return LETTERS[letter];
}

function fifth(score: number): number {
  return Math.min(5, Math.max(1, Math.round(score)));
}
