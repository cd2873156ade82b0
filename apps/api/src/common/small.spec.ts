import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ERRORS, ThroughlineError, type ErrorCode } from '@throughline/domain/shared';
import { describeFailure, Log } from './log.js';
import { numbersCursor, pageOf, pairCursor, textCursor, uuidCursor } from './page.js';
import { revisionOf } from './params.js';
import { refusalOf } from './problem.js';

describe('a refusal', () => {
  const codes = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);

  it.each(codes)('%s has the status of the table', (code) => {
    const { problem, retryAfterSeconds } = refusalOf(new ThroughlineError(code), 'r-1');
    expect(problem).toMatchObject({
      code,
      status: ERRORS[code].status,
      requestId: 'r-1',
      title: ERRORS[code].sentence,
    });
    const waits = [429, 503].includes(ERRORS[code].status);
    expect(retryAfterSeconds !== undefined).toBe(waits);
  });

  it('tells nothing of what nobody foresaw', () => {
    const error = Object.assign(new TypeError('password=canary'), { query: 'canary' });
    const { problem, unexpected } = refusalOf(error, 'r-1');
    expect(problem).toMatchObject({ code: 'internal', status: 500 });
    expect(JSON.stringify(problem)).not.toContain('canary');
    expect(unexpected).toBe(error);
  });

  it.each([
    ['57P01', 'unavailable'],
    ['ECONNREFUSED', 'unavailable'],
    ['55P03', 'unavailable'],
    ['22P05', 'invalid_request'],
    ['23514', 'invalid_request'],
    ['42P01', 'internal'],
    ['FST_ERR_CTP_BODY_TOO_LARGE', 'body_too_large'],
  ])('of an error with the code %s is %s', (code, expected) => {
    expect(refusalOf(Object.assign(new TypeError('x'), { code }), 'r').problem.code).toBe(expected);
  });

  it.each([
    [404, 'not_found'],
    [400, 'invalid_request'],
    [415, 'unsupported_media_type'],
    [418, 'internal'],
  ])('of a framework error with the status %d is %s', (status, expected) => {
    expect(refusalOf({ status }, 'r').problem.code).toBe(expected);
    expect(refusalOf({ statusCode: status }, 'r').problem.code).toBe(expected);
  });
});

describe('a cursor', () => {
  const next = (parts: readonly (string | number)[]): string =>
    pageOf([1, 2], 1, { view: (row) => row, cursor: () => parts }).next ?? '';

  it('comes back as what it was made of', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), (text, number) => {
        expect(textCursor(next([text]))).toBe(text);
        expect(numbersCursor(next([number, 0]))).toEqual([number, 0]);
        expect(pairCursor(next([number, text]))).toEqual([number, text]);
      }),
    );
  });

  it('that is anything else is refused, and none is the beginning', () => {
    fc.assert(
      fc.property(fc.base64String(), (text) => {
        for (const read of [uuidCursor, numbersCursor, pairCursor]) {
          const result = attempt(() => read(text));
          expect(result === 'refused' || result === 'read').toBe(true);
        }
      }),
    );
    expect([
      textCursor(undefined),
      uuidCursor(undefined),
      numbersCursor(undefined),
      pairCursor(undefined),
    ]).toEqual([null, null, null, null]);
    expect(() => uuidCursor(next(['not a uuid']))).toThrow(ThroughlineError);
    expect(() => numbersCursor(next(['1']))).toThrow(ThroughlineError);
  });

  it('is given only where more follows', () => {
    const how = { view: (row: number) => row, cursor: (row: number) => [row] };
    expect(pageOf([1, 2, 3], 2, how)).toMatchObject({ items: [1, 2] });
    expect(pageOf([1, 2], 2, how)).toEqual({ items: [1, 2], next: null });
    expect(pageOf([], 2, how)).toEqual({ items: [], next: null });
  });
});

describe('If-Match', () => {
  it.each([
    [undefined, null],
    ['*', null],
    ['"7"', 7],
    ['W/"7"', 7],
  ])('%p means revision %p', (header, revision) => {
    expect(revisionOf(header)).toBe(revision);
  });

  it.each(['7', '"x"', '"-1"', '"1", "2"', ''])('%j is refused', (header) => {
    expect(() => revisionOf(header)).toThrow(ThroughlineError);
  });
});

describe('the log', () => {
  it('keeps name, code and place of a failure, and not its message', () => {
    const lines: string[] = [];
    const log = new Log('info', { write: (line: string) => void lines.push(line) });
    log.failure(
      Object.assign(new TypeError('canary-message'), { code: '42P01', detail: 'canary-detail' }),
      { requestId: 'r' },
    );
    expect(lines.join()).toContain('42P01');
    expect(lines.join()).toContain('small.spec');
    expect(lines.join()).not.toContain('canary');
  });

  it('describes what is no error at all', () => {
    expect(describeFailure('canary')).toEqual({ name: 'string' });
    expect(describeFailure(null)).toEqual({ name: 'object' });
  });

  it('blanks what should never have been handed to it', () => {
    const lines: string[] = [];
    const log = new Log('debug', { write: (line: string) => void lines.push(line) });
    log.info({ authorization: 'canary', request: { body: 'canary', key: 'canary' } }, 'x');
    log.warn({ body: 'canary' }, 'x');
    log.debug({ key: 'canary' }, 'x');
    expect(lines).toHaveLength(3);
    expect(lines.join()).not.toContain('canary');
  });
});

function attempt(read: () => unknown): 'read' | 'refused' | 'broken' {
  try {
    read();
    return 'read';
  } catch (error) {
    return error instanceof ThroughlineError ? 'refused' : 'broken';
  }
}
