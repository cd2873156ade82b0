import { describe, expect, it } from '@jest/globals';
import { Log } from './log.js';

function logged(write: (log: Log) => void): string {
  let text = '';
  write(new Log('debug', { write: (line: string) => void (text += line) }));
  return text;
}

describe('the log', () => {
  it('keeps kind, code and place of a failure, and not its message', () => {
    const error = Object.assign(new TypeError('duplicate key (email)=(ada@example.com)'), {
      code: '23505',
    });
    const text = logged((log) => {
      log.failure(error, { enrolmentId: 'e1' });
    });
    expect(text).toContain('23505');
    expect(text).toContain('log.spec');
    expect(text).toContain('e1');
    expect(text).not.toContain('ada@example.com');
  });

  it('censors what nobody should have given it', () => {
    const text = logged((log) => {
      log.warn({ email: 'ada@example.com', connection: { settings: { pass: 'hunter2' } } }, 'x');
    });
    expect(text).not.toContain('ada@example.com');
    expect(text).not.toContain('hunter2');
  });

  it('copes with things thrown that are no errors', () => {
    expect(
      logged((log) => {
        log.failure('ada@example.com');
      }),
    ).not.toContain('ada');
  });
});
