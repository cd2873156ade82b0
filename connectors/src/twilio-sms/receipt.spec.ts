import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isTwilioSignature, twilioReceipt, type FormField } from './receipt.js';

const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
const fields: readonly FormField[] = [
  ['To', '+18005551212'],
  ['CallSid', 'CA1234567890ABCDE'],
  ['Digits', '1234'],
  ['Caller', '+12349013030'],
  ['From', '+12349013030'],
];
const signature = '0/KCTR6DLpKmkAf8muzZqo1nDgQ=';

describe("Twilio's signature", () => {
  it('is that of the published example, in whatever order the fields come', () => {
    expect(isTwilioSignature({ url, fields, signature }, '12345')).toBe(true);
    const turned = fields.toReversed();
    expect(isTwilioSignature({ url, fields: turned, signature }, '12345')).toBe(true);
  });

  it('fails for another token, address, field or signature', () => {
    const other: readonly FormField[] = [...fields, ['Extra', '1']];
    expect(isTwilioSignature({ url, fields, signature }, '12346')).toBe(false);
    expect(isTwilioSignature({ url: `${url}&x`, fields, signature }, '12345')).toBe(false);
    expect(isTwilioSignature({ url, fields: other, signature }, '12345')).toBe(false);
    fc.assert(
      fc.property(fc.string(), (forged) => {
        expect(isTwilioSignature({ url, fields, signature: forged }, '12345')).toBe(false);
      }),
    );
  });
});

describe('reading a status callback', () => {
  const of = (values: Record<string, string>) => twilioReceipt(Object.entries(values));

  it('tells what arrived', () => {
    expect(of({ MessageSid: 'SM1', MessageStatus: 'delivered' })).toEqual({
      kind: 'delivered',
      providerId: 'SM1',
      eventId: 'SM1:delivered',
    });
  });

  it.each([
    ['undelivered', '30006', true],
    ['failed', '21610', true],
    ['undelivered', '30007', false],
    ['undelivered', '30003', false],
  ])('a message that is %s with %s: the address is dead? %s', (status, code, permanent) => {
    expect(of({ MessageSid: 'SM1', MessageStatus: status, ErrorCode: code })).toEqual({
      kind: 'bounce',
      providerId: 'SM1',
      eventId: `SM1:${status}`,
      permanent,
      code,
    });
  });

  it('has nothing to say of a failure without a code but that it failed', () => {
    expect(of({ MessageSid: 'SM1', MessageStatus: 'failed', ErrorCode: 'x' })).toEqual({
      kind: 'bounce',
      providerId: 'SM1',
      eventId: 'SM1:failed',
      permanent: false,
    });
  });

  it.each([
    { MessageSid: 'SM1', MessageStatus: 'sent' },
    { MessageSid: 'SM1' },
    { MessageStatus: 'delivered' },
  ])('has nothing to say of %j', (values: Record<string, string>) => {
    expect(of(values)).toBeNull();
  });
});
