import { matchesFilters } from '../segments/index.js';
import {
  atPath,
  canonicalJson,
  InvariantBroken,
  type Json,
  type JsonObject,
} from '../shared/index.js';
import type { Happening, Match, Subscription, TriggerContext } from './types.js';

/** The branch that a happening takes: the first in the order of the definition, or null. */
export function matchWait(
  subscriptions: readonly Subscription[],
  happening: Happening,
): string | null {
  const met = subscriptions.find(({ on, sameValue }) => matchHappening(on, happening, sameValue));
  return met?.branch ?? null;
}

/** `sameValue` is what `same` must find; where the trigger held no such value, nothing can meet it. */
export function matchHappening(match: Match, happening: Happening, sameValue?: Json): boolean {
  if (match.kind === 'segment') {
    return (
      happening.kind === 'segment' &&
      happening.segment === match.segment &&
      happening.change === match.on
    );
  }
  if (match.kind === 'condition')
    throw new InvariantBroken('a journey runs without the hidden segments of its conditions');
  if (happening.kind !== 'event' || happening.name !== match.event) return false;
  if (!matchesFilters(match.where, happening.properties)) return false;
  if (match.same === undefined) return true;
  return sameValue !== undefined && isSame(sameValue, keyAt(happening.properties, match.same));
}

/** What `match.same` asks for, read from the trigger. */
export function sameValueOf(match: Match, trigger: TriggerContext): Json | undefined {
  if (match.kind !== 'event' || match.same === undefined) return undefined;
  return keyAt(trigger.properties, match.same);
}

/** The subscription of a branch, its `same` resolved. */
export function subscribe(branch: string, on: Match, trigger: TriggerContext): Subscription {
  const sameValue = sameValueOf(on, trigger);
  return sameValue === undefined ? { branch, on } : { branch, on, sameValue };
}

/** The value at a path that tells one thing from another (a cart, an order). null tells nothing, like a missing one. */
export function keyAt(properties: JsonObject, path: string): Json | undefined {
  return atPath(properties, path) ?? undefined;
}

export function isSame(left: Json, right: Json | undefined): boolean {
  return right !== undefined && canonicalJson(left) === canonicalJson(right);
}
