import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { drawBranch, isHeldOut } from './lots.js';

interface Way {
  readonly id: string;
  readonly weight: number;
}

const PEOPLE = Array.from({ length: 4_000 }, (_, index) => {
  const hex = index.toString(16).padStart(12, '0');
  return `019a0000-0000-7000-8000-${hex}`;
});

const withNext = (ways: readonly Way[]) => ways.map((way) => ({ ...way, next: way.id }));

function drawn(ways: readonly Way[], salt = 's'): readonly string[] {
  const branches = withNext(ways);
  return PEOPLE.map((customerId) => drawBranch(branches, { customerId, salt })?.id ?? 'none');
}

function shareOf(draws: readonly string[], id: string): number {
  return draws.filter((one) => one === id).length / draws.length;
}

/** Five standard deviations of a share among so many people. */
const tolerance = (share: number): number => 5 * Math.sqrt((share * (1 - share)) / PEOPLE.length);

const anyWays = fc
  .array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 })
  .map((weights) => weights.map((weight, index) => ({ id: `b${index}`, weight })));

describe('a branch by lot', () => {
  it('goes to each as its weight says', () => {
    fc.assert(
      fc.property(anyWays, fc.string(), (ways, salt) => {
        const draws = drawn(ways, salt);
        const total = ways.reduce((sum, { weight }) => sum + weight, 0);
        for (const { id, weight } of ways) {
          const expected = weight / total;
          const off = Math.abs(shareOf(draws, id) - expected);
          expect(off).toBeLessThanOrEqual(tolerance(expected));
        }
      }),
      { numRuns: 8 },
    );
  });

  it('moves nobody but those whom a new branch takes over', () => {
    fc.assert(
      fc.property(anyWays, fc.integer({ min: 1, max: 20 }), (ways, weight) => {
        const [before, after] = [drawn(ways), drawn([...ways, { id: 'new', weight }])];
        const moved = after.filter((branch, index) => branch !== before[index]);
        expect(moved.every((branch) => branch === 'new')).toBe(true);
        const total = ways.reduce((sum, one) => sum + one.weight, weight);
        const off = Math.abs(moved.length / PEOPLE.length - weight / total);
        expect(off).toBeLessThanOrEqual(tolerance(weight / total));
      }),
      { numRuns: 8 },
    );
  });

  it('gives way to a branch that grows, and to no other', () => {
    const [before, after] = [
      drawn([
        { id: 'a', weight: 1 },
        { id: 'b', weight: 1 },
        { id: 'c', weight: 1 },
      ]),
      drawn([
        { id: 'a', weight: 1 },
        { id: 'b', weight: 2 },
        { id: 'c', weight: 1 },
      ]),
    ];
    const moved = after.filter((branch, index) => branch !== before[index]);
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.every((branch) => branch === 'b')).toBe(true);
  });

  it('is the same whatever the order, and however often it is drawn', () => {
    const ways = [
      { id: 'a', weight: 3 },
      { id: 'b', weight: 1 },
      { id: 'c', weight: 2 },
    ];
    expect(drawn([...ways].reverse())).toEqual(drawn(ways));
  });

  it('has nothing to do with that of another salt', () => {
    const ways = [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 1 },
    ];
    const [one, other] = [drawn(ways, 'one'), drawn(ways, 'other')];
    const both = one.filter((branch, index) => branch === other[index]).length / PEOPLE.length;
    expect(Math.abs(both - 0.5)).toBeLessThanOrEqual(tolerance(0.5));
  });

  it('never goes to a branch without weight', () => {
    const draws = drawn([
      { id: 'a', weight: 0 },
      { id: 'b', weight: 0.001 },
    ]);
    expect(shareOf(draws, 'b')).toBe(1);
    expect(
      drawBranch(withNext([{ id: 'a', weight: 0 }]), { customerId: 'x', salt: 's' }),
    ).toBeUndefined();
  });
});

describe('a holdout', () => {
  const held = (percent: number, salt?: string) =>
    PEOPLE.filter((id) =>
      isHeldOut({ key: 'j', holdout: salt === undefined ? { percent } : { percent, salt } }, id),
    );

  it.each([0, 1, 12.5, 50, 100])('leaves out %d per cent', (percent) => {
    const off = Math.abs(held(percent).length / PEOPLE.length - percent / 100);
    expect(off).toBeLessThanOrEqual(tolerance(percent / 100));
  });

  it('that grows keeps whom it had', () => {
    const large = new Set(held(20));
    expect(held(10).every((id) => large.has(id))).toBe(true);
  });

  it('of the same salt leaves out the same people, of another key others', () => {
    const other = (id: string) =>
      isHeldOut({ key: 'k', holdout: { percent: 50, salt: 'all' } }, id);
    expect(PEOPLE.filter(other)).toEqual(held(50, 'all'));
    expect(
      PEOPLE.filter((id) => isHeldOut({ key: 'k', holdout: { percent: 50 } }, id)),
    ).not.toEqual(held(50));
  });

  it('is nobody where there is none', () => {
    expect(PEOPLE.some((id) => isHeldOut({ key: 'j' }, id))).toBe(false);
  });
});
