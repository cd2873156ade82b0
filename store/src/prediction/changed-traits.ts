/** Only what is another value than the customer has: a run that finds the same wakes no segment and writes no history. */
import { canonicalJson, type Json, type JsonObject } from '@throughline/domain/shared';

export interface TraitHolder {
  /** { name: { v } } as stored */
  readonly traits: Readonly<Record<string, { readonly v?: Json }>>;
}

/** Null where nothing changes. What is unset and what never was are the same. */
export function changedTraits(
  { traits }: TraitHolder,
  wanted: Readonly<Record<string, Json>>,
): JsonObject | null {
  const changes = Object.entries(wanted).filter(([name, value]) => {
    const present = Object.hasOwn(traits, name) ? (traits[name]?.v ?? null) : null;
    return canonicalJson(present) !== canonicalJson(value);
  });
  return changes.length === 0 ? null : Object.fromEntries(changes);
}
