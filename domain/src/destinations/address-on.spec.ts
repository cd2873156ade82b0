import { describe, expect, it } from '@jest/globals';
import type { Traits } from '../profiles/types.js';
import { addressOn } from './address-on.js';

function traits(values: Record<string, string | number>): Traits {
  return Object.fromEntries(
    Object.entries(values).map(([name, v]) => [name, { v, t: 0, p: 0, o: 0, s: null }]),
  );
}

const CONTACTS = [
  { type: 'phone', value: '+4915112345678' },
  { type: 'email', value: 'new@example.com' },
  { type: 'email', value: 'old@example.com' },
  { type: 'push_token', value: 'token-1' },
  { type: 'user_id', value: 'u-1' },
];

describe('where a person is reached', () => {
  it('is where they said last, else by their newest identifier of the channel', () => {
    const said = traits({
      email: ' ada@example.com ',
      phone: '+49 170 1234567',
      push_token: 'tok',
    });
    expect(addressOn('email', said, CONTACTS)).toBe('ada@example.com');
    expect(addressOn('sms', said, CONTACTS)).toBe('+491701234567');
    expect(addressOn('push', said, CONTACTS)).toBe('tok');
    expect(addressOn('email', {}, CONTACTS)).toBe('new@example.com');
    expect(addressOn('sms', {}, CONTACTS)).toBe('+4915112345678');
    expect(addressOn('push', {}, CONTACTS)).toBe('token-1');
  });

  it('is nowhere on a channel that nothing is known of', () => {
    for (const channel of ['email', 'sms', 'push'] as const) {
      expect(addressOn(channel, {}, [{ type: 'user_id', value: 'u-1' }])).toBeNull();
      expect(addressOn(channel, traits({ email: ' ', phone: '', push_token: 7 }), [])).toBeNull();
    }
  });

  it('is no number without its country, which nobody guesses', () => {
    expect(addressOn('sms', traits({ phone: '0170 1234567' }), [])).toBeNull();
    expect(addressOn('sms', traits({ phone: '0170 1234567' }), CONTACTS)).toBe('+4915112345678');
    expect(addressOn('sms', traits({ phone: '0049 170 1234567' }), [])).toBe('+491701234567');
  });
});
