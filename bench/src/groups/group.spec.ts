import { describe, expect, it } from '@jest/globals';
import { inTurns, roundTeller } from './group.js';

describe('taking turns', () => {
  it('alternates product and limit, a round after the other', async () => {
    const order: string[] = [];
    const results = await inTurns(3, {
      product: (round) => {
        order.push(`A${round}`);
        return Promise.resolve(round);
      },
      limit: (round) => {
        order.push(`B${round}`);
        return Promise.resolve(-round);
      },
    });
    expect(order).toEqual(['A0', 'B0', 'A1', 'B1', 'A2', 'B2']);
    expect(results).toEqual([
      { product: 0, limit: -0 },
      { product: 1, limit: -1 },
      { product: 2, limit: -2 },
    ]);
  });

  it('says which round it is before it begins', async () => {
    const said: string[] = [];
    const teller = roundTeller(
      (progress) => {
        if (progress.kind === 'note') said.push(progress.text);
      },
      'a.b',
      2,
    );
    const nothing = (): Promise<null> => Promise.resolve(null);
    await inTurns(2, { product: nothing, limit: nothing, onRound: teller });
    expect(said).toEqual(['a.b: round 1 of 2', 'a.b: round 2 of 2']);
  });
});
