import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSecretBox, secretOwner } from './secret-box.js';

const secrets = fc.dictionary(fc.stringMatching(/^[a-z]{1,10}$/), fc.string());
const owner = secretOwner('0199a3c5-0000-7000-8000-000000000000', 'mail');

describe('a secret box', () => {
  it('gives back what was sealed, to its owner only', () => {
    const box = createSecretBox([randomBytes(32)]);
    fc.assert(
      fc.property(secrets, fc.string(), (value, stranger) => {
        const sealed = box.seal(value, owner);
        expect(box.open(sealed, owner)).toEqual(value);
        expect(() => box.open(sealed, stranger)).toThrow();
      }),
    );
  });

  it('seals the same secret differently each time', () => {
    const box = createSecretBox([randomBytes(32)]);
    const texts = Array.from({ length: 100 }, () =>
      box.seal({ pass: 'x' }, owner).sealed.toString('hex'),
    );
    expect(new Set(texts).size).toBe(100);
  });

  it('does not open what was changed, at any bit', () => {
    const box = createSecretBox([randomBytes(32)]);
    const { keyId, sealed } = box.seal({ pass: 'secret' }, owner);
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const changed = Buffer.from(sealed);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => box.open({ keyId, sealed: changed }, owner)).toThrow();
      }),
    );
  });

  it('opens with an old key what was sealed before a rotation, and seals with the new one', () => {
    const [before, after] = [randomBytes(32), randomBytes(32)];
    const sealed = createSecretBox([before]).seal({ pass: 'x' }, owner);
    const rotated = createSecretBox([after, before]);
    expect(rotated.open(sealed, owner)).toEqual({ pass: 'x' });
    expect(rotated.seal({ pass: 'x' }, owner).keyId).toBe(rotated.keyId);
    expect(rotated.keyId).not.toBe(sealed.keyId);
  });

  it('says which key is missing, and not what was sealed', () => {
    const sealed = createSecretBox([randomBytes(32)]).seal({ pass: 'canary' }, owner);
    expect(() => createSecretBox([randomBytes(32)]).open(sealed, owner)).toThrow(sealed.keyId);
  });

  it('names its key without giving it away', () => {
    const key = randomBytes(32);
    expect(createSecretBox([key]).keyId).toMatch(/^[0-9a-f]{12}$/);
    expect(key.toString('hex')).not.toContain(createSecretBox([key]).keyId);
  });
});
