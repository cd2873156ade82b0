import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { changedSegments } from './changed-segments.js';
import { compileSegments } from './compile-segments.js';
import { evaluate, isMember, nextChangeAt } from './evaluate.js';
import { mergeFacts } from './merge-facts.js';
import {
  anyClock,
  anyCondition,
  anyEvent,
  anyEvents,
  DAY_START,
  EVERY_CLOCK,
  HOUR,
  type SomeEvent,
} from './testing/generators.js';
import { factsAfter, indexOf, LivePerson, personAfter } from './testing/live.js';
import { naive } from './testing/naive-oracle.js';
import type { Condition } from './types.js';

describe('a condition over the facts of a person', () => {
  it('equals a naive recount of all events, on 500 random trees by 8 people and 4 clocks', () => {
    fc.assert(
      fc.property(
        anyCondition,
        fc.array(anyEvents, { minLength: 8, maxLength: 8 }),
        fc.array(anyClock, { minLength: 4, maxLength: 4 }),
        (condition, people, clocks) => {
          const wrong = people.flatMap((events) => {
            const person = personAfter(condition, events);
            return clocks.filter((now) => {
              const truth = naive(condition, events, now);
              const { member, because } = evaluate(condition, person, now);
              const found = isMember(condition, person, now);
              return found !== truth || member !== truth || because.length === 0;
            });
          });
          expect(wrong).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not depend on the order in which events come', () => {
    const shuffled = anyEvents.chain((events) =>
      fc.tuple(
        fc.constant(events),
        fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
      ),
    );
    fc.assert(
      fc.property(anyCondition, shuffled, (condition, [events, otherwise]) => {
        const { facts } = indexOf(condition);
        expect(factsAfter(facts, otherwise)).toEqual(factsAfter(facts, events));
      }),
      { numRuns: 300 },
    );
  });

  it('is the same of two people who are one as of one who did everything', () => {
    fc.assert(
      fc.property(
        anyCondition,
        fc.array(fc.tuple(anyEvent, fc.boolean()), { maxLength: 20 }),
        (condition, events) => {
          const index = indexOf(condition);
          const of = (wanted: boolean) =>
            factsAfter(
              index.facts,
              events.filter(([, whose]) => whose === wanted).map(([event]) => event),
            );
          const [one, other] = [of(true), of(false)];
          const before = JSON.stringify([one, other]);
          const all = factsAfter(
            index.facts,
            events.map(([event]) => event),
          );
          expect(mergeFacts(index, one, other)).toEqual(all);
          expect(mergeFacts(index, other, one)).toEqual(all);
          expect(JSON.stringify([one, other])).toBe(before);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('has not changed before the time at which it said that it might', () => {
    fc.assert(
      fc.property(anyCondition, anyEvents, anyClock, (condition, events, now) => {
        const person = personAfter(condition, events);
        const member = isMember(condition, person, now);
        const next = nextChangeAt(condition, person, now);
        expect(evaluate(condition, person, now).nextChangeAt).toBe(next);
        if (next !== null) expect(next).toBeGreaterThan(now);
        const between = EVERY_CLOCK.filter(
          (clock) => clock > now && (next === null || clock < next),
        );
        expect(between.filter((clock) => isMember(condition, person, clock) !== member)).toEqual(
          [],
        );
      }),
      { numRuns: 500 },
    );
  });
});

interface Arrival {
  readonly event: SomeEvent;
  readonly clock: number;
}

/** Late by any time, or up to an hour ahead of the clock. */
const anyLog: fc.Arbitrary<Arrival[]> = fc
  .array(fc.tuple(anyEvent, fc.integer({ min: -1, max: 8 }), fc.constantFrom(0, 0, 1)), {
    maxLength: 12,
  })
  .map((all) =>
    all
      .map(([event, late, ms]) => ({ event, clock: event.eventTime + late * HOUR + ms }))
      .sort((a, b) => a.clock - b.clock),
  );

/** Takes a log in and asks at every clock, beginning with the first event. */
function liveThrough(
  condition: Condition,
  log: readonly Arrival[],
  ask: (live: LivePerson, known: readonly SomeEvent[], clock: number) => void,
): void {
  const live = new LivePerson(
    compileSegments([
      { key: 'outside', name: 'Outside', condition: { not: { segment: 'it' } } },
      { key: 'it', name: 'It', condition },
    ]),
  );
  const known: SomeEvent[] = [];
  for (const clock of EVERY_CLOCK) {
    for (const { event, clock: came } of log) {
      if (came > clock || known.includes(event)) continue;
      live.take(event, came);
      known.push(event);
    }
    live.settle(clock);
    if (known.length > 0) ask(live, known, clock);
  }
}

describe('a person kept up event by event and due time by due time', () => {
  it('is in a segment at every instant at which it should be, and those who ask for it follow', () => {
    fc.assert(
      fc.property(anyCondition, anyLog, (condition, log) => {
        const wrong: number[] = [];
        liveThrough(condition, log, ({ segments }, known, clock) => {
          const truth = naive(condition, known, clock);
          if (segments.has('it') !== truth || segments.has('outside') === truth) wrong.push(clock);
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('has nothing ahead of it after the last window', () => {
    const end = DAY_START + 200 * 24 * HOUR;
    fc.assert(
      fc.property(anyCondition, anyLog, (condition, log) => {
        const live = new LivePerson(indexOf(condition));
        for (const { event, clock } of log) live.take(event, clock);
        live.settle(end);
        expect(live.dueAt).toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  it('is measured by time alone only for segments that depend on it', () => {
    fc.assert(
      fc.property(anyCondition, anyEvents, anyClock, (condition, events, now) => {
        const index = indexOf(condition);
        const view = personAfter(condition, events);
        const next = nextChangeAt(condition, view, now);
        const measured = changedSegments(index, { view, now, timed: true });
        expect(measured.due).toBe(next);
        if (index.timed.length === 0) expect(next).toBeNull();
        else expect(measured.changes.length > 0).toBe(isMember(condition, view, now));
      }),
    );
  });
});
