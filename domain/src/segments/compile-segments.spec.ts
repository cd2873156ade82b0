import { describe, expect, it } from '@jest/globals';
import { ThroughlineError } from '../shared/index.js';
import { changedSegments } from './changed-segments.js';
import { compileSegments, growth } from './compile-segments.js';
import { factKey } from './facts.js';
import { dependents, referencesOf, segmentFaults } from './references.js';
import type { Condition, SegmentDefinition } from './types.js';

function segment(key: string, condition: Condition): SegmentDefinition {
  return { key, name: key, condition };
}

const pro = segment('pro', { trait: 'plan', op: 'equals', value: 'pro' });
const buyer = segment('buyer', { event: 'Ordered' });
const vip = segment('vip', { all: [{ segment: 'pro' }, { segment: 'buyer' }] });
const localVip = segment('local-vip', {
  all: [{ segment: 'vip' }, { trait: 'address.city', op: 'equals', value: 'Bonn' }],
});

describe('compileSegments', () => {
  const index = compileSegments([localVip, vip, buyer, pro]);

  it('puts dependencies first', () => {
    const rank = (key: string) => index.rank(key);
    expect(rank('pro')).toBeLessThan(rank('vip'));
    expect(rank('buyer')).toBeLessThan(rank('vip'));
    expect(rank('vip')).toBeLessThan(rank('local-vip'));
    expect(rank('unheard-of')).toBe(-1);
    expect(index.order).toHaveLength(4);
  });

  it('finds segments by what they read', () => {
    expect(index.factsByEvent('Ordered').map(({ key }) => key)).toEqual([
      factKey({ event: 'Ordered' }),
    ]);
    expect(index.factsByEvent('toString')).toEqual([]);
    expect(index.segmentsReadingFact(factKey({ event: 'Ordered' }))).toEqual(['buyer']);
    expect(index.segmentsReadingTrait('plan')).toEqual(['pro']);
    expect(index.segmentsReadingTrait('address')).toEqual(['local-vip']);
    expect(index.segmentsReadingTrait('address.city')).toEqual(['local-vip']);
    expect(index.segmentsReadingTrait('city')).toEqual([]);
    expect([...index.segmentsReadingSegment('vip')]).toEqual(['local-vip']);
    expect(index.segment('vip')).toBe(vip);
    expect(index.segment('nothing')).toBeUndefined();
  });

  it('shares a fact between all segments that count it', () => {
    const many = Array.from({ length: 100 }, (_, i) =>
      segment(`s${i}`, { event: 'Ordered', count: { gte: i } }),
    );
    expect(compileSegments(many).facts).toHaveLength(1);
  });

  it('counts what journeys ask for outside of segments', () => {
    const watched = compileSegments([buyer], [{ event: 'Viewed' }, { event: 'Ordered' }]);
    expect(watched.facts.map(({ event }) => event)).toEqual(['Ordered', 'Viewed']);
    expect(watched.factsByEvent('Viewed')).toHaveLength(1);
  });

  it('unites what segments and journeys need of a fact', () => {
    const index = compileSegments(
      [
        segment('often', { event: 'Ordered', within: { days: 1 }, count: { gte: 5 } }),
        segment('rarely', { event: 'Ordered', within: { days: 9 }, count: { lte: 1 } }),
        segment('ever', { event: 'Ordered' }),
      ],
      [{ lastEvent: 'Ordered', op: 'olderThan', value: { days: 1 } }],
    );
    expect(index.facts).toMatchObject([{ keep: { times: 5, first: false, last: true } }]);
    expect(index.factsByEvent('Ordered')).toEqual(index.facts);
    expect(index.fact(factKey({ event: 'Ordered' }))).toBe(index.facts[0]);
    expect(index.fact('nothing')).toBeUndefined();
  });

  it('finds an absence by both of its events, and once where they are one', () => {
    const awaited = { absent: true, within: { days: 1 } } as const;
    const index = compileSegments([
      segment('a', { sequence: [{ event: 'Viewed' }, { event: 'Ordered', ...awaited }] }),
      segment('b', { sequence: [{ event: 'Left' }, { event: 'Left', ...awaited }] }),
    ]);
    expect(index.factsByEvent('Viewed')).toHaveLength(1);
    expect(index.factsByEvent('Ordered')).toEqual(index.factsByEvent('Viewed'));
    expect(index.factsByEvent('Left')).toHaveLength(1);
    expect(index.factsByEvent('Ordered').map(({ key }) => index.segmentsReadingFact(key))).toEqual([
      ['a'],
    ]);
  });

  it('names the segments that time alone can change, dependencies first', () => {
    const within = { days: 1 } as const;
    const timed: SegmentDefinition[] = [
      segment('window', { all: [{ segment: 'trait' }, { event: 'Ordered', within }] }),
      segment('trait', { trait: 'seen', op: 'withinLast', value: within }),
      segment('first', { firstEvent: 'Ordered', op: 'olderThan', value: within }),
      segment('absence', {
        not: { sequence: [{ event: 'A' }, { event: 'B', absent: true, within }] },
      }),
    ];
    const index = compileSegments([
      ...timed,
      segment('range', { event: 'Ordered', within: { after: 5 } }),
      segment('since', { firstEvent: 'Ordered', op: 'before', value: 5 }),
      segment('total', { event: 'Ordered', within: 'ever' }),
      segment('other', { segment: 'window' }),
      pro,
    ]);
    expect(index.timed).toEqual(['trait', 'first', 'absence', 'window']);
    expect(index.order.filter(({ key }) => index.isTimed(key)).map(({ key }) => key)).toEqual(
      index.timed,
    );
  });

  it('refuses a cycle, and names only those who are in it', () => {
    const a = segment('a', { segment: 'b' });
    const b = segment('b', { not: { any: [{ segment: 'c' }, { segment: 'pro' }] } });
    const c = segment('c', { segment: 'a' });
    const d = segment('d', { segment: 'a' });
    const faults = segmentFaults([a, b, c, d, pro]);
    expect(faults.map(({ path, code }) => [path, code])).toEqual([
      ['a.condition', 'segment_cycle'],
      ['b.condition', 'segment_cycle'],
      ['c.condition', 'segment_cycle'],
    ]);
    expect(() => compileSegments([a, b, c, d, pro])).toThrow(ThroughlineError);
    expect(() => compileSegments([segment('self', { segment: 'self' })])).toThrow(ThroughlineError);
  });

  it('refuses two segments of one key', () => {
    expect(segmentFaults([pro, pro])).toMatchObject([{ code: 'repeated_key' }]);
  });

  it('names unknown references, and lives with them', () => {
    expect(segmentFaults([vip])).toMatchObject([
      { code: 'unknown_segment' },
      { code: 'unknown_segment' },
    ]);
    const alone = compileSegments([vip]);
    const view = { traits: {}, facts: {}, segments: new Set<string>() };
    expect(changedSegments(alone, { view, now: 0 })).toEqual({ changes: [], due: null });
  });
});

describe('dependents', () => {
  it('finds who asks for a segment, straight or by way of others', () => {
    const all = [localVip, vip, buyer, pro];
    expect(dependents(all, 'pro')).toEqual(['local-vip', 'vip']);
    expect(dependents(all, 'vip')).toEqual(['local-vip']);
    expect(dependents(all, 'local-vip')).toEqual([]);
    expect([...referencesOf(vip.condition)]).toEqual(['pro', 'buyer']);
  });
});

describe('growth', () => {
  const window = (gte: number) =>
    compileSegments([segment('w', { event: 'Ordered', within: { days: 1 }, count: { gte } })]);
  const keys = (before: Parameters<typeof growth>[0], after: Parameters<typeof growth>[1]) =>
    growth(before, after).map(({ event }) => event);

  it('is everything at first, and nothing where nothing more is asked', () => {
    expect(keys(undefined, compileSegments([buyer, pro]))).toEqual(['Ordered']);
    expect(keys(window(3), window(3))).toEqual([]);
    expect(keys(window(3), window(2))).toEqual([]);
    expect(keys(window(3), compileSegments([]))).toEqual([]);
    expect(keys(window(3), compileSegments([buyer]))).toEqual([]);
  });

  it.each<[string, Condition]>([
    ['more times', { event: 'Ordered', within: { days: 1 }, count: { gte: 3 } }],
    ['the first', { firstEvent: 'Ordered', op: 'olderThan', value: { days: 1 } }],
    ['the last', { lastEvent: 'Ordered', op: 'olderThan', value: { days: 1 } }],
    ['a range', { event: 'Ordered', within: { after: 5 } }],
  ])('is a fact of which somebody asks for %s', (_label, condition) => {
    expect(keys(window(2), compileSegments([buyer, segment('more', condition)]))).toEqual([
      'Ordered',
    ]);
  });

  it('is an absence that is new, and not one that is known', () => {
    const absence: Condition = {
      sequence: [{ event: 'Viewed' }, { event: 'Ordered', absent: true, within: { days: 1 } }],
    };
    const index = compileSegments([segment('a', absence)]);
    expect(keys(window(1), index)).toEqual(['Viewed']);
    expect(keys(index, compileSegments([segment('b', { not: absence })]))).toEqual([]);
  });
});
