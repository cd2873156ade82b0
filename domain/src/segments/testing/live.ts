import { applyTraits } from '../../profiles/index.js';
import type { MutableFacts, Traits } from '../../profiles/types.js';
import { changedSegments } from '../changed-segments.js';
import { compileSegments, type SegmentIndex } from '../compile-segments.js';
import { countInto } from '../count-facts.js';
import type { Condition, FactDefinition } from '../types.js';
import type { SomeEvent } from './generators.js';

/** One person kept up as the lane does it: event by event, only what changed looked at, due transitions first. */
export class LivePerson {
  traits: Traits = {};
  readonly facts: MutableFacts = {};
  readonly segments = new Set<string>();
  dueAt: number | null = null;
  private position = 0;

  constructor(private readonly index: SegmentIndex) {}

  take(event: SomeEvent, now: number): void {
    this.settle(now);
    const ref = { position: this.position, ordinal: 0, clock: now };
    const { traits, changes } = applyTraits(this.traits, { ...event, ref, sourceKey: null });
    this.traits = traits;
    const changedFacts = countInto(this.facts, this.index.factsByEvent(event.name), event);
    const isFirst = this.position === 0;
    this.position += 1;
    const changedTraits = changes.map(({ name }) => name);
    this.measure(now, isFirst ? {} : { changedTraits, changedFacts });
  }

  /** Whatever is due by then, one instant after the other. */
  settle(upTo: number): void {
    while (this.dueAt !== null && this.dueAt <= upTo) {
      const now = this.dueAt;
      this.dueAt = null;
      this.measure(now, { timed: true });
    }
  }

  private measure(
    now: number,
    changed: {
      readonly changedTraits?: readonly string[];
      readonly changedFacts?: readonly string[];
      readonly timed?: true;
    },
  ): void {
    const view = { traits: this.traits, facts: this.facts, segments: this.segments };
    const { changes, due } = changedSegments(this.index, { view, now, ...changed });
    for (const { segment, change } of changes) {
      if (change === 'entered') this.segments.add(segment);
      else this.segments.delete(segment);
    }
    if (due !== null && (this.dueAt === null || due < this.dueAt)) this.dueAt = due;
  }
}

export function indexOf(condition: Condition): SegmentIndex {
  return compileSegments([{ key: 'it', name: 'It', condition }]);
}

/** What is known of a person after events, in the order in which they came. */
export function personAfter(condition: Condition, events: readonly SomeEvent[]) {
  return {
    traits: traitsAfter(events),
    facts: factsAfter(indexOf(condition).facts, events),
    segments: new Set<string>(),
  };
}

export function factsAfter(
  counting: readonly FactDefinition[],
  events: readonly SomeEvent[],
): MutableFacts {
  const facts: MutableFacts = {};
  for (const event of events) countInto(facts, counting, event);
  return facts;
}

function traitsAfter(events: readonly SomeEvent[]): Traits {
  return events.reduce<Traits>((traits, event, position) => {
    const ref = { position, ordinal: 0, clock: 0 };
    return applyTraits(traits, { ...event, ref, sourceKey: null }).traits;
  }, {});
}
