import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { identifierKey, isBlocked, isIdentifierType, normaliseIdentifier } from './normalise.js';
import { DEFAULT_RULES, ruleFor } from './rules.js';

describe('normaliseIdentifier', () => {
  it.each([
    ['email', ' Ada@Example.COM ', 'ada@example.com'],
    ['email', 'ada+shop@example.co.uk', 'ada+shop@example.co.uk'],
    ['email', 'zoe\u0308@example.com', 'zo\u00eb@example.com'],
    ['email', 'root@localhost', 'root@localhost'],
    ['phone', '+49 (30) 123-4567', '+49301234567'],
    ['phone', '+1.202.555.0143', '+12025550143'],
    ['phone', ' 030 1234567 ', '030 1234567'],
    ['user_id', '  u-1 ', 'u-1'],
    ['user_id', 'U-1', 'U-1'],
    ['anonymous_id', '7d0e', '7d0e'],
    ['loyalty', 'x'.repeat(255), 'x'.repeat(255)],
  ])('%s %j becomes %j', (type, value, expected) => {
    expect(normaliseIdentifier(type, value)).toBe(expected);
  });

  it.each([
    ['email', 'ada'],
    ['email', '@example.com'],
    ['email', 'ada@'],
    ['email', 'ada@@example.com'],
    ['email', 'ada@example..com'],
    ['email', 'ada@.com'],
    ['email', 'ada lovelace@example.com'],
    ['email', 'Ada <ada@example.com>'],
    ['email', 'a@b.c,d@e.f'],
    ['email', `${'x'.repeat(65)}@example.com`],
    ['email', `ada@${'x'.repeat(255)}`],
    ['email', 'ada@example.com\r\nBcc: eve@example.com'],
    ['phone', '+12'],
    ['phone', '+1234567890123456'],
    ['phone', '+49 30 CALL'],
    ['user_id', ''],
    ['user_id', ' \t'],
    ['user_id', 'a\u0000b'],
    ['user_id', 'a\nb'],
    ['user_id', '\ud83d'],
    ['user_id', 'x'.repeat(256)],
  ])('%s %j identifies nobody', (type, value) => {
    expect(normaliseIdentifier(type, value)).toBeNull();
  });

  it('changes nothing the second time', () => {
    const type = fc.constantFrom('email', 'phone', 'user_id', 'anonymous_id', 'loyalty');
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.emailAddress(),
      fc.stringMatching(/^\+[0-9 ()-]{5,20}$/),
    );
    fc.assert(
      fc.property(type, value, (kind, text) => {
        const once = normaliseIdentifier(kind, text);
        if (once !== null) expect(normaliseIdentifier(kind, once)).toBe(once);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('types of identifiers', () => {
  it.each(['email', 'ios.idfa', 'ga_client_id', 'Loyalty-Card'])('takes %s', (type) => {
    expect(isIdentifierType(type)).toBe(true);
  });

  it.each(['', 'a:b', '1st', 'x'.repeat(65), 'e mail', '__proto__'])('refuses %j', (type) => {
    expect(isIdentifierType(type)).toBe(false);
  });

  it('makes keys that no two identifiers share', () => {
    expect(identifierKey({ type: 'email', value: 'a:b' })).toBe('email:a:b');
  });
});

describe('isBlocked', () => {
  it.each([
    'null',
    'NULL',
    'undefined',
    'Anonymous',
    '-1',
    '0',
    '000',
    '0000-0000',
    '00000000-0000-0000-0000-000000000000',
    '---',
    'none',
    'N/A',
    'unknown',
    '[object Object]',
    '+0000000',
    '0.0',
  ])('%j', (value) => {
    expect(isBlocked(value, DEFAULT_RULES)).toBe(true);
  });

  it.each(['u-1', '1', '10', '-2', 'nullable', 'anonymous-7', 'ada@example.com'])(
    'not %j',
    (value) => {
      expect(isBlocked(value, DEFAULT_RULES)).toBe(false);
    },
  );

  it('follows the workspace', () => {
    expect(isBlocked('Kiosk-7', { ...DEFAULT_RULES, blocked: ['kiosk-7'] })).toBe(true);
    expect(isBlocked('Kiosk-7', { ...DEFAULT_RULES, patterns: [/^kiosk-\d+$/u] })).toBe(true);
    expect(isBlocked('Kiosk-x', { ...DEFAULT_RULES, patterns: [/^kiosk-\d+$/u] })).toBe(false);
  });
});

describe('ruleFor', () => {
  it('falls back to the rule of all other types', () => {
    expect(ruleFor(DEFAULT_RULES, 'email')).toMatchObject({ priority: 2, limit: 5 });
    expect(ruleFor(DEFAULT_RULES, 'loyalty')).toMatchObject({ priority: 5, limit: 5 });
    const other = { type: '*', priority: 9, limit: 1, window: 'ever', level: 'primary' } as const;
    const own = { ...DEFAULT_RULES, identifiers: [other] };
    expect(ruleFor(own, 'loyalty')).toMatchObject({ priority: 9, limit: 1 });
    expect(ruleFor({ ...DEFAULT_RULES, identifiers: [] }, 'loyalty')).toMatchObject({
      priority: 5,
    });
  });
});
