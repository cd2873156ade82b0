import { describe, expect, it } from '@jest/globals';
import { runSteps, type Step } from './test.js';

function step(name: string, fault?: string): Step {
  return { name, run: () => Promise.resolve(fault) };
}

describe('running steps', () => {
  it('tells each with its time and names those that failed', async () => {
    const told: string[] = [];
    const steps = [step('lint'), step('types', 'a.ts(1,1): wrong'), step('sizes')];
    const failed = await runSteps(steps, (text) => told.push(text));
    expect(failed).toEqual(['types']);
    expect(told.filter((line) => /^✓ (lint|sizes) +\d+\.\d s$/.test(line))).toHaveLength(2);
    expect(told).toContain('a.ts(1,1): wrong');
  });

  it('goes on after a failure, so that one run shows every fault', async () => {
    const steps = Array.from({ length: 6 }, (_unused, index) => step(`step ${index}`, 'broken'));
    expect(await runSteps(steps, () => undefined)).toHaveLength(6);
  });

  it('runs two at a time and no more', async () => {
    let running = 0;
    let most = 0;
    const slow: Step = {
      name: 'slow',
      run: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return undefined;
      },
    };
    await runSteps(
      Array.from({ length: 7 }, () => slow),
      () => undefined,
    );
    expect(most).toBe(2);
  });
});
