import type { Facts, Traits } from '../../profiles/types.js';
import type { Json } from '../../shared/index.js';
import { extractFacts } from '../facts.js';
import type { Condition, CustomerFacts } from '../types.js';
import { factsAfter } from './live.js';

/** 2026-01-02T12:00:00Z */
export const NOON = 1_767_355_200_000;

/** Somebody with these traits, facts and segments. */
export function person(
  traits: Record<string, Json>,
  facts: Facts = {},
  segments: readonly string[] = [],
): CustomerFacts {
  const held: Traits = Object.fromEntries(
    Object.entries(traits).map(([name, v]) => [name, { v, t: 0, p: 0, o: 0, s: null }]),
  );
  return { traits: held, facts, segments: new Set(segments) };
}

/** Somebody to whom things happened, the offsets being ms from noon. */
export function afterEvents(
  condition: Condition,
  events: readonly (readonly [string, number, Record<string, Json>?])[],
): CustomerFacts {
  const facts = factsAfter(
    extractFacts(condition),
    events.map(([name, offset, properties = {}]) => ({
      name,
      properties,
      traits: {},
      eventTime: NOON + offset,
    })),
  );
  return { traits: {}, facts, segments: new Set() };
}
