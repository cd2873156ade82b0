import { describe, expect, it } from '@jest/globals';
import { codeOf, Failure, messageOf } from './failure.js';

describe('a failure', () => {
  it('reads as one sentence, its details and one command to copy', () => {
    const failure = new Failure({
      code: 'port_busy',
      sentence: 'Port 3000 is in use.',
      command: 'npm start -- --api-port 3001',
      details: ['process 12'],
    });
    expect(failure.message.split('\n')).toEqual([
      'Port 3000 is in use.',
      '  process 12',
      'Try: npm start -- --api-port 3001',
    ]);
  });

  it('keeps its code and its cause apart from the words', () => {
    const cause = new Error('deeper');
    const failure = new Failure({ code: 'not_ready', sentence: 'a', command: 'b', cause });
    expect(failure.code).toBe('not_ready');
    expect(failure.cause).toBe(cause);
    expect(failure.details).toEqual([]);
  });
});

describe('what was thrown', () => {
  it.each([
    [new Error('broken'), 'broken'],
    [{ message: 'from another realm' }, 'from another realm'],
    ['a string', 'a string'],
    [null, 'null'],
  ])('gives a message: %p', (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });

  it.each([
    [{ code: 'ENOENT' }, 'ENOENT'],
    [{ code: 6 }, 6],
    [{ code: { nested: true } }, undefined],
    [new Error('without'), undefined],
    [undefined, undefined],
  ])('gives a code where there is one: %p', (thrown, code) => {
    expect(codeOf(thrown)).toBe(code);
  });
});
