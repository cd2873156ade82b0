import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ThroughlineError } from '@throughline/domain/shared';
import { RateLimits, type Rates } from './rate-limit.js';

const ADA = { keyId: 'ada', workspaceId: 'shop' };
const BOB = { keyId: 'bob', workspaceId: 'shop' };
const EVE = { keyId: 'eve', workspaceId: 'rival' };

interface Clocked {
  readonly limits: RateLimits;
  readonly refusals: string[];
  at: number;
}

function clocked(rates: Rates): Clocked {
  const refusals: string[] = [];
  const kit: Clocked = {
    limits: new RateLimits(
      rates,
      (by) => refusals.push(by),
      () => kit.at,
    ),
    refusals,
    at: 1_000,
  };
  return kit;
}

/** How many of `times` requests at one moment get through. */
function admitted({ limits }: Clocked, who: typeof ADA, times: number): number {
  let count = 0;
  for (let index = 0; index < times; index += 1) if (retryAfter(limits, who) === null) count += 1;
  return count;
}

function retryAfter(limits: RateLimits, who: typeof ADA): number | null {
  try {
    limits.admit(who);
    return null;
  } catch (error) {
    if (!(error instanceof ThroughlineError) || error.code !== 'rate_limited') throw error;
    return error.retryAfterSeconds ?? 0;
  }
}

describe('the rate of a key', () => {
  it('allows a burst of two seconds, and the rate from then on', () => {
    const kit = clocked({ perKey: 10, perWorkspace: 0 });
    expect(admitted(kit, ADA, 50)).toBe(20);
    kit.at += 100;
    expect(admitted(kit, ADA, 50)).toBe(1);
    kit.at += 1_000;
    expect(admitted(kit, ADA, 50)).toBe(10);
  });

  it('saves up no more than the burst, however long it was quiet', () => {
    const kit = clocked({ perKey: 10, perWorkspace: 0 });
    expect(admitted(kit, ADA, 20)).toBe(20);
    kit.at += 3_600_000;
    expect(admitted(kit, ADA, 50)).toBe(20);
  });

  it('is nobody else’s', () => {
    const kit = clocked({ perKey: 5, perWorkspace: 0 });
    expect(admitted(kit, ADA, 50)).toBe(10);
    expect(admitted(kit, BOB, 50)).toBe(10);
    expect(kit.refusals).toEqual(Array.from({ length: 80 }, () => 'key'));
  });

  it('may be once a second', () => {
    const kit = clocked({ perKey: 1, perWorkspace: 0 });
    expect(admitted(kit, ADA, 5)).toBe(2);
    expect(retryAfter(kit.limits, ADA)).toBe(1);
  });

  it('of zero is no limit', () => {
    const kit = clocked({ perKey: 0, perWorkspace: 0 });
    expect(admitted(kit, ADA, 10_000)).toBe(10_000);
    expect(kit.refusals).toEqual([]);
  });
});

describe('the rate of a workspace', () => {
  it('is shared by its keys, and no other workspace’s', () => {
    const kit = clocked({ perKey: 0, perWorkspace: 10 });
    expect(admitted(kit, ADA, 15) + admitted(kit, BOB, 15)).toBe(20);
    expect(admitted(kit, EVE, 15)).toBe(15);
    expect(new Set(kit.refusals)).toEqual(new Set(['workspace']));
  });

  it('that is used up is not held against the key', () => {
    const kit = clocked({ perKey: 10, perWorkspace: 5 });
    expect(admitted(kit, BOB, 100)).toBe(10);
    expect(admitted(kit, ADA, 100)).toBe(0);
    expect(kit.refusals.filter((by) => by === 'key')).toEqual([]);
    kit.at += 2_000;
    expect(admitted(kit, ADA, 100)).toBe(10);
  });
});

describe('a refusal', () => {
  it('says after how many seconds the next one gets through, and that is true', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 0, max: 300 }),
        (rate, more) => {
          const kit = clocked({ perKey: rate, perWorkspace: 0 });
          admitted(kit, ADA, 2 * rate + more);
          const seconds = retryAfter(kit.limits, ADA) ?? 0;
          expect(seconds).toBeGreaterThan(0);
          kit.at += seconds * 1_000;
          expect(retryAfter(kit.limits, ADA)).toBeNull();
        },
      ),
    );
  });

  it('never lets more through than burst and rate together, whatever the rhythm', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), gaps, (rate, pauses) => {
        const kit = clocked({ perKey: rate, perWorkspace: 0 });
        const startedAt = kit.at;
        const through = pauses.filter((pause) => {
          kit.at += pause;
          return retryAfter(kit.limits, ADA) === null;
        }).length;
        const seconds = (kit.at - startedAt) / 1_000;
        expect(through).toBeLessThanOrEqual(Math.floor(2 * rate + seconds * rate + 1e-6));
      }),
    );
  });

  it('does not forget a key that is over its rate when many others come along', () => {
    const kit = clocked({ perKey: 10, perWorkspace: 0 });
    admitted(kit, ADA, 20);
    for (let index = 0; index < 12_000; index += 1) {
      kit.limits.admit({ keyId: `key-${index}`, workspaceId: 'shop' });
    }
    expect(retryAfter(kit.limits, ADA)).toBe(1);
  });
});
