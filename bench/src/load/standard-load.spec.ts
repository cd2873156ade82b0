import { describe, expect, it } from '@jest/globals';
import { parseBody, type ParsedEvent } from '@throughline/domain/ingestion';
import { parseJourney } from '@throughline/domain/journeys/schemas';
import type { MutableFacts } from '@throughline/domain/profiles';
import { changedSegments, compileSegments, countInto } from '@throughline/domain/segments';
import { SegmentDefinitionSchema } from '@throughline/domain/segments/schemas';
import { STANDARD_JOURNEY, standardSegments, TRIGGER_EVENT } from './standard-definitions.js';
import { StandardLoad, type LoadEvent } from './standard-load.js';
import { TallyKeeper } from './tally.js';

const NOW = Date.UTC(2025, 10, 24, 9);
const COUNT = 40_000;

function generate(seed: number, count: number): LoadEvent[] {
  const load = new StandardLoad({ seed, nowMs: () => NOW });
  return Array.from({ length: count }, () => load.next());
}

/** As the lane reads them. */
function parse(events: readonly LoadEvent[]) {
  return parseBody({
    position: 1,
    clock: NOW,
    kind: 'http',
    endpoint: 'batch',
    sourceKey: 'bench',
    hop: 0,
    body: `{"batch":[${events.map(({ text }) => text).join(',')}]}`,
  });
}

function share(events: readonly LoadEvent[], test: (event: LoadEvent) => boolean): number {
  return events.filter(test).length / events.length;
}

const events = generate(1, COUNT);

describe('the standard load', () => {
  it('is the same again from the same seed', () => {
    expect(generate(5, 300)).toEqual(generate(5, 300));
    expect(generate(6, 300)).not.toEqual(generate(5, 300));
  });

  it('has its shares: one in ten identifies, one in a hundred repeats, one in fifty is late, one in a thousand is bad', () => {
    expect(share(events, ({ kind }) => kind === 'identify')).toBeCloseTo(0.1, 2);
    expect(share(events, ({ kind }) => kind === 'duplicate')).toBeCloseTo(0.01, 2);
    expect(share(events, (event) => 'late' in event && event.late)).toBeCloseTo(0.02, 2);
    expect(share(events, ({ kind }) => kind === 'bad')).toBeCloseTo(0.001, 3);
  });

  it('uses fifty event names and begins a journey with one event in two hundred', () => {
    const names = events.flatMap((event) => (event.kind === 'track' ? [event.name] : []));
    expect(new Set(names).size).toBe(50);
    const triggers = names.filter((name) => name === TRIGGER_EVENT).length / COUNT;
    expect(triggers).toBeGreaterThan(0.004);
    expect(triggers).toBeLessThan(0.006);
  });

  it('varies its bodies between 300 and 900 bytes', () => {
    const lengths = events.map(({ text }) => Buffer.byteLength(text));
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(900);
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    expect(mean).toBeGreaterThan(560);
    expect(mean).toBeLessThan(660);
  });

  it('names few customers often and many seldom', () => {
    const customers = new Map<number, number>();
    for (const event of events)
      if ('customer' in event)
        customers.set(event.customer, (customers.get(event.customer) ?? 0) + 1);
    expect(customers.size).toBeGreaterThan(8_000);
    expect((customers.get(0) ?? 0) / COUNT).toBeGreaterThan(0.06);
    expect([...customers.values()].filter((times) => times === 1).length).toBeGreaterThan(3_000);
  });

  it('triggers somebody else each time, and goes on where another load ended', () => {
    const triggers = (before: number): number[] => {
      const load = new StandardLoad({ seed: 2, nowMs: () => NOW, triggersBefore: before });
      const taken = Array.from({ length: 4_000 }, () => load.next());
      return taken.flatMap((event) =>
        event.kind === 'track' && event.name === TRIGGER_EVENT ? [event.customer] : [],
      );
    };
    const first = triggers(0);
    const second = triggers(first.length);
    expect(new Set([...first, ...second]).size).toBe(first.length + second.length);
  });
});

describe('what the product makes of it', () => {
  const sample = events.slice(0, 2_000).concat(events.filter(({ kind }) => kind === 'bad'));
  const parsed = parse(sample);

  it('takes every event that is meant to be good and refuses every one that is meant to be bad', () => {
    const bad = sample.flatMap((event, ordinal) => (event.kind === 'bad' ? [ordinal] : []));
    expect(parsed.rejections.map(({ ordinal }) => ordinal)).toEqual(bad);
    expect(new Set(parsed.rejections.map(({ code }) => code))).toEqual(
      new Set(['missing_identity', 'missing_event_name', 'nul_character']),
    );
  });

  it('sees late events as late and the others as of now', () => {
    const late = sample.filter((event) => 'late' in event && event.late).length;
    const old = parsed.events.filter(({ eventTime }) => eventTime < NOW - 3_600_000).length;
    expect(old).toBeGreaterThanOrEqual(late);
    expect(old - late).toBeLessThan(5);
  });

  it('repeats an id only with the very same body', () => {
    const texts = new Map<string, string>();
    let repeats = 0;
    for (const { text } of events) {
      const id = /"messageId":"([^"]+)"/.exec(text)?.[1] ?? '';
      const before = texts.get(id);
      if (before !== undefined) {
        repeats += 1;
        expect(text).toBe(before);
      }
      texts.set(id, text);
    }
    expect(repeats).toBe(events.filter(({ kind }) => kind === 'duplicate').length);
  });
});

describe('the standard definitions', () => {
  const segments = standardSegments().map((one) => SegmentDefinitionSchema.safeParse(one));

  it('are valid to the product: a hundred segments and a journey', () => {
    expect(segments).toHaveLength(100);
    expect(segments.every(({ success }) => success)).toBe(true);
    expect(parseJourney(STANDARD_JOURNEY).ok).toBe(true);
  });

  it('touch five facts and a tenth of a membership with an event, as the product itself counts', () => {
    const index = compileSegments(segments.flatMap((each) => (each.success ? [each.data] : [])));
    expect(index.facts).toHaveLength(400);
    const load = new StandardLoad({ seed: 4, nowMs: () => NOW });
    const sample = Array.from({ length: 30_000 }, () => load.next());
    const good = sample.filter(({ kind }) => kind === 'track' || kind === 'identify');
    const { touched, changes } = walk(index, parse(good).events);
    expect(touched).toBe(
      good.reduce((sum, event) => sum + ('facts' in event ? event.facts : 0), 0),
    );
    expect(touched / good.length).toBeGreaterThan(4.5);
    expect(touched / good.length).toBeLessThan(5.5);
    expect(changes / good.length).toBeGreaterThan(0.05);
    expect(changes / good.length).toBeLessThan(0.2);
  });
});

interface Person {
  tier: unknown;
  readonly facts: MutableFacts;
  segments: Set<string>;
}

/** Facts and memberships by the product's own functions, without its database. */
function walk(
  index: ReturnType<typeof compileSegments>,
  parsed: readonly ParsedEvent[],
): { touched: number; changes: number } {
  const people = new Map<string, Person>();
  let touched = 0;
  let changes = 0;
  for (const event of parsed) {
    const who = event.identifiers[0]?.value ?? '';
    const person = people.get(who) ?? { tier: undefined, facts: {}, segments: new Set<string>() };
    people.set(who, person);
    const { facts } = person;
    const changedKeys = countInto(facts, index.factsByEvent(event.name), event);
    touched += changedKeys.length;
    const tier = event.traits['tier'];
    const changedTraits = tier === undefined || tier === person.tier ? [] : ['tier'];
    if (tier !== undefined) person.tier = tier;
    const traits =
      typeof person.tier === 'string'
        ? { tier: { v: person.tier, t: 0, p: 0, o: 0, s: null } }
        : {};
    const view = { traits, facts, segments: person.segments };
    const measured = changedSegments(index, {
      view,
      now: event.ref.clock,
      changedFacts: changedKeys,
      changedTraits,
    });
    for (const change of measured.changes) {
      changes += 1;
      if (change.change === 'entered') person.segments.add(change.segment);
      else person.segments.delete(change.segment);
    }
  }
  return { touched, changes };
}

describe('the tally', () => {
  it('counts from the seed what was counted while sending', () => {
    const watched = new TallyKeeper();
    for (const event of events.slice(0, 5_000)) watched.add(event);
    const replayed = new TallyKeeper();
    replayed.replay(1, 5_000);
    expect(replayed.tally).toEqual(watched.tally);
    expect(replayed.triggersUsed).toBe(watched.triggersUsed);
  });

  it('divides what was sent into good, repeated and bad', () => {
    const keeper = new TallyKeeper();
    keeper.replay(1, COUNT);
    const { sent, good, duplicates, bad, facts, customers, enrolments } = keeper.tally;
    expect(sent).toBe(COUNT);
    expect(good + duplicates + bad).toBe(COUNT);
    expect(customers).toBeLessThanOrEqual(good);
    expect(facts / sent).toBeCloseTo(5, 0);
    expect(enrolments).toBe(keeper.triggersUsed);
  });

  it('knows customers of an earlier load', () => {
    const one = new TallyKeeper();
    one.replay(1, 2_000);
    const both = new TallyKeeper();
    both.replay(1, 2_000);
    both.replay(1, 2_000);
    expect(both.tally.good).toBe(2 * one.tally.good);
    expect(both.tally.customers).toBeLessThan(one.tally.customers + one.triggersUsed + 1);
  });
});
