import { describe, expect, it } from '@jest/globals';
import { SegmentDefinitionSchema } from '@throughline/domain/segments/schemas';
import { scaleSegments, ScaleTally } from './scale-definitions.js';
import { EVENT_NAMES } from './standard-definitions.js';

describe('a thousand segments', () => {
  it('are all different, valid, and twenty for each event name', () => {
    const segments = scaleSegments(1_000);
    const conditions = segments.map(({ condition }) => JSON.stringify(condition));
    expect(new Set(conditions).size).toBe(1_000);
    expect(new Set(segments.map(({ key }) => key)).size).toBe(1_000);
    for (const name of EVENT_NAMES)
      expect(conditions.filter((text) => text.includes(`"${name}"`))).toHaveLength(20);
    for (const segment of segments)
      expect(SegmentDefinitionSchema.safeParse(segment).success).toBe(true);
  });

  it('have ten among them that are the short list', () => {
    const all = new Map(scaleSegments(1_000).map((segment) => [segment.key, segment]));
    const ten = scaleSegments(10);
    expect(ten).toHaveLength(10);
    for (const segment of ten) expect(all.get(segment.key)).toEqual(segment);
  });
});

describe('what must have come of a load', () => {
  it('is nothing before anything was sent, and only grows', () => {
    const tally = new ScaleTally();
    expect(tally.memberships(1_000)).toBe(0);
    tally.replay(1, 5_000);
    const first = tally.memberships(1_000);
    tally.replay(2, 5_000);
    expect(first).toBeGreaterThan(0);
    expect(tally.memberships(1_000)).toBeGreaterThan(first);
    expect(tally.memberships(10)).toBeLessThanOrEqual(tally.memberships(1_000));
  });

  it('counts the events that are applied: neither the bad nor the doubled', () => {
    const tally = new ScaleTally();
    tally.replay(7, 20_000);
    expect(tally.events).toBeLessThan(20_000);
    expect(tally.events).toBeGreaterThan(19_600);
  });
});
