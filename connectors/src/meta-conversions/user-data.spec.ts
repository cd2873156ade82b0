import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canMatch, userData, type UserFields } from './user-data.js';

describe('the person of an event', () => {
  it.each<[string, UserFields, string, string]>([
    [
      'an e-mail',
      { email: 'john_smith@gmail.com' },
      'em',
      '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f',
    ],
    [
      'an e-mail as somebody typed it',
      { email: '  John_Smith@gmail.com ' },
      'em',
      '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f',
    ],
    [
      'a phone of the country',
      { phone: '(650)555-1212', country: 'US' },
      'ph',
      'e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176',
    ],
    [
      'a first name',
      { firstName: 'Mary' },
      'fn',
      '6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec',
    ],
    [
      'a name with an accent',
      { firstName: 'Valéry' },
      'fn',
      '08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c',
    ],
    [
      'a name in another script',
      { lastName: '정' },
      'ln',
      '8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14',
    ],
    [
      'a date of birth',
      { birthDate: '2/16/1997' },
      'db',
      '01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c',
    ],
    [
      'a country by its name',
      { country: 'United States' },
      'country',
      '79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621',
    ],
  ])('is hashed as Meta publishes it: %s', (_name, person, field, hash) => {
    expect(userData(person)[field]).toEqual([hash]);
  });

  it('keeps what a browser is called as it is', () => {
    const person = {
      clickId: 'fb.1.1554763741205.AbCdEfGhIjKlMnOpQrStUvWxYz1234567890',
      browserId: 'fb.1.1558571054389.1098115397',
      clientIp: '2001:db8::1',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
    };
    expect(userData(person)).toEqual({
      fbc: person.clickId,
      fbp: person.browserId,
      client_ip_address: person.clientIp,
      client_user_agent: person.userAgent,
    });
  });

  it('passes a hash through and never hashes one again', () => {
    const hash = '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f';
    expect(userData({ email: hash.toUpperCase(), externalId: hash })).toEqual({
      em: [hash],
      external_id: [hash],
    });
  });

  it('leaves out what is empty or cannot be completed, and never hashes nothing', () => {
    const person = {
      email: '',
      phone: '0151 12345678',
      firstName: ' ',
      state: '-',
      externalId: '',
    };
    expect(userData(person)).toEqual({});
    expect(canMatch(person)).toBe(false);
  });

  it('is not found by a user agent alone', () => {
    expect(canMatch({ userAgent: 'Mozilla/5.0' })).toBe(false);
    expect(canMatch({ userAgent: 'Mozilla/5.0', clientIp: '192.0.2.1' })).toBe(true);
    expect(canMatch({ email: 'a@b.example' })).toBe(true);
  });

  it('never leaves in clear, whatever it is called', () => {
    const text = fc.string({ minLength: 4 }).filter((value) => /[a-z]{4}/.test(value));
    fc.assert(
      fc.property(text, text, text, (firstName, city, externalId) => {
        const sent = Object.values(userData({ firstName, city, externalId })).flat();
        expect(sent.every((value) => /^[a-f0-9]{64}$/.test(String(value)))).toBe(true);
      }),
    );
  });
});
