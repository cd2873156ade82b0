import { afterEach, describe, expect, it } from '@jest/globals';
import { Failure } from './failure.js';
import { describeFailure, isProgram, runCommand } from './main.js';

afterEach(() => {
  process.exitCode = 0;
});

describe('a command', () => {
  it('ends with the code that its work gives', async () => {
    await runCommand(() => Promise.resolve(3));
    expect(process.exitCode).toBe(3);
  });

  it('ends with 1 when it fails', async () => {
    const failure = new Failure({
      code: 'not_ready',
      sentence: 'It was not ready.',
      command: 'npm start',
    });
    await runCommand(() => Promise.reject(failure));
    expect(process.exitCode).toBe(1);
  });

  it('tells a known failure without a stack', () => {
    const failure = new Failure({
      code: 'not_ready',
      sentence: 'It was not ready.',
      command: 'npm start',
    });
    expect(describeFailure(failure)).toBe('It was not ready.\nTry: npm start');
  });

  it('tells a bug of ours with one', () => {
    expect(describeFailure(new TypeError('no such thing'))).toMatch(
      /TypeError: no such thing\n\s+at /,
    );
    expect(describeFailure('thrown')).toContain('thrown');
  });

  it('does not run when it is merely imported', () => {
    expect(isProgram(import.meta.url)).toBe(false);
  });
});
