import type {
  CountState,
  Facts,
  FactState,
  MutableFacts,
  MutableFactState,
} from '../profiles/types.js';
import { mergeAbsence } from './absence.js';
import { copyOf, isCount, keepsNothing, totalOf } from './count-facts.js';
import type { FactDefinition, Keep } from './types.js';

/**
 * Facts of two people who are one: each event was counted for exactly one of them, so that the answer is what counting all of them
 * for one person would have left. It shares nothing with what is given.
 */
export function mergeFacts(
  index: { fact(key: string): FactDefinition | undefined },
  a: Facts,
  b: Facts,
): MutableFacts {
  const merged: MutableFacts = {};
  for (const key of Object.keys(a)) {
    const state = a[key];
    if (state !== undefined) merged[key] = copyOf(state);
  }
  for (const key of Object.keys(b)) {
    const theirs = b[key];
    if (theirs === undefined) continue;
    const ours = Object.hasOwn(merged, key) ? merged[key] : undefined;
    merged[key] = ours === undefined ? copyOf(theirs) : mergeStates(index.fact(key), ours, theirs);
  }
  return merged;
}

function mergeStates(
  fact: FactDefinition | undefined,
  ours: FactState,
  theirs: FactState,
): MutableFactState {
  if (isAbsence(ours) || isAbsence(theirs)) return mergeAbsence(ours, theirs);
  const n = totalOf(ours) + totalOf(theirs);
  if (typeof ours === 'number' && typeof theirs === 'number') return n;
  const keep = fact?.kind === 'count' ? fact.keep : EVERYTHING;
  if (keepsNothing(keep)) return n;
  const { f, l, t } = unitedTimes(ours, theirs);
  return {
    n,
    ...(f === undefined || !keep.first ? {} : { f }),
    ...(l === undefined || !keep.last ? {} : { l }),
    ...(t.length === 0 || keep.times === 0 ? {} : { t: t.slice(0, keep.times) }),
  };
}

/** Of a fact that nobody asks for any more everything stays: it goes when it is asked for, and counted, anew. */
const EVERYTHING: Keep = { times: 1_000, first: true, last: true };

function isAbsence(state: FactState): boolean {
  return typeof state === 'object' && 'k' in state;
}

function unitedTimes(
  ours: FactState,
  theirs: FactState,
): Pick<CountState, 'f' | 'l'> & { readonly t: readonly number[] } {
  const states = [ours, theirs].filter(isCount);
  const firsts = states.flatMap(({ f }) => f ?? []);
  const lasts = states.flatMap(({ l }) => l ?? []);
  return {
    ...(firsts.length === 0 ? {} : { f: Math.min(...firsts) }),
    ...(lasts.length === 0 ? {} : { l: Math.max(...lasts) }),
    t: states.flatMap(({ t }) => t ?? []).sort((x, y) => y - x),
  };
}
