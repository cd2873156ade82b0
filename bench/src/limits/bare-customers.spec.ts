import { describe, expect, it } from '@jest/globals';
import { saidIn } from './bare-customers.js';

const BATCH = JSON.stringify({
  batch: [
    { type: 'track', event: 'Seen', userId: 'a' },
    { type: 'identify', userId: 'a', traits: { tier: 'tin', name: 'A' } },
    { type: 'identify', userId: 'b', traits: { tier: 'gold' } },
    { type: 'identify', userId: 'a', traits: { tier: 'gold' } },
  ],
});

describe('what bodies say', () => {
  it('is one row for each event and one upsert for each customer, later traits over earlier ones', () => {
    const { rows, customers, events } = saidIn([BATCH]);
    expect(rows.trimEnd().split('\n')).toHaveLength(4);
    expect(customers).toEqual([
      { key: 'a', traits: { tier: 'gold', name: 'A' }, events: 3 },
      { key: 'b', traits: { tier: 'gold' }, events: 1 },
    ]);
    expect(events).toEqual([
      ['a', 'Seen'],
      ['a', 'identify'],
      ['b', 'identify'],
      ['a', 'identify'],
    ]);
  });

  it('takes a body that is one event', () => {
    const { rows, events } = saidIn([JSON.stringify({ event: 'Probe', userId: 'tab\there' })]);
    expect(events).toEqual([['tab\there', 'Probe']]);
    expect(rows.startsWith('tab\\there\tProbe\t{')).toBe(true);
  });
});
