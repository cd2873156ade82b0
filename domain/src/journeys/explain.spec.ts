import { describe, expect, it } from '@jest/globals';
import { explainEntry, type EntryCandidate } from './explain.js';
import { cartJourney, change, event, NOON, ref } from './testing/builders.js';
import { HOUR } from './testing/play.js';

const CART = event('Cart Updated', { cart_id: 'c1', total: 3 });
const filtered = cartJourney({
  trigger: {
    kind: 'event',
    event: 'Cart Updated',
    where: [
      { property: 'total', op: 'gte', value: 50 },
      { property: 'cart_id', op: 'exists' },
      { property: 'coupon', op: 'exists' },
    ],
  },
});
const once = cartJourney({ entry: { reentry: 'once' } });
const again = cartJourney({ entry: { reentry: 'afterExit', minGap: 'P7D' } });
const single = cartJourney({ entry: { reentry: 'perKey', path: 'cart_id', maxConcurrent: 1 } });

const been = (over: object = {}) => ({
  enrolmentId: 'e1',
  entryKey: '"c1"',
  open: false,
  endedAt: NOON - HOUR,
  ...over,
});

describe('why an event did not lead in', () => {
  it.each<[string, Partial<EntryCandidate>, string, RegExp]>([
    ['while the journey took nobody in', { definition: null }, 'journey_not_live', /nobody in/],
    [
      'past a filter',
      { definition: filtered },
      'filter',
      /total gte 50 \(it was 3\); coupon exists \(it was missing\)/,
    ],
    ['out of a file', { happening: { ...CART, imported: true } }, 'imported', /imported/],
    [
      'too late',
      { happening: { ...CART, eventTime: NOON - 2 * HOUR } },
      'too_old',
      /older than 1 h/,
    ],
    ['a second time', { definition: once, prior: [been()] }, 'already_once', /everybody in once/],
    [
      'while inside',
      { definition: once, prior: [been({ open: true })] },
      'already_open',
      /already/,
    ],
    ['too soon', { definition: again, prior: [been()] }, 'within_gap', /less than 7 d before/],
    ['with its key once more', { prior: [been()] }, 'already_once', /same key/],
    ['as a repeat', { prior: [been({ open: true })] }, 'repeat', /repeats|repeated/],
    ['without a key', { happening: event('Cart Updated') }, 'no_key', /no usable cart_id/],
    [
      'with too many open',
      { definition: single, prior: [been({ open: true, entryKey: '"c2"' })] },
      'too_many_open',
      /as many/i,
    ],
    ['although nothing stood against it', {}, 'none_found', /No guard/],
  ])('%s', (_, candidate, obstacle, sentence) => {
    const verdict = explainEntry({
      happening: CART,
      definition: cartJourney(),
      prior: [],
      ...candidate,
    });
    expect(verdict.obstacle).toBe(obstacle);
    expect(verdict.sentence).toMatch(sentence);
    expect(verdict.ref).toEqual(ref(2));
  });

  it('names the filters that failed, with what was wanted and found', () => {
    const { failed } = explainEntry({ happening: CART, definition: filtered, prior: [] });
    expect(failed).toEqual([
      { property: 'total', op: 'gte', wanted: 50, found: 3 },
      { property: 'coupon', op: 'exists', wanted: null, found: null },
    ]);
  });

  it('tells entering a segment from leaving it', () => {
    const definition = cartJourney({
      trigger: { kind: 'segment', segment: 'vip', on: 'entered' },
      entry: { reentry: 'once' },
    });
    const explain = (to: 'entered' | 'left') =>
      explainEntry({ happening: change('vip', to), definition, prior: [] }).obstacle;
    expect([explain('left'), explain('entered')]).toEqual(['other_segment_change', 'none_found']);
  });
});
