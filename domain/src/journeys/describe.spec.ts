import { describe, expect, it } from '@jest/globals';
import { describeMatch, describeWait, shorten } from './describe.js';
import { outcomeOf } from './outcome.js';

describe('the words of the Temporal UI', () => {
  it.each([
    [describeWait(4 * 3_600_000, []), 'wait 4 h'],
    [
      describeWait(90_000, [
        { kind: 'event', event: 'Order Completed', same: 'cart_id' },
        { kind: 'segment', segment: 'vip', on: 'entered' },
      ]),
      'wait up to 1 min 30 s for Order Completed (same cart_id) or segment vip entered',
    ],
    [
      describeMatch({
        kind: 'event',
        event: 'Order Completed',
        where: [
          { property: 'email', op: 'equals', value: 'ada@example.org' },
          { property: 'email', op: 'exists' },
          { property: 'total', op: 'gt', value: 3 },
        ],
      }),
      'Order Completed (by email, total)',
    ],
  ])('say %s', (words, expected) => {
    expect(words).toBe(expected);
  });

  it('are one line of bounded length, cut between characters', () => {
    expect(shorten(`a\n\tb`)).toBe('a b');
    const cut = shorten('😀'.repeat(200));
    expect(Array.from(cut)).toHaveLength(120);
    expect(cut.endsWith('😀…')).toBe(true);
  });
});

describe('outcomes', () => {
  it('are completed, or exited for a reason of bounded length', () => {
    expect(outcomeOf('completed')).toBe('completed');
    expect(outcomeOf('ordered')).toBe('exited:ordered');
    expect(outcomeOf('x'.repeat(500))).toHaveLength('exited:'.length + 100);
  });
});
