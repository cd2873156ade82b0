import { describe, expect, it } from '@jest/globals';
import { groupHistories, ordersAfter, summariseTransactions } from './summarise.js';

function order(customerId: string, day: string, amount = 100) {
  return { customerId, day, amount };
}

const ORDERS = [
  order('b', '1997-01-15', 500),
  order('a', '1997-01-29', 300),
  order('a', '1997-01-01', 900),
  order('a', '1997-01-15', 100),
  order('a', '1997-01-15', 100),
  order('b', '1997-02-20', 700),
  order('c', '1997-02-13', 50),
];

describe('summariseTransactions', () => {
  it('counts repeat days, the last of them and the age, in weeks', () => {
    const { customers } = summariseTransactions(ORDERS, {
      calibrationEnd: '1997-02-12',
      unitDays: 7,
    });
    expect(customers).toEqual([
      { customerId: 'a', x: 2, tx: 4, T: 6, meanSpend: 250 },
      { customerId: 'b', x: 0, tx: 0, T: 4, meanSpend: 0 },
    ]);
  });

  it('counts the last day of calibration, and nobody who began after it', () => {
    const { customers } = summariseTransactions(ORDERS, {
      calibrationEnd: '1997-02-13',
      unitDays: 1,
    });
    expect(customers.map(({ customerId, T }) => [customerId, T])).toEqual([
      ['a', 43],
      ['b', 29],
      ['c', 0],
    ]);
  });

  it('says the same whatever the order of the rows', () => {
    const options = { calibrationEnd: '1997-03-01', unitDays: 7 };
    expect(summariseTransactions([...ORDERS].reverse(), options)).toEqual(
      summariseTransactions(ORDERS, options),
    );
  });
});

describe('ordersAfter', () => {
  it('counts days after the end and up to the last', () => {
    const found = ordersAfter([...ORDERS, order('b', '1997-02-20'), order('b', '1997-03-01')], {
      after: '1997-02-12',
      until: '1997-02-28',
    });
    expect([...found]).toEqual([
      ['b', 1],
      ['c', 1],
    ]);
  });
});

describe('groupHistories', () => {
  it('keeps equal histories once, with their number', () => {
    const groups = groupHistories([
      { x: 1, tx: 2, T: 3 },
      { x: 0, tx: 0, T: 3, n: 5 },
      { x: 1, tx: 2, T: 3, n: 2 },
    ]);
    expect(groups.size).toBe(2);
    expect([...groups.n]).toEqual([3, 5]);
    expect([...groups.x]).toEqual([1, 0]);
    expect([...groups.tx, ...groups.T]).toEqual([2, 0, 3, 3]);
  });
});
