import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { signatureHeader } from './sign.js';
import { isStandardWebhook, type SignedCall } from './verify.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const AT = 1_614_265_330;
const call: SignedCall = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: String(AT),
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  payload: '{"test": 2432232314}',
};
const isOurs = (over: Partial<SignedCall>, secret = SECRET, at = AT): boolean =>
  isStandardWebhook({ ...call, ...over }, secret, at * 1_000);

describe('the signature of a call', () => {
  it('is that of the published example, alone or beside others', () => {
    expect(isOurs({})).toBe(true);
    expect(isOurs({ signature: `v1a,abc v1,abc ${call.signature ?? ''}` })).toBe(true);
    expect(isOurs({}, SECRET, AT + 300)).toBe(true);
    expect(isOurs({}, SECRET, AT - 300)).toBe(true);
  });

  it.each<[string, Partial<SignedCall>]>([
    ['no id', { id: null }],
    ['another id', { id: 'msg_1' }],
    ['an id with a dot', { id: 'msg.1' }],
    ['no time', { timestamp: null }],
    ['another time', { timestamp: String(AT + 1) }],
    ['a time that is none', { timestamp: 'now' }],
    ['no signature', { signature: null }],
    ['an empty signature', { signature: '' }],
    [
      'the signature of another scheme',
      { signature: 'v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' },
    ],
    ['other bytes', { payload: '{"test":2432232314}' }],
  ])('is refused with %s', (_name, over) => {
    expect(isOurs(over)).toBe(false);
  });

  it('is refused by another secret, and when it is old or from the future', () => {
    expect(isOurs({}, OTHER)).toBe(false);
    expect(isOurs({}, SECRET, AT + 301)).toBe(false);
    expect(isOurs({}, SECRET, AT - 301)).toBe(false);
  });

  it('is what we sign ourselves, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.string(), (payload) => {
        const signed = { id: 'id-1', timestampSeconds: AT, payload };
        const signature = signatureHeader(signed, [OTHER, SECRET]);
        expect(isOurs({ id: 'id-1', signature, payload })).toBe(true);
      }),
    );
  });
});
