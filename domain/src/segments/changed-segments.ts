import type { SegmentIndex } from './compile-segments.js';
import { isMember, outlook, type Outlook } from './evaluate.js';
import type { CustomerFacts } from './types.js';

/**
 * What may have changed memberships at an instant. Nothing named at all means everything: a new customer, or one after a merge.
 */
export interface ChangedInputs {
  readonly view: CustomerFacts;
  /** ms since epoch, on the lane's clock */
  readonly now: number;
  readonly changedFacts?: readonly string[];
  readonly changedTraits?: readonly string[];
  /** segments that are to be measured themselves, because their definition is new */
  readonly changedSegments?: readonly string[];
  /** time alone: measures what depends on it, and nothing else that is named */
  readonly timed?: true;
}

export interface SegmentChange {
  readonly segment: string;
  readonly change: 'entered' | 'left';
}

export interface ChangedSegments {
  readonly changes: readonly SegmentChange[];
  /** when one of the segments that were measured can next change by itself: may be early, never late; null: none can */
  readonly due: number | null;
}

/**
 * Who enters and leaves what, dependencies first: measures the segments that read a changed fact or trait, and those that ask
 * for a segment that changed by it, so the cost follows what changed and not how many segments there are.
 */
export function changedSegments(index: SegmentIndex, inputs: ChangedInputs): ChangedSegments {
  const queue = toMeasure(index, inputs);
  if (queue.length === 0) return NOTHING;
  const { now } = inputs;
  let view = inputs.view;
  let segments: Set<string> | null = null;
  let due = Infinity;
  const changes: SegmentChange[] = [];
  for (let at = 0; at < queue.length; at++) {
    const key = queue[at] ?? '';
    const found = measure(index, key, { view, now });
    if (found === null) continue;
    due = Math.min(due, found.nextChangeAt ?? Infinity);
    if (found.member === view.segments.has(key)) continue;
    // Most events change no membership: what is given is copied by the first that does.
    if (segments === null) {
      segments = new Set(view.segments);
      view = { traits: view.traits, facts: view.facts, segments };
    }
    if (found.member) segments.add(key);
    else segments.delete(key);
    changes.push({ segment: key, change: found.member ? 'entered' : 'left' });
    for (const reader of index.segmentsReadingSegment(key)) enqueue(index, { queue, at, reader });
  }
  return { changes, due: due === Infinity ? null : due };
}

const NOTHING: ChangedSegments = { changes: [], due: null };
const IN: Outlook = { member: true, nextChangeAt: null };
const OUT: Outlook = { member: false, nextChangeAt: null };

function measure(
  index: SegmentIndex,
  key: string,
  { view, now }: Pick<ChangedInputs, 'view' | 'now'>,
): Outlook | null {
  const definition = index.segment(key);
  if (definition === undefined) return null;
  if (index.isTimed(key)) return outlook(definition.condition, view, now);
  return isMember(definition.condition, view, now) ? IN : OUT;
}

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
  if (inputs.timed === true) return [...index.timed];
  if (changedFacts === undefined && changedTraits === undefined && changed === undefined) {
    return index.order.map((definition) => definition.key);
  }
  const open = new Set(changed);
  for (const fact of changedFacts ?? NONE) {
    for (const key of index.segmentsReadingFact(fact)) open.add(key);
  }
  for (const name of changedTraits ?? NONE) {
    for (const key of index.segmentsReadingTrait(name)) open.add(key);
  }
  return open.size === 0 ? [] : [...open].sort((a, b) => index.rank(a) - index.rank(b));
}

const NONE: readonly string[] = [];
