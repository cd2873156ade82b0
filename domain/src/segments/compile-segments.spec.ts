import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ThroughlineError } from '../shared/index.js';
import { changedSegments } from './changed-segments.js';
import { compileSegments } from './compile-segments.js';
import { isMember } from './evaluate.js';
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
    expect(changedSegments(alone, { view })).toEqual([]);
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

describe('changedSegments', () => {
  const index = compileSegments([localVip, vip, buyer, pro]);
  const traits = {
    plan: { v: 'pro', t: 0, p: 0, o: 0, s: null },
    address: { v: { city: 'Bonn' }, t: 0, p: 0, o: 0, s: null },
  };
  const facts = { [factKey({ event: 'Ordered' })]: 1 };

  it('lets one change run through all that builds on it, dependencies first', () => {
    const view = { traits, facts, segments: new Set(['pro']) };
    expect(changedSegments(index, { view, changedFacts: [factKey({ event: 'Ordered' })] })).toEqual(
      [
        { segment: 'buyer', change: 'entered' },
        { segment: 'vip', change: 'entered' },
        { segment: 'local-vip', change: 'entered' },
      ],
    );
    expect(view.segments).toEqual(new Set(['pro']));
  });

  it('lets people leave the same way', () => {
    const view = { traits: {}, facts, segments: new Set(['pro', 'buyer', 'vip', 'local-vip']) };
    expect(
      changedSegments(index, { view, changedTraits: ['plan'] }).map(({ segment: key, change }) => [
        key,
        change,
      ]),
    ).toEqual([
      ['pro', 'left'],
      ['vip', 'left'],
      ['local-vip', 'left'],
    ]);
  });

  it('measures nothing where nothing relevant changed', () => {
    const view = { traits, facts, segments: new Set<string>() };
    expect(changedSegments(index, { view, changedTraits: ['name'], changedFacts: [] })).toEqual([]);
  });

  it('measures everything for a new customer, and the named ones for a new definition', () => {
    const never = compileSegments([
      segment('never-bought', { event: 'Ordered', count: { eq: 0 } }),
      pro,
    ]);
    const view = { traits: {}, facts: {}, segments: new Set<string>() };
    expect(changedSegments(never, { view })).toEqual([
      { segment: 'never-bought', change: 'entered' },
    ]);
    expect(changedSegments(never, { view, changedSegments: ['pro'] })).toEqual([]);
    expect(
      changedSegments(never, { view, changedSegments: ['never-bought', 'gone'] }),
    ).toHaveLength(1);
  });

  it('leaves every segment as a full evaluation would, on random graphs of segments', () => {
    const graph = fc.array(
      fc.tuple(fc.array(fc.nat({ max: 30 }), { maxLength: 3 }), fc.boolean(), fc.nat({ max: 2 })),
      {
        minLength: 1,
        maxLength: 15,
      },
    );
    fc.assert(
      fc.property(graph, fc.array(fc.nat({ max: 2 }), { maxLength: 12 }), (nodes, flips) => {
        const definitions = nodes.map(([links, negated, trait], i) => {
          const parts: Condition[] = links
            .filter((link) => link < i)
            .map((link) => ({ segment: `s${link}` }));
          const own: Condition = { trait: `t${trait}`, op: 'equals', value: 1 };
          const condition: Condition = { any: [own, ...parts] };
          return segment(`s${i}`, negated ? { not: condition } : condition);
        });
        const compiled = compileSegments([...definitions].reverse());
        const held: Record<string, { v: number; t: number; p: number; o: number; s: null }> = {};
        const segments = new Set<string>();
        const take = (changedTraits?: string[]) => {
          const view = { traits: held, facts: {}, segments };
          for (const { segment: key, change } of changedSegments(compiled, {
            view,
            ...(changedTraits ? { changedTraits } : {}),
          })) {
            expect(segments.has(key)).toBe(change === 'left');
            if (change === 'entered') segments.add(key);
            else segments.delete(key);
          }
        };
        take();
        for (const flip of flips) {
          const name = `t${flip}`;
          held[name] = { v: 1 - (held[name]?.v ?? 0), t: 0, p: 0, o: 0, s: null };
          take([name]);
          for (const definition of definitions) {
            const view = { traits: held, facts: {}, segments };
            expect(segments.has(definition.key)).toBe(isMember(definition.condition, view));
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
