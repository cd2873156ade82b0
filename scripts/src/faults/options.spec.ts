import { describe, expect, it } from '@jest/globals';
import { readFaultsOptions } from './options.js';

const read = (...args: string[]) => readFaultsOptions(args, () => 4711);

describe('the options of test:faults', () => {
  it('is the long form when nothing is said: 500 shoppers and 50 kills in 8 minutes', () => {
    expect(read()).toEqual({ minutes: 8, kills: 50, shoppers: 500, seed: 4711 });
  });

  it('sends fewer shoppers through a shorter run', () => {
    expect(read('--minutes', '2', '--kills', '6')).toEqual({
      minutes: 2,
      kills: 6,
      shoppers: 125,
      seed: 4711,
    });
    expect(read('--minutes', '0.25').shoppers).toBe(16);
  });

  it('takes the seed of an earlier run, and a number of shoppers', () => {
    expect(read('--seed=0', '--shoppers=80')).toMatchObject({ seed: 0, shoppers: 80 });
  });

  it.each([
    [['--minutes', '0'], '--minutes takes a number from 0.25 to 600, not "0".'],
    [['--minutes', 'soon'], '--minutes takes a number from 0.25 to 600, not "soon".'],
    [['--minutes='], '--minutes takes a number from 0.25 to 600, not "".'],
    [['--kills', '1.5'], '--kills takes a whole number, not "1.5".'],
    [['--kills=-1'], '--kills takes a number from 0 to 5000, not "-1".'],
    [['--seed', '5000000000'], '--seed takes a number from 0 to 4294967295, not "5000000000".'],
    [['--shoppers', '0'], '--shoppers takes a number from 1 to 50000, not "0".'],
  ])('says what is wrong with %j', (args, sentence) => {
    expect(() => read(...args)).toThrow(sentence);
  });

  it('names its options when it is given another', () => {
    expect(() => read('--forever')).toThrow('--minutes N, --kills N, --shoppers N, --seed N');
  });

  it('draws a seed of its own that fits into 32 bits', () => {
    const { seed } = readFaultsOptions([]);
    expect(seed).toBeGreaterThanOrEqual(0);
    expect(seed).toBeLessThan(2 ** 32);
  });
});
