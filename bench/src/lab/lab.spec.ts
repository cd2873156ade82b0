import { afterEach, describe, expect, it } from '@jest/globals';
import { takeDown, withEnvironment } from './lab.js';

const NAME = 'TL_BENCH_SPEC';

afterEach(() => {
  Reflect.deleteProperty(process.env, NAME);
});

describe('a borrowed environment', () => {
  it('sets and removes variables for the time of the work and restores them', async () => {
    process.env[NAME] = 'before';
    const during = await withEnvironment({ [NAME]: 'during' }, () =>
      Promise.resolve(process.env[NAME]),
    );
    const without = await withEnvironment({ [NAME]: undefined }, () =>
      Promise.resolve(NAME in process.env),
    );
    expect({ during, without, after: process.env[NAME] }).toEqual({
      during: 'during',
      without: false,
      after: 'before',
    });
  });

  it('is restored although the work failed', async () => {
    const failing = withEnvironment({ [NAME]: 'during' }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(NAME in process.env).toBe(false);
  });
});

describe('taking down', () => {
  it('goes from the last to the first, each once', async () => {
    const order: number[] = [];
    const undo = [1, 2, 3].map((n) => () => Promise.resolve(void order.push(n)));
    await takeDown(undo);
    await takeDown(undo);
    expect(order).toEqual([3, 2, 1]);
  });
});
