import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  hashKey,
  isScope,
  isWellFormedKey,
  keyPrefix,
  makeKey,
  SCOPES,
  type Scope,
} from './api-key.js';

const scopes = fc.uniqueArray(fc.constantFrom<Scope[]>(...SCOPES), { minLength: 1 });

describe('a key', () => {
  it('names its strongest scope, so that a leaked one says what it can do', () => {
    expect(makeKey(['ingest'])).toMatch(/^tl_ingest_/);
    expect(makeKey(['read', 'admin', 'write'])).toMatch(/^tl_admin_/);
    expect(makeKey(['operate', 'write'])).toMatch(/^tl_operate_/);
  });

  it('has a checksum that any wrong letter breaks', () => {
    fc.assert(
      fc.property(
        scopes,
        fc.nat(),
        fc.constantFrom('a', 'b', 'X', 'Y', '0', '9', '_', '-'),
        (wanted, place, letter) => {
          const key = makeKey(wanted);
          expect(isWellFormedKey(key)).toBe(true);
          const index = place % key.length;
          const changed = key.slice(0, index) + letter + key.slice(index + 1);
          expect(isWellFormedKey(changed)).toBe(changed === key);
        },
      ),
    );
  });

  it('is refused without a look-up when it is anything else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(isWellFormedKey(text)).toBe(false);
      }),
    );
    expect(isWellFormedKey(`${makeKey(['read'])}\n`)).toBe(false);
    expect(isWellFormedKey('')).toBe(false);
  });

  it('is never the same twice, nor is its hash', () => {
    const keys = Array.from({ length: 1_000 }, () => makeKey(['read']));
    expect(new Set(keys).size).toBe(1_000);
    expect(new Set(keys.map((key) => hashKey(key).toString('hex'))).size).toBe(1_000);
  });

  it('may be shown by a prefix that is no help in guessing the rest', () => {
    const key = makeKey(['read']);
    expect(key.startsWith(keyPrefix(key))).toBe(true);
    expect(keyPrefix(key)).toHaveLength('tl_read_'.length + 6);
  });

  it('has scopes out of a closed list', () => {
    expect(SCOPES.every(isScope)).toBe(true);
    expect(['root', '', null, 7].some(isScope)).toBe(false);
  });
});
