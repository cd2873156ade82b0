import type { Json } from '../shared/index.js';

/** A trait with its provenance. Short names: this is written once per batch for every touched customer. */
export interface TraitValue {
  /** value; null says that the sender unset it */
  readonly v: Json;
  /** event time, ms since epoch: the later one wins */
  readonly t: number;
  /** position and ordinal of the input: decides between equal times */
  readonly p: number;
  readonly o: number;
  /** source key */
  readonly s: string | null;
}

export type Traits = Readonly<Record<string, TraitValue>>;

/** Fact key → what was counted of one customer. */
export type Facts = Readonly<Record<string, FactState>>;
export type FactState = Frozen<MutableFactState>;

/** The same where it is kept up: states change in place, because they are touched at every event. */
export type MutableFacts = Record<string, MutableFactState>;
/** A plain number is the exact total since ever: what most facts need. Short names: this stands in every state row. */
export type MutableFactState = number | CountState | AbsenceState;

/** A total with the event times that conditions ask for; only what somebody asks for is kept. */
export interface CountState {
  n: number;
  /** the first and the last event time */
  f?: number;
  l?: number;
  /** the newest event times, newest first */
  t?: number[];
}

/** What was opened and not answered, by the value that both events share; the value is `''` where they share none. */
export interface AbsenceState {
  k: Record<string, AbsenceKeyState>;
}

export interface AbsenceKeyState {
  /** the latest time of the awaited event */
  b: number | null;
  /** the times of first events later than that, oldest first, each once */
  a: number[];
}

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

export interface TraitChange {
  readonly name: string;
  readonly value: Json;
  readonly previous: Json | undefined;
}
