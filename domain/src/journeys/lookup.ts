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

/** Published definitions were parsed, so a duration that is none is our bug. */
export function lengthOf(duration: Duration): number {
  const ms = durationMs(duration);
  if (ms === undefined) throw new InvariantBroken(`not a duration: ${JSON.stringify(duration)}`);
  return ms;
}
