import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { patternFault } from './patterns.js';

describe('patterns that block identifiers', () => {
  it.each([
    '^test',
    '^test-\\d+$',
    '^(?:test|demo|qa)-[a-z0-9]{1,8}$',
    '^(null|none)$',
    '^\\+?0{7,}$',
    '^noreply@.*\\.example$',
    '^[a-f0-9]{32}$',
    '^[\\]^-]+$',
    '^a\\|b$',
    '^\\(x\\)+$',
  ])('may be %s', (pattern) => {
    expect(patternFault(pattern)).toBeNull();
  });

  it.each([
    ['test', 'does not begin with ^'],
    ['^(a+)+$', 'repeats a group'],
    ['^(a|a)*$', 'repeats a group'],
    ['^(a){20}$', 'repeats a group'],
    ['^(a)(b)', 'has more than one group'],
    ['^((a))', 'has more than one group'],
    ['^.*.*.*x$', 'has more than 2 parts of open length'],
    ['^a?a?a?x', 'has more than 2 parts of open length'],
    ['^a{1,3}b{1,3}c{1,}', 'has more than 2 parts of open length'],
    ['^(a)\\1', 'refers back to a group'],
    ['^(?<n>a)', 'looks ahead or behind, or names a group'],
    ['^(?=a)b', 'looks ahead or behind, or names a group'],
    ['^a|b', 'has alternatives outside of a group, so it is not anchored'],
    ['^[a', 'is no regular expression'],
    ['^(a', 'is no regular expression'],
    [`^(${'a|'.repeat(60)}b)`, 'has too many alternatives'],
    [`^${'a'.repeat(200)}`, 'longer than 200 characters'],
  ])('may not be %s: it %s', (pattern, fault) => {
    expect(patternFault(pattern)).toBe(fault);
  });

  it('answer at once for any value, if they are allowed at all', () => {
    const part = fc.constantFrom(
      'a',
      '.',
      '[ab]',
      '\\w',
      'a*',
      '.*',
      '.+',
      'a?',
      '(a|ab|.)',
      '{2}',
      '$',
    );
    const patterns = fc
      .array(part, { minLength: 1, maxLength: 12 })
      .map((parts) => `^${parts.join('')}`);
    fc.assert(
      fc.property(patterns, (pattern) => {
        if (patternFault(pattern) !== null) return;
        const started = performance.now();
        new RegExp(pattern, 'u').test('a'.repeat(255));
        expect(performance.now() - started).toBeLessThan(100);
      }),
      { numRuns: 500 },
    );
  });
});
