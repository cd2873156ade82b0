import { describe, expect, it } from '@jest/globals';
import type { ItemResult } from './results.js';
import { worstResult } from './worst-result.js';

const RESULTS: readonly ItemResult[] = [
  { status: 'unknown', code: 'outcome_unknown' },
  { status: 'retry', code: 'rate_limited', afterMs: 5_000 },
  { status: 'failed', code: 'item_rejected', message: 'HTTP 400' },
  { status: 'skipped', reason: 'no_address' },
  { status: 'delivered' },
];

describe('an item that goes out in several requests', () => {
  it.each(RESULTS.map((result, place) => [result.status, place] as const))(
    '%s outweighs whatever is better',
    (_status, place) => {
      for (const better of RESULTS.slice(place)) {
        const [worse] = RESULTS.slice(place);
        expect(worse && worstResult(better, worse)).toEqual(worse);
        expect(worse && worstResult(worse, better)).toEqual(worse);
      }
    },
  );

  it('has the result of the only one it is in', () => {
    expect(worstResult(undefined, { status: 'delivered' })).toEqual({ status: 'delivered' });
  });
});
