import type { AbsenceKeyState, AbsenceState, FactState } from '../profiles/types.js';
import { atPath, canonicalJson, hash128, type JsonObject } from '../shared/index.js';
import { matchesFilters } from './match-filters.js';
import type { AbsenceFact } from './types.js';

/**
 * What was opened and not answered yet. Kept per value that both events share: the latest awaited time, and the opening times
 * later than that, whatever the order in which they come.
 *
 * What one customer may hold of one fact is limited. Beyond it goes first what was answered and only guards against openings
 * that come late, then the opening that is longest ago: a person with more open things than that is in by the newer ones.
 */
export const ABSENCE_LIMITS = { keys: 100, times: 1_000 } as const;

const LONG_VALUE = 64;

interface TimedEvent {
  readonly name: string;
  readonly properties: JsonObject;
  readonly eventTime: number;
}

/** The state after an event, changed in place; null where the event says nothing. */
export function noteAbsence(
  fact: AbsenceFact,
  state: AbsenceState | undefined,
  event: TimedEvent,
): AbsenceState | null {
  const opens = event.name === fact.event && matchesFilters(fact.where, event.properties);
  const answers =
    event.name === fact.awaited && matchesFilters(fact.awaitedWhere, event.properties);
  if (!opens && !answers) return null;
  const key = sharedValue(fact.same, event.properties);
  if (key === null) return null;
  const next = state ?? { k: {} };
  // An event that is both answers itself: the answer comes first.
  const answered = answers && answer(next, key, event.eventTime);
  const opened = opens && open(next, key, event.eventTime);
  if (!answered && !opened) return null;
  limit(next);
  return next;
}

/** The value both events must share, as a key; null where this one has none. */
function sharedValue(same: string | null, properties: JsonObject): string | null {
  if (same === null) return '';
  const value = atPath(properties, same);
  if (value === undefined || value === null) return null;
  // Text stands in quotation marks, so that no value is ever taken for `__proto__`, for another one, or for a hash.
  const text = canonicalJson(value);
  return text.length <= LONG_VALUE ? text : `#${hash128(text)}`;
}

function answer({ k }: AbsenceState, key: string, time: number): boolean {
  const known = k[key];
  if (known === undefined) {
    k[key] = { b: time, a: [] };
    return true;
  }
  if (known.b !== null && known.b >= time) return false;
  known.b = time;
  const { a } = known;
  let gone = 0;
  while (gone < a.length && (a[gone] ?? time) <= time) gone += 1;
  if (gone > 0) a.splice(0, gone);
  return true;
}

function open({ k }: AbsenceState, key: string, time: number): boolean {
  const known = k[key];
  if (known === undefined) {
    k[key] = { b: null, a: [time] };
    return true;
  }
  if (known.b !== null && known.b >= time) return false;
  const { a } = known;
  let at = a.length;
  while (at > 0 && (a[at - 1] ?? time) > time) at -= 1;
  if (at > 0 && a[at - 1] === time) return false;
  a.splice(at, 0, time);
  return true;
}

/** Both people's as one person's: what either has answered is answered. */
export function mergeAbsence(
  one: FactState | undefined,
  other: FactState | undefined,
): AbsenceState {
  const merged: AbsenceState = { k: {} };
  for (const state of [one, other]) {
    if (typeof state !== 'object' || !('k' in state)) continue;
    for (const [key, { b, a }] of Object.entries(state.k)) {
      if (b !== null) answer(merged, key, b);
      for (const time of a) open(merged, key, time);
    }
  }
  limit(merged);
  return merged;
}

function limit(state: AbsenceState): void {
  const { k } = state;
  let keys = 0;
  let times = 0;
  for (const key in k) {
    keys += 1;
    times += k[key]?.a.length ?? 0;
  }
  for (; times > ABSENCE_LIMITS.times; times -= 1) keys -= dropOldestTime(state);
  for (; keys > ABSENCE_LIMITS.keys; keys -= 1) dropOldestKey(state);
}

/** Answers how many keys went with it. Of equal times the smaller key goes: the order of keys is not kept in the state row. */
function dropOldestTime({ k }: AbsenceState): number {
  const oldest = leastOf(k, ({ a }) => a[0] ?? Infinity);
  const state = k[oldest];
  state?.a.shift();
  if (state === undefined || state.a.length > 0 || state.b !== null) return 0;
  Reflect.deleteProperty(k, oldest);
  return 1;
}

function dropOldestKey({ k }: AbsenceState): void {
  const answered = leastOf(k, ({ a, b }) => (a.length === 0 ? (b ?? -Infinity) : Infinity));
  const isAnswered = k[answered]?.a.length === 0;
  const oldest = isAnswered ? answered : leastOf(k, ({ a }) => a.at(-1) ?? Infinity);
  Reflect.deleteProperty(k, oldest);
}

function leastOf(k: AbsenceState['k'], timeOf: (state: AbsenceKeyState) => number): string {
  let found = '';
  let least = Infinity;
  for (const key in k) {
    const state = k[key];
    const time = state === undefined ? Infinity : timeOf(state);
    if (time > least || (time === least && key >= found)) continue;
    least = time;
    found = key;
  }
  return found;
}

export interface AbsenceSpan {
  readonly windowMs: number;
  readonly lifeMs: number;
}

/** Whether one opening is old enough and not too old. */
export function isAbsent(
  state: FactState | undefined,
  { windowMs, lifeMs }: AbsenceSpan,
  now: number,
): boolean {
  if (typeof state !== 'object' || !('k' in state)) return false;
  const latest = now - windowMs;
  for (const key in state.k) {
    const time = newestUpTo(state.k[key]?.a ?? NONE, latest);
    if (time !== null && time + lifeMs > latest) return true;
  }
  return false;
}

/** When that can next change by itself: the end of what holds now, or the beginning of what comes; Infinity if never. */
export function absenceChanges(
  state: FactState | undefined,
  { windowMs, lifeMs }: AbsenceSpan,
  now: number,
): number {
  if (typeof state !== 'object' || !('k' in state) || lifeMs <= 0) return Infinity;
  const latest = now - windowMs;
  let ends = -Infinity;
  let begins = Infinity;
  for (const key in state.k) {
    const times = state.k[key]?.a ?? NONE;
    const count = countUpTo(times, latest);
    const held = count === 0 ? -Infinity : (times[count - 1] ?? -Infinity) + lifeMs;
    if (held > latest) ends = Math.max(ends, held);
    begins = Math.min(begins, times[count] ?? Infinity);
  }
  return (ends > latest ? ends : begins) + windowMs;
}

const NONE: readonly number[] = [];

function newestUpTo(times: readonly number[], latest: number): number | null {
  const count = countUpTo(times, latest);
  return count === 0 ? null : (times[count - 1] ?? null);
}

/** How many of ascending times are not later. */
function countUpTo(times: readonly number[], latest: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Infinity) <= latest) low = middle + 1;
    else high = middle;
  }
  return low;
}
