import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { Loop } from './loop.js';

const options = (failures: unknown[] = []) => ({
  everyMs: 60_000,
  afterFailureMs: 1,
  onFailure: (error: unknown) => void failures.push(error),
});

describe('a loop', () => {
  it('goes on at once while there is more to do, then waits to be rung', async () => {
    let passes = 0;
    const loop = new Loop(() => Promise.resolve(++passes < 3 ? 'more' : 'idle'), options());
    loop.start();
    await eventually(() => {
      expect(passes).toBe(3);
    });
    loop.ring();
    await eventually(() => {
      expect(passes).toBe(4);
    });
    await loop.stop();
    expect(passes).toBe(4);
  });

  it('does not lose a ring that comes during a pass', async () => {
    let passes = 0;
    const loop: Loop = new Loop(() => {
      passes += 1;
      if (passes === 1) loop.ring();
      return Promise.resolve('idle');
    }, options());
    loop.start();
    await eventually(() => {
      expect(passes).toBe(2);
    });
    await loop.stop();
  });

  it('reports a pass that fails, and goes on', async () => {
    const failures: unknown[] = [];
    let passes = 0;
    const loop = new Loop(() => {
      passes += 1;
      return passes === 1 ? Promise.reject(new TypeError('away')) : Promise.resolve('idle');
    }, options(failures));
    loop.start();
    await eventually(() => {
      expect(passes).toBe(2);
    });
    await loop.stop();
    expect(failures).toHaveLength(1);
  });

  it('ends when told to, in the middle of a pause, and waits for the pass that runs', async () => {
    let ended = false;
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const loop = new Loop(async () => {
      await held;
      ended = true;
      return 'idle';
    }, options());
    loop.start();
    const stopped = loop.stop();
    finish();
    await stopped;
    expect(ended).toBe(true);
  });
});
