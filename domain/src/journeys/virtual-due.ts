import { changedSegments } from '../segments/index.js';
import type { SegmentChange, SegmentIndex } from '../segments/index.js';
import { Agenda } from './agenda.js';
import { DEFAULT_ZONE } from './clock.js';
import { dateTriggerDue } from './date-trigger.js';
import type { JourneyDefinition } from './types.js';
import type { VirtualPerson } from './virtual-person.js';

/** What an input may have changed of a person; nothing named: everything. */
export interface Touched {
  readonly changedFacts: readonly string[];
  readonly changedTraits: readonly string[];
  readonly changedSegments: readonly string[];
}

/** What came about by time alone at an instant. */
export interface DueChanges {
  readonly person: VirtualPerson;
  readonly at: number;
  readonly changes: readonly SegmentChange[];
  /** journeys whose date it is for this person */
  readonly dates: readonly string[];
}

/**
 * Hidden segments and dates of the people of the virtual host: who begins to meet a condition, by an input or by time alone, and
 * whose date has come. What the lane does in production, and in the same order.
 */
export class VirtualDue {
  private readonly agenda = new Agenda<VirtualPerson>();
  private readonly settled = new Map<VirtualPerson, number>();
  private readonly dated: readonly JourneyDefinition[];

  constructor(
    private readonly index: SegmentIndex,
    definitions: readonly JourneyDefinition[],
  ) {
    this.dated = definitions.filter(({ trigger }) => trigger.kind === 'date');
  }

  /** A person as they were before the log: what they meet already is nothing that happens. */
  meet(person: VirtualPerson, now: number): void {
    for (const change of this.changes(person, now)) person.change(change);
    this.noteDate(person, now);
  }

  /** After an input. */
  measure(person: VirtualPerson, now: number, touched: Touched): readonly SegmentChange[] {
    if (touched.changedTraits.length > 0) this.noteDate(person, now);
    const reading = touched.changedSegments.flatMap((key) =>
      this.index.segmentsReadingSegment(key),
    );
    return this.changes(person, now, { ...touched, changedSegments: reading });
  }

  nextAt(): number {
    return this.agenda.nextAt();
  }

  take(): DueChanges | null {
    const due = this.agenda.take();
    if (due === undefined) return null;
    const { at, item: person } = due;
    if ((this.settled.get(person) ?? -Infinity) >= at) return null;
    this.settled.set(person, at);
    const changes = this.changes(person, at, { timed: true });
    const dates = this.dated
      .filter((definition) => this.nextDate(definition, person, at - 1) === at)
      .map(({ key }) => key);
    this.noteDate(person, at);
    return { person, at, changes, dates };
  }

  private changes(
    person: VirtualPerson,
    now: number,
    what: Partial<Touched> & { readonly timed?: true } = {},
  ): readonly SegmentChange[] {
    if (this.index.order.length === 0) return [];
    const { changes, due } = changedSegments(this.index, { view: person.facing, now, ...what });
    this.note(person, due);
    return changes;
  }

  private noteDate(person: VirtualPerson, now: number): void {
    for (const definition of this.dated) this.note(person, this.nextDate(definition, person, now));
  }

  private nextDate(definition: JourneyDefinition, person: VirtualPerson, now: number) {
    return dateTriggerDue(definition, person.facing.traits, DEFAULT_ZONE, now);
  }

  private note(person: VirtualPerson, due: number | null): void {
    if (due !== null) this.agenda.add(due, person);
  }
}
