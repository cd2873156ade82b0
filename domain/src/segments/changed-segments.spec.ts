import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { changedSegments } from './changed-segments.js';
import { compileSegments } from './compile-segments.js';
import { isMember } from './evaluate.js';
import { factKey } from './facts.js';
import type { Condition, SegmentDefinition } from './types.js';

function segment(key: string, condition: Condition): SegmentDefinition {
  return { key, name: key, condition };
}

const NOTHING = { changes: [], due: null };
const pro = segment('pro', { trait: 'plan', op: 'equals', value: 'pro' });
const buyer = segment('buyer', { event: 'Ordered' });
const vip = segment('vip', { all: [{ segment: 'pro' }, { segment: 'buyer' }] });
const localVip = segment('local-vip', {
  all: [{ segment: 'vip' }, { trait: 'address.city', op: 'equals', value: 'Bonn' }],
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
    const changedFacts = [factKey({ event: 'Ordered' })];
    expect(changedSegments(index, { view, now: 0, changedFacts }).changes).toEqual([
      { segment: 'buyer', change: 'entered' },
      { segment: 'vip', change: 'entered' },
      { segment: 'local-vip', change: 'entered' },
    ]);
    expect(view.segments).toEqual(new Set(['pro']));
  });

  it('lets people leave the same way', () => {
    const view = { traits: {}, facts, segments: new Set(['pro', 'buyer', 'vip', 'local-vip']) };
    expect(changedSegments(index, { view, now: 0, changedTraits: ['plan'] }).changes).toEqual(
      ['pro', 'vip', 'local-vip'].map((key) => ({ segment: key, change: 'left' })),
    );
  });

  it('measures nothing where nothing relevant changed', () => {
    const view = { traits, facts, segments: new Set<string>() };
    expect(
      changedSegments(index, { view, now: 0, changedTraits: ['name'], changedFacts: [] }),
    ).toEqual(NOTHING);
  });

  it('measures everything for a new customer, and the named ones for a new definition', () => {
    const never = compileSegments([
      segment('never-bought', { event: 'Ordered', count: { eq: 0 } }),
      pro,
    ]);
    const view = { traits: {}, facts: {}, segments: new Set<string>() };
    expect(changedSegments(never, { view, now: 0 }).changes).toEqual([
      { segment: 'never-bought', change: 'entered' },
    ]);
    expect(changedSegments(never, { view, now: 0, changedSegments: ['pro'] })).toEqual(NOTHING);
    expect(
      changedSegments(never, { view, now: 0, changedSegments: ['never-bought', 'gone'] }).changes,
    ).toHaveLength(1);
  });

  it('says when one of those that were measured can next change, entered or not', () => {
    const hour = 3_600_000;
    const windows = compileSegments([
      segment('short', { event: 'Ordered', within: { hours: 1 } }),
      segment('long', { event: 'Ordered', within: { hours: 5 } }),
      segment('seen', { trait: 'seen', op: 'olderThan', value: { hours: 2 } }),
      segment('not-short', { not: { segment: 'short' } }),
      pro,
    ]);
    const state = { [factKey({ event: 'Ordered' })]: { n: 1, t: [0] } };
    const seen = { seen: { v: 0, t: 0, p: 0, o: 0, s: null } };
    const view = { traits: seen, facts: state, segments: new Set(['not-short']) };
    const measured = changedSegments(windows, { view, now: 1, changedFacts: Object.keys(state) });
    expect(measured).toEqual({
      changes: [
        { segment: 'short', change: 'entered' },
        { segment: 'long', change: 'entered' },
        { segment: 'not-short', change: 'left' },
      ],
      due: hour,
    });
    expect(changedSegments(windows, { view, now: 1, changedTraits: ['seen'] })).toEqual({
      changes: [],
      due: 2 * hour,
    });
    expect(changedSegments(windows, { view, now: 1, changedTraits: ['plan'] })).toEqual(NOTHING);
  });

  it('lets time change what depends on it, and those who ask for that', () => {
    const hour = 3_600_000;
    const windows = compileSegments([
      segment('late', { all: [{ not: { segment: 'short' } }, { segment: 'pro' }] }),
      segment('short', { event: 'Ordered', within: { hours: 1 } }),
      segment('long', { event: 'Ordered', within: { hours: 5 } }),
      pro,
    ]);
    const state = { [factKey({ event: 'Ordered' })]: { n: 1, t: [0] } };
    const view = { traits, facts: state, segments: new Set(['pro', 'short', 'long']) };
    expect(changedSegments(windows, { view, now: hour, timed: true })).toEqual({
      changes: [
        { segment: 'short', change: 'left' },
        { segment: 'late', change: 'entered' },
      ],
      due: 5 * hour,
    });
    expect(view.segments.size).toBe(3);
    expect(changedSegments(windows, { view, now: 5 * hour, timed: true }).due).toBeNull();
    expect(windows.timed).toEqual(['short', 'long']);
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
            now: 0,
            ...(changedTraits ? { changedTraits } : {}),
          }).changes) {
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
            expect(segments.has(definition.key)).toBe(isMember(definition.condition, view, 0));
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
