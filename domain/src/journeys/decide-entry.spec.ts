import { describe, expect, it } from '@jest/globals';
import { decideEntry } from './decide-entry.js';
import { cartJourney, change, event, NOON, ref } from './testing/builders.js';
import type { Entry, PriorEnrolment } from './types.js';

const HOUR = 3_600_000;
const cart = (over = {}) =>
  event('Cart Updated', { cart_id: 'c1' }, { ref: ref(7, NOON, 3), ...over });
const open = (entryKey: string): PriorEnrolment => ({
  enrolmentId: `e-${entryKey}`,
  entryKey,
  open: true,
  endedAt: null,
});
const ended = (entryKey: string, endedAt = NOON - HOUR): PriorEnrolment => ({
  enrolmentId: `e-${entryKey}`,
  entryKey,
  open: false,
  endedAt,
});

function decide(entry: Entry, prior: readonly PriorEnrolment[] = [], happening = cart()) {
  return decideEntry(cartJourney({ entry }), happening, prior, NOON);
}

describe('guards before re-entry', () => {
  const once: Entry = { reentry: 'once' };

  it('refuses what is not the trigger', () => {
    expect(decide(once, [], event('Other'))).toEqual({ kind: 'refused', reason: 'not_triggered' });
  });

  it('refuses what the filter of the trigger refuses', () => {
    const definition = cartJourney({
      trigger: {
        kind: 'event',
        event: 'Cart Updated',
        where: [{ property: 'total', op: 'gt', value: 0 }],
      },
    });
    expect(decideEntry(definition, cart(), [], NOON)).toEqual({
      kind: 'refused',
      reason: 'not_triggered',
    });
  });

  it('refuses imports', () => {
    expect(decide(once, [], cart({ imported: true }))).toEqual({
      kind: 'refused',
      reason: 'imported',
    });
  });

  it.each([
    [HOUR, 'enter'],
    [HOUR + 1, 'refused'],
    [-5 * 60_000, 'enter'],
  ])('with an event %i ms old and a limit of one hour: %s', (age, kind) => {
    const decision = decide(once, [], cart({ eventTime: NOON - age }));
    expect(decision.kind).toBe(kind);
    if (kind === 'refused') expect(decision).toEqual({ kind, reason: 'too_old' });
  });

  it('names import before age, and age before re-entry', () => {
    const old = { eventTime: NOON - 9 * HOUR };
    expect(decide(once, [ended('once')], cart({ ...old, imported: true }))).toMatchObject({
      reason: 'imported',
    });
    expect(decide(once, [ended('once')], cart(old))).toMatchObject({ reason: 'too_old' });
  });

  it('lets a change of membership in, whose age is not asked', () => {
    const definition = cartJourney({
      trigger: { kind: 'segment', segment: 'vip', on: 'entered' },
      entry: once,
    });
    expect(decideEntry(definition, change('vip', 'entered'), [], NOON + 99 * HOUR)).toEqual({
      kind: 'enter',
      entryKey: 'once',
    });
    expect(decideEntry(definition, change('vip', 'left'), [], NOON)).toMatchObject({
      reason: 'not_triggered',
    });
  });
});

describe('re-entry', () => {
  const afterExit: Entry = { reentry: 'afterExit', minGap: 'PT1H' };
  const perKey: Entry = { reentry: 'perKey', path: 'cart_id', maxConcurrent: 2 };

  it.each<[string, Entry, readonly PriorEnrolment[], unknown]>([
    ['once, never before', { reentry: 'once' }, [], { kind: 'enter', entryKey: 'once' }],
    [
      'once, inside',
      { reentry: 'once' },
      [open('once')],
      { kind: 'refused', reason: 'already_open' },
    ],
    [
      'once, been there',
      { reentry: 'once' },
      [ended('once')],
      { kind: 'refused', reason: 'already_once' },
    ],
    ['after exit, never before', afterExit, [], { kind: 'enter', entryKey: '7.3' }],
    [
      'after exit, inside',
      afterExit,
      [ended('1.0', 0), open('2.0')],
      { kind: 'refused', reason: 'already_open' },
    ],
    ['after exit, at the gap', afterExit, [ended('1.0')], { kind: 'enter', entryKey: '7.3' }],
    [
      'after exit, within it',
      afterExit,
      [ended('1.0', NOON - HOUR + 1)],
      { kind: 'refused', reason: 'within_gap' },
    ],
    ['per key, never before', perKey, [], { kind: 'enter', entryKey: '"c1"' }],
    [
      'per key, inside with it',
      perKey,
      [open('"c2"'), open('"c1"')],
      { kind: 'repeat', enrolmentId: 'e-"c1"' },
    ],
    [
      'per key, been there with it',
      perKey,
      [ended('"c1"')],
      { kind: 'refused', reason: 'already_once' },
    ],
    ['per key, inside with another', perKey, [open('"c2"')], { kind: 'enter', entryKey: '"c1"' }],
    [
      'per key, inside with too many',
      perKey,
      [open('"c2"'), open('"c3"')],
      { kind: 'refused', reason: 'too_many_open' },
    ],
    [
      'per key, inside with too many and it',
      perKey,
      [open('"c2"'), open('"c1"')],
      { kind: 'repeat', enrolmentId: 'e-"c1"' },
    ],
    [
      'per key, been there with many',
      perKey,
      [ended('"c2"'), ended('"c3"')],
      { kind: 'enter', entryKey: '"c1"' },
    ],
  ])('%s', (_, entry, prior, expected) => {
    expect(decide(entry, prior)).toEqual(expected);
  });

  it.each([
    ['missing', {}],
    ['null', { cart_id: null }],
    ['longer than an index row', { cart_id: 'x'.repeat(600) }],
  ])('per key refuses a key that is %s', (_, properties) => {
    expect(decide(perKey, [], event('Cart Updated', properties))).toEqual({
      kind: 'refused',
      reason: 'no_key',
    });
  });

  it.each([
    [7, '7'],
    ['7', '"7"'],
    [{ b: 1, a: [true] }, '{"a":[true],"b":1}'],
  ])('per key %p is the key %s', (cart_id, entryKey) => {
    expect(decide(perKey, [], event('Cart Updated', { cart_id }))).toEqual({
      kind: 'enter',
      entryKey,
    });
  });

  it('per key refuses a change of membership, which has no properties', () => {
    const definition = cartJourney({ trigger: { kind: 'segment', segment: 'vip', on: 'entered' } });
    expect(decideEntry(definition, change('vip', 'entered'), [], NOON)).toEqual({
      kind: 'refused',
      reason: 'no_key',
    });
  });
});
