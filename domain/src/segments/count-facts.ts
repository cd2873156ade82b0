import type {
  AbsenceState,
  CountState,
  Facts,
  FactState,
  MutableFacts,
  MutableFactState,
} from '../profiles/types.js';
import type { JsonObject } from '../shared/index.js';
import { noteAbsence } from './absence.js';
import { matchesFilters } from './match-filters.js';
import type { CountFact, FactDefinition, Keep, TimeRange } from './types.js';

export interface CountedEvent {
  readonly name: string;
  readonly properties: JsonObject;
  /** ms since epoch */
  readonly eventTime: number;
}

const UNCHANGED: readonly string[] = [];

/**
 * Counts one event, in place, and names the facts that changed. Call it once for each event of a customer, in any order of event
 * times, never for a repeated one. This runs for every event that comes: where nothing changes it allocates nothing.
 */
export function countInto(
  facts: MutableFacts,
  counting: readonly FactDefinition[],
  event: CountedEvent,
): readonly string[] {
  let changed: string[] | null = null;
  for (const fact of counting) {
    const next = counted(fact, facts[fact.key], event);
    if (next === null) continue;
    facts[fact.key] = next;
    if (changed === null) changed = [fact.key];
    else changed.push(fact.key);
  }
  return changed ?? UNCHANGED;
}

export interface UpdatedFacts {
  /** the same object where the event counts for nothing */
  readonly facts: Facts;
  readonly changedKeys: readonly string[];
}

/** The same without touching what is given. */
export function updateFacts(
  index: { factsByEvent(name: string): readonly FactDefinition[] },
  facts: Facts,
  event: CountedEvent,
): UpdatedFacts {
  const counting = index.factsByEvent(event.name);
  const next: MutableFacts = {};
  for (const { key } of counting) {
    const state = facts[key];
    if (state !== undefined) next[key] = copyOf(state);
  }
  const changedKeys = countInto(next, counting, event);
  return { facts: changedKeys.length === 0 ? facts : { ...facts, ...next }, changedKeys };
}

/** A state that shares nothing with this one. */
export function copyOf(state: FactState): MutableFactState {
  if (typeof state === 'number') return state;
  if (isCount(state)) {
    const { t, ...rest } = state;
    return t === undefined ? rest : { ...rest, t: [...t] };
  }
  const copy: AbsenceState = { k: {} };
  for (const [key, { b, a }] of Object.entries(state.k)) copy.k[key] = { b, a: [...a] };
  return copy;
}

function counted(
  fact: FactDefinition,
  state: MutableFactState | undefined,
  event: CountedEvent,
): MutableFactState | null {
  if (fact.kind === 'absence')
    return noteAbsence(fact, typeof state === 'object' && 'k' in state ? state : undefined, event);
  if (fact.event !== event.name) return null;
  if (fact.range !== null && !isInside(fact.range, event.eventTime)) return null;
  return matchesFilters(fact.where, event.properties)
    ? addTime(fact, state, event.eventTime)
    : null;
}

function isInside({ from, to }: TimeRange, time: number): boolean {
  return (from === null || time >= from) && (to === null || time < to);
}

function addTime(
  { keep }: CountFact,
  state: MutableFactState | undefined,
  time: number,
): MutableFactState {
  if (keepsNothing(keep)) return totalOf(state) + 1;
  const next: CountState = isCount(state) ? state : { n: totalOf(state) };
  next.n += 1;
  if (keep.first) next.f = Math.min(next.f ?? time, time);
  else if (next.f !== undefined) Reflect.deleteProperty(next, 'f');
  if (keep.last) next.l = Math.max(next.l ?? time, time);
  else if (next.l !== undefined) Reflect.deleteProperty(next, 'l');
  if (keep.times > 0) insertNewest((next.t ??= []), time, keep.times);
  else if (next.t !== undefined) Reflect.deleteProperty(next, 't');
  return next;
}

/** Nobody asks for more than the total: a plain number is kept. */
export function keepsNothing({ times, first, last }: Keep): boolean {
  return times === 0 && !first && !last;
}

export function isCount<S extends FactState>(
  state: S | undefined,
): state is Extract<S, { readonly n: number }> {
  return typeof state === 'object' && 'n' in state;
}

/** The exact total since ever. */
export function totalOf(state: FactState | undefined): number {
  if (typeof state === 'number') return state;
  return isCount(state) ? state.n : 0;
}

/** Keeps the newest times, newest first; most events are newer than all before them. */
function insertNewest(times: number[], time: number, limit: number): void {
  let at = 0;
  while (at < times.length && (times[at] ?? time) > time) at += 1;
  if (at < limit) times.splice(at, 0, time);
  if (times.length > limit) times.length = limit;
}
