import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { monthlyCohorts } from './cohorts.js';
import { summariseOrders } from './orders.js';
import { ntile, scoreRfm } from './rfm.js';

function order(customerId: string, day: string, amount = 100) {
  return { customerId, day, amount };
}

describe('summariseOrders', () => {
  it('counts days, not orders, and adds every amount', () => {
    const orders = [
      order('b', '1997-02-01', 1),
      order('a', '1997-01-02', 10),
      order('a', '1997-01-01', 20),
      order('a', '1997-01-02', 5),
    ];
    expect(summariseOrders(orders)).toEqual([
      { customerId: 'a', days: ['1997-01-01', '1997-01-02'], amount: 35 },
      { customerId: 'b', days: ['1997-02-01'], amount: 1 },
    ]);
  });
});

describe('monthlyCohorts', () => {
  it('follows customers from the month of their first order', () => {
    const customers = summariseOrders([
      order('a', '1997-01-31'),
      order('a', '1997-02-01'),
      order('b', '1997-01-01'),
      order('b', '1997-03-31'),
      order('c', '1996-12-31'),
      order('c', '1997-01-01'),
      order('c', '1997-01-20'),
    ]);
    expect(monthlyCohorts(customers, 2)).toEqual([
      { month: '1996-12', active: [1, 1, 0] },
      { month: '1997-01', active: [2, 1, 1] },
    ]);
  });

  it('leaves out what lies beyond, and who never ordered', () => {
    const late = summariseOrders([order('a', '1997-01-01'), order('a', '1999-01-01')]);
    expect(monthlyCohorts(late, 1)).toEqual([{ month: '1997-01', active: [1, 0] }]);
    expect(monthlyCohorts([{ customerId: 'a', days: [], amount: 0 }], 1)).toEqual([]);
  });
});

describe('ntile', () => {
  it.each([
    [10, [2, 2, 2, 2, 2]],
    [12, [3, 3, 2, 2, 2]],
    [3, [1, 1, 1]],
    [1, [1]],
  ])('deals %d rows into fifths as SQL does', (rows, sizes) => {
    const groups = Array.from({ length: rows }, (_, index) => ntile(index, rows, 5));
    const counted = [1, 2, 3, 4, 5].map((group) => groups.filter((each) => each === group).length);
    expect(counted.filter((size) => size > 0)).toEqual(sizes);
    expect([...groups].sort((a, b) => a - b)).toEqual(groups);
  });

  it('makes groups whose sizes differ by at most one, the larger first', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 300 }),
        fc.integer({ min: 2, max: 5 }),
        (rows, groups) => {
          const sizes = new Array<number>(groups).fill(0);
          for (let index = 0; index < rows; index += 1) {
            const group = ntile(index, rows, groups) - 1;
            sizes[group] = (sizes[group] ?? 0) + 1;
          }
          expect([...sizes].sort((a, b) => b - a)).toEqual(sizes);
          expect((sizes[0] ?? 0) - (sizes.at(-1) ?? 0)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('scoreRfm', () => {
  it('gives 5 to the latest, the most frequent and the biggest', () => {
    const customers = ['a', 'b', 'c', 'd', 'e'].map((customerId, at) => ({
      customerId,
      days: Array.from({ length: 5 - at }, (_, day) => `1997-0${at + 1}-0${day + 1}`),
      amount: at * 10,
    }));
    expect(scoreRfm(customers)).toEqual([
      { customerId: 'a', recency: 1, frequency: 5, monetary: 1 },
      { customerId: 'b', recency: 2, frequency: 4, monetary: 2 },
      { customerId: 'c', recency: 3, frequency: 3, monetary: 3 },
      { customerId: 'd', recency: 4, frequency: 2, monetary: 4 },
      { customerId: 'e', recency: 5, frequency: 1, monetary: 5 },
    ]);
  });

  it('breaks ties by id, whatever the order they come in', () => {
    const same = ['e', 'c', 'a', 'd', 'b'].map((customerId) => ({
      customerId,
      days: ['1997-01-01'],
      amount: 1,
    }));
    const scores = scoreRfm(same).map(({ customerId, frequency }) => [customerId, frequency]);
    expect(scores).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['d', 4],
      ['e', 5],
    ]);
    expect(scoreRfm([...same].reverse())).toEqual(scoreRfm(same));
  });

  it('leaves out who never ordered', () => {
    expect(scoreRfm([{ customerId: 'a', days: [], amount: 0 }])).toEqual([]);
  });
});
