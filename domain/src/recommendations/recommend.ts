/** From what somebody has bought to what they may like. */
import { compare } from './build-model.js';
import { gainOf } from './measures.js';
import type { RankedItem, RecommendationModel, RecommendationRequest } from './types.js';

/**
 * Every item begins with the share of baskets that it is in; each item of the history adds what it makes likelier. So somebody
 * of whom nothing is known is shown what is popular, and everybody else moves away from it as far as the evidence carries.
 */
export function recommendFor(
  history: Iterable<string>,
  model: RecommendationModel,
  { n, exclude }: RecommendationRequest,
): RankedItem[] {
  const gains = new Map<string, Candidate>();
  for (const item of new Set(history)) addGains(gains, item, model);
  const best = new Best(n);
  for (const [itemId, count] of model.items) {
    if (exclude.has(itemId)) continue;
    const gained = gains.get(itemId);
    best.offer(itemId, share(count, model) + (gained?.gain ?? 0));
  }
  return best.items.map((item) => ({
    ...item,
    because: gains.get(item.itemId)?.because ?? null,
  }));
}

interface Scored {
  readonly itemId: string;
  readonly score: number;
}

/** The best few of many, in order: nearly all are turned away after one look, so that a large catalogue is not sorted. */
class Best {
  readonly items: Scored[] = [];

  constructor(private readonly most: number) {}

  offer(itemId: string, score: number): void {
    const { items, most } = this;
    const last = items.at(-1);
    if (items.length >= most && (last === undefined || !isBefore(itemId, score, last))) return;
    let at = items.length;
    for (; at > 0; at -= 1) {
      const before = items[at - 1];
      if (before === undefined || !isBefore(itemId, score, before)) break;
    }
    items.splice(at, 0, { itemId, score });
    if (items.length > most) items.pop();
  }
}

function isBefore(itemId: string, score: number, other: Scored): boolean {
  return score > other.score || (score === other.score && compare(itemId, other.itemId) < 0);
}

interface Candidate {
  readonly gain: number;
  readonly most: number;
  readonly because: string;
}

function addGains(
  gains: Map<string, Candidate>,
  item: string,
  { related, items, baskets, shrinkage }: RecommendationModel,
): void {
  const left = items.get(item) ?? 0;
  for (const { itemId, both } of related.get(item) ?? []) {
    const gain = gainOf({ both, left, right: items.get(itemId) ?? 0, baskets }, shrinkage);
    if (gain > 0) gains.set(itemId, heavier(gains.get(itemId), gain, item));
  }
}

function heavier(before: Candidate | undefined, gain: number, item: string): Candidate {
  if (before === undefined) return { gain, most: gain, because: item };
  const isMore = gain > before.most || (gain === before.most && item < before.because);
  return {
    gain: before.gain + gain,
    most: Math.max(gain, before.most),
    because: isMore ? item : before.because,
  };
}

function share(count: number, { baskets }: RecommendationModel): number {
  return baskets === 0 ? 0 : count / baskets;
}
