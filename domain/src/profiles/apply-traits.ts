import {
  atPath,
  canonicalJson,
  type Json,
  type JsonObject,
  type StampedRef,
} from '../shared/index.js';
import type { TraitChange, Traits, TraitValue } from './types.js';

/** What one customer may hold: beyond it, new traits are refused and known ones still change. */
export const TRAIT_LIMITS = { traits: 1_000, nameLength: 255, valueLength: 32 * 1024 } as const;

interface TraitEvent {
  readonly traits: JsonObject;
  readonly eventTime: number;
  readonly ref: StampedRef;
  readonly sourceKey: string | null;
}

export interface RefusedTrait {
  readonly name: string;
  readonly reason: 'too_many_traits' | 'value_too_large' | 'forbidden_name';
}

export interface AppliedTraits {
  /** the same object where the event changed nothing */
  readonly traits: Traits;
  /** values that are others than before: what history keeps and segments look at */
  readonly changes: readonly TraitChange[];
  readonly refused: readonly RefusedTrait[];
}

/**
 * Traits after an event: for each the last event time wins, and of equal times the later input, so that late events change only
 * what nothing newer has said. `null` unsets and stays as a mark, or an older value that arrives late would come back to life.
 * Objects are replaced whole: merging them would mix two addresses into a third.
 */
export function applyTraits(traits: Traits, event: TraitEvent): AppliedTraits {
  const changes: TraitChange[] = [];
  const refused: RefusedTrait[] = [];
  const written: [string, TraitValue][] = [];
  let size = -1;
  for (const name of Object.keys(event.traits)) {
    const value = event.traits[name] ?? null;
    const known = Object.hasOwn(traits, name) ? traits[name] : undefined;
    const next = stamped(value, event);
    if (known !== undefined && isLater(known, next)) continue;
    if (known === undefined && size < 0) size = Object.keys(traits).length;
    const reason = refusal(name, value, known === undefined ? size + 1 : 0);
    if (reason !== null) {
      refused.push({ name, reason });
      continue;
    }
    if (known === undefined) size += 1;
    written.push([name, next]);
    if (known === undefined ? value !== null : !sameJson(known.v, value)) {
      changes.push({ name, value, previous: known?.v });
    }
  }
  if (written.length === 0) return { traits, changes, refused };
  return { traits: { ...traits, ...Object.fromEntries(written) }, changes, refused };
}

function stamped(value: Json, event: TraitEvent): TraitValue {
  const { position, ordinal } = event.ref;
  return { v: value, t: event.eventTime, p: position, o: ordinal, s: event.sourceKey };
}

function refusal(name: string, value: Json, size: number): RefusedTrait['reason'] | null {
  // Assigning to these would change the prototype of the record and not the record.
  if (name === '__proto__' || name === 'constructor' || name === 'prototype')
    return 'forbidden_name';
  if (name.length > TRAIT_LIMITS.nameLength) return 'forbidden_name';
  if (size > TRAIT_LIMITS.traits) return 'too_many_traits';
  return isTooLarge(value) ? 'value_too_large' : null;
}

function isTooLarge(value: Json): boolean {
  if (typeof value === 'string') return value.length > TRAIT_LIMITS.valueLength;
  if (typeof value !== 'object' || value === null) return false;
  return JSON.stringify(value).length > TRAIT_LIMITS.valueLength;
}

/** True when a was said after b. */
function isLater(a: TraitValue, b: TraitValue): boolean {
  return (a.t - b.t || a.p - b.p || a.o - b.o) > 0;
}

function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return canonicalJson(a) === canonicalJson(b);
}

/** Traits of two people who are one: each trait by its own last word, as if all events had come to one of them. */
export function mergeTraits(a: Traits, b: Traits): Traits {
  const merged: Record<string, TraitValue> = { ...a };
  for (const name of Object.keys(b)) {
    const theirs = b[name];
    const ours = Object.hasOwn(merged, name) ? merged[name] : undefined;
    if (theirs !== undefined && (ours === undefined || isLater(theirs, ours)))
      merged[name] = theirs;
  }
  return merged;
}

/**
 * The value of a trait, or undefined where it is missing or unset. A dotted name reads into an object trait
 * (`address.city`), unless a trait has that very name.
 */
export function traitValue(traits: Traits, name: string): Json | undefined {
  if (Object.hasOwn(traits, name)) return traits[name]?.v ?? undefined;
  const dot = name.indexOf('.');
  if (dot === -1) return undefined;
  const root = name.slice(0, dot);
  if (!Object.hasOwn(traits, root)) return undefined;
  return atPath(traits[root]?.v, name.slice(dot + 1)) ?? undefined;
}

/** The traits a name may be read from; what has to be watched. */
export function traitSources(name: string): readonly string[] {
  const dot = name.indexOf('.');
  return dot === -1 ? [name] : [name, name.slice(0, dot)];
}
