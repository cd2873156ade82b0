import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isJsonObject, parseJson, type Json, type JsonObject } from '../shared/index.js';
import {
  applyTraits,
  mergeTraits,
  TRAIT_LIMITS,
  traitSources,
  traitValue,
} from './apply-traits.js';
import type { Traits } from './types.js';

function said(traits: JsonObject, eventTime: number, position = eventTime, ordinal = 0) {
  return { traits, eventTime, ref: { position, ordinal, clock: 0 }, sourceKey: 'shop' };
}

function values(traits: Traits): Record<string, Json> {
  return Object.fromEntries(Object.entries(traits).map(([name, { v }]) => [name, v]));
}

describe('applyTraits', () => {
  it('takes values with where they came from', () => {
    const { traits, changes, refused } = applyTraits({}, said({ plan: 'pro' }, 5, 7, 2));
    expect(traits).toEqual({ plan: { v: 'pro', t: 5, p: 7, o: 2, s: 'shop' } });
    expect(changes).toEqual([{ name: 'plan', value: 'pro', previous: undefined }]);
    expect(refused).toEqual([]);
  });

  it('keeps what is newer when an event comes late', () => {
    const now = applyTraits({}, said({ plan: 'pro' }, 10, 1)).traits;
    const late = applyTraits(now, said({ plan: 'free', city: 'Bonn' }, 5, 2));
    expect(values(late.traits)).toEqual({ plan: 'pro', city: 'Bonn' });
    expect(late.changes.map((change) => change.name)).toEqual(['city']);
  });

  it('decides equal times by the later input', () => {
    const now = applyTraits({}, said({ plan: 'pro' }, 10, 3, 1)).traits;
    expect(values(applyTraits(now, said({ plan: 'free' }, 10, 3, 2)).traits)).toEqual({
      plan: 'free',
    });
    expect(values(applyTraits(now, said({ plan: 'free' }, 10, 3, 0)).traits)).toEqual({
      plan: 'pro',
    });
  });

  it('unsets by null, and does not let an older value come back', () => {
    const now = applyTraits({}, said({ plan: 'pro' }, 1)).traits;
    const unset = applyTraits(now, said({ plan: null }, 10));
    expect(unset.changes).toEqual([{ name: 'plan', value: null, previous: 'pro' }]);
    expect(traitValue(unset.traits, 'plan')).toBeUndefined();
    expect(applyTraits(unset.traits, said({ plan: 'old' }, 5, 99)).changes).toEqual([]);
  });

  it('replaces objects whole', () => {
    const now = applyTraits({}, said({ address: { street: 'A', city: 'Bonn' } }, 1)).traits;
    const next = applyTraits(now, said({ address: { city: 'Köln' } }, 2)).traits;
    expect(values(next)).toEqual({ address: { city: 'Köln' } });
  });

  it('reports a value said again as no change, but remembers its time', () => {
    const now = applyTraits({}, said({ tags: ['a', { b: 1, c: 2 }] }, 1)).traits;
    const again = applyTraits(now, said({ tags: ['a', { c: 2, b: 1 }] }, 5));
    expect(again.changes).toEqual([]);
    expect(again.traits['tags']?.t).toBe(5);
  });

  it('changes nothing in what it was given', () => {
    const now = Object.freeze(applyTraits({}, said({ plan: 'pro' }, 1)).traits);
    applyTraits(now, said({ plan: 'free', city: 'Bonn' }, 2));
    expect(values(now)).toEqual({ plan: 'pro' });
    expect(applyTraits(now, said({ plan: 'late' }, 0)).traits).toBe(now);
  });

  it('refuses the thousand-and-first trait and still changes the others', () => {
    const many = Object.fromEntries(
      Array.from({ length: TRAIT_LIMITS.traits }, (_, i) => [`t${i}`, i]),
    );
    const full = applyTraits({}, said(many, 1));
    expect(full.refused).toEqual([]);
    const next = applyTraits(full.traits, said({ t0: 'new', extra: 1 }, 2));
    expect(next.refused).toEqual([{ name: 'extra', reason: 'too_many_traits' }]);
    expect(traitValue(next.traits, 't0')).toBe('new');
  });

  it.each([
    ['text', 'x'.repeat(TRAIT_LIMITS.valueLength + 1)],
    ['list', Array.from({ length: 20_000 }, () => 1)],
  ])('refuses a %s that is too large', (_kind, value) => {
    expect(applyTraits({}, said({ big: value, ok: 1 }, 1))).toMatchObject({
      refused: [{ name: 'big', reason: 'value_too_large' }],
      changes: [{ name: 'ok' }],
    });
  });

  it('cannot be used to reach the prototype', () => {
    const hostile = parseJson(
      '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"ok":1}',
    );
    const { traits, refused } = applyTraits({}, said(isJsonObject(hostile) ? hostile : {}, 1));
    expect(refused.map(({ name }) => name)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(traits)).toBe(Object.prototype);
    expect({}).not.toHaveProperty('admin');
    expect(traitValue(traits, 'constructor')).toBeUndefined();
    expect(traitValue(traits, '__proto__')).toBeUndefined();
  });
});

describe('traitValue', () => {
  const traits = applyTraits(
    {},
    said({ plan: 'pro', address: { city: 'Bonn', zip: null }, 'a.b': 1, n: 0 }, 1),
  ).traits;

  it.each<[string, Json | undefined]>([
    ['plan', 'pro'],
    ['n', 0],
    ['address.city', 'Bonn'],
    ['address.zip', undefined],
    ['address.street', undefined],
    ['a.b', 1],
    ['plan.length', undefined],
    ['missing', undefined],
    ['missing.deeper', undefined],
    ['toString', undefined],
  ])('%s', (name, expected) => {
    expect(traitValue(traits, name)).toBe(expected);
  });

  it('names every trait that a dotted name may read', () => {
    expect(traitSources('plan')).toEqual(['plan']);
    expect(traitSources('address.city.name')).toEqual(['address.city.name', 'address']);
  });
});

const events = fc.uniqueArray(
  fc.record({
    traits: fc.dictionary(
      fc.constantFrom('a', 'b', 'c'),
      fc.constantFrom<Json>(1, 2, 'x', null, { k: 1 }),
    ),
    eventTime: fc.nat({ max: 4 }),
    position: fc.nat({ max: 1_000 }),
  }),
  { selector: (event) => event.position, maxLength: 20 },
);

function after(
  list: readonly { traits: JsonObject; eventTime: number; position: number }[],
): Traits {
  return list.reduce<Traits>(
    (traits, event) =>
      applyTraits(traits, said(event.traits, event.eventTime, event.position)).traits,
    {},
  );
}

describe('traits over a log of events', () => {
  it('end the same in any order of arrival', () => {
    fc.assert(
      fc.property(events, (log) => {
        expect(after([...log].reverse())).toEqual(after(log));
      }),
    );
  });

  it('of two people merged are those of one who had all the events', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 2, max: 7 }), (log, share) => {
        const mine: typeof log = [];
        const yours: typeof log = [];
        for (const event of log) (event.position % share === 0 ? mine : yours).push(event);
        expect(mergeTraits(after(mine), after(yours))).toEqual(after(log));
        expect(mergeTraits(after(yours), after(mine))).toEqual(after(log));
      }),
    );
  });

  it('reported changes, replayed, give the values', () => {
    fc.assert(
      fc.property(events, (log) => {
        const replayed: Record<string, Json> = {};
        let traits: Traits = {};
        for (const event of log) {
          const applied = applyTraits(traits, said(event.traits, event.eventTime, event.position));
          traits = applied.traits;
          for (const { name, value, previous } of applied.changes) {
            expect(replayed[name] ?? null).toEqual(previous ?? null);
            replayed[name] = value;
          }
        }
        for (const name of ['a', 'b', 'c']) {
          expect(replayed[name] ?? undefined).toEqual(traitValue(traits, name));
        }
      }),
    );
  });
});
