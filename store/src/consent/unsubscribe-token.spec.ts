import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createUnsubscribeSigner } from './unsubscribe-token.js';

const claims = fc.record({
  workspaceId: fc.uuid(),
  customerId: fc.uuid(),
  purpose: fc.stringMatching(/^[a-z0-9_-]{1,63}$/),
  channel: fc.constantFrom('email', 'sms', '*'),
});

describe('an unsubscribe token', () => {
  const signer = createUnsubscribeSigner(randomBytes(32));

  it('says again what was signed', () => {
    fc.assert(
      fc.property(claims, (claim) => {
        expect(signer.verify(signer.sign(claim))).toEqual(claim);
      }),
    );
  });

  it('fits into an address and a List-Unsubscribe header', () => {
    fc.assert(
      fc.property(claims, (claim) => {
        expect(signer.sign(claim)).toMatch(/^[\w-]{80,600}$/);
      }),
    );
  });

  it('is nobody’s once a letter is changed, another key signed it, or it is cut', () => {
    fc.assert(
      fc.property(claims, fc.nat(), (claim, place) => {
        const token = signer.sign(claim);
        const index = place % (token.length - 1);
        const changed =
          token.slice(0, index) + (token[index] === 'A' ? 'B' : 'A') + token.slice(index + 1);
        expect(signer.verify(changed)).toBeNull();
        expect(signer.verify(token.slice(0, -index - 2))).toBeNull();
        expect(createUnsubscribeSigner(randomBytes(32)).verify(token)).toBeNull();
      }),
    );
  });

  it('of anything else is null, never an exception', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.base64String(), fc.string({ minLength: 600, maxLength: 900 })),
        (text) => {
          expect(signer.verify(text)).toBeNull();
        },
      ),
    );
  });

  it('keeps purposes apart that only together look alike', () => {
    const ids = {
      workspaceId: '0199a3c5-0000-7000-8000-000000000000',
      customerId: '0199a3c5-0000-7000-8000-000000000001',
    };
    const token = signer.sign({ ...ids, purpose: 'news', channel: 'email' });
    expect(token).not.toBe(signer.sign({ ...ids, purpose: 'newse', channel: 'mail' }));
  });
});
