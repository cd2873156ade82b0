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

/** Fact key → exact total since ever. */
export type Facts = Readonly<Record<string, number>>;

export interface TraitChange {
  readonly name: string;
  readonly value: Json;
  readonly previous: Json | undefined;
}
