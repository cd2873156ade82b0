import { durationMs, InvariantBroken, type Duration } from '../shared/index.js';
import type { JourneyDefinition, Step } from './types.js';

/** Reads of definitions and states that see own keys only: `constructor` is a lawful step id, and never the runtime's. */
export function findStep(definition: JourneyDefinition, id: string): Step | undefined {
  return Object.hasOwn(definition.steps, id) ? definition.steps[id] : undefined;
}

export function stepAt(definition: JourneyDefinition, id: string): Step {
  const step = findStep(definition, id);
  if (step === undefined)
    throw new InvariantBroken(`a run stands at step ${id}, which is none of ${definition.key}`);
  return step;
}

export function countOf(counts: Readonly<Record<string, number>>, key: string): number {
  return Object.hasOwn(counts, key) ? (counts[key] ?? 0) : 0;
}

/** Of durations in text, which are asked for at every step; a workspace writes a handful of them. */
const lengths = new Map<string, number>();
const MOST_LENGTHS = 1_000;

/** Published definitions were parsed, so a duration that is none is our bug. */
export function lengthOf(duration: Duration): number {
  if (typeof duration !== 'string') return parsedLength(duration);
  const known = lengths.get(duration);
  if (known !== undefined) return known;
  const ms = parsedLength(duration);
  if (lengths.size < MOST_LENGTHS) lengths.set(duration, ms);
  return ms;
}

function parsedLength(duration: Duration): number {
  const ms = durationMs(duration);
  if (ms === undefined) throw new InvariantBroken(`not a duration: ${JSON.stringify(duration)}`);
  return ms;
}
