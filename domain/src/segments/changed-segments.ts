import type { SegmentIndex } from './compile-segments.js';
import { isMember } from './evaluate.js';
import type { CustomerFacts } from './types.js';

/** What may have changed memberships. Nothing named at all means everything: a new customer, or one after a merge. */
export interface ChangedInputs {
  readonly view: CustomerFacts;
  readonly changedFacts?: readonly string[];
  readonly changedTraits?: readonly string[];
  /** segments that are to be measured themselves, because their definition is new */
  readonly changedSegments?: readonly string[];
}

export interface SegmentChange {
  readonly segment: string;
  readonly change: 'entered' | 'left';
}

/**
 * Who enters and leaves what, dependencies first: measures the segments that read a changed fact or trait, and those that ask
 * for a segment that changed by it, so the cost follows what changed and not how many segments there are.
 */
export function changedSegments(
  index: SegmentIndex,
  inputs: ChangedInputs,
): readonly SegmentChange[] {
  const queue = toMeasure(index, inputs);
  if (queue.length === 0) return NONE;
  const segments = new Set(inputs.view.segments);
  const now = { traits: inputs.view.traits, facts: inputs.view.facts, segments };
  const changes: SegmentChange[] = [];
  for (let at = 0; at < queue.length; at++) {
    const key = queue[at] ?? '';
    const definition = index.segment(key);
    if (definition === undefined) continue;
    const member = isMember(definition.condition, now);
    if (member === segments.has(key)) continue;
    if (member) segments.add(key);
    else segments.delete(key);
    changes.push({ segment: key, change: member ? 'entered' : 'left' });
    for (const reader of index.segmentsReadingSegment(key)) enqueue(index, { queue, at, reader });
  }
  return changes;
}

const NONE: readonly SegmentChange[] = [];

/** Readers rank above what they read, so their place is always ahead and each is measured once, after all it asks for. */
function enqueue(
  index: SegmentIndex,
  { queue, at, reader }: { readonly queue: string[]; readonly at: number; readonly reader: string },
): void {
  const rank = index.rank(reader);
  let place = at + 1;
  while (place < queue.length && index.rank(queue[place] ?? '') < rank) place += 1;
  if (queue[place] !== reader) queue.splice(place, 0, reader);
}

function toMeasure(index: SegmentIndex, inputs: ChangedInputs): string[] {
  const { changedFacts, changedTraits, changedSegments: changed } = inputs;
  if (changedFacts === undefined && changedTraits === undefined && changed === undefined) {
    return index.order.map((definition) => definition.key);
  }
  const open = new Set(changed);
  for (const fact of changedFacts ?? []) {
    for (const key of index.segmentsReadingFact(fact)) open.add(key);
  }
  for (const name of changedTraits ?? []) {
    for (const key of index.segmentsReadingTrait(name)) open.add(key);
  }
  return [...open].sort((a, b) => index.rank(a) - index.rank(b));
}
