/** The vendors' own examples: whoever hashes otherwise matches nobody there. */
import { describe, expect, it } from '@jest/globals';
import { googleFields, hashed, metaFields, sha256, snapFields, type Normalise } from './index.js';

const inUs =
  (phone: (text: string, country?: string) => string | undefined): Normalise =>
  (text) =>
    phone(text, 'US');

describe('published examples', () => {
  it.each<[string, string, Normalise, string, string]>([
    [
      'Meta e-mail',
      'john_smith@gmail.com',
      metaFields.email,
      'john_smith@gmail.com',
      '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f',
    ],
    [
      'Meta phone',
      '(650)555-1212',
      inUs(metaFields.phone),
      '16505551212',
      'e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176',
    ],
    [
      'Meta name',
      'Mary',
      metaFields.name,
      'mary',
      '6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec',
    ],
    [
      'Meta accents',
      'Valéry',
      metaFields.name,
      'valéry',
      '08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c',
    ],
    [
      'Meta Korean',
      '정',
      metaFields.name,
      '정',
      '8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14',
    ],
    [
      'Meta date of birth',
      '2/16/1997',
      metaFields.birthDate,
      '19970216',
      '01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c',
    ],
    [
      'Meta country',
      'United States',
      metaFields.country,
      'us',
      '79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621',
    ],
    [
      'Google e-mail',
      'AlexZ@example.com ',
      googleFields.email,
      'alexz@example.com',
      '509e933019bb285a134a9334b8bb679dff79d0ce023d529af4bd744d47b4fd8a',
    ],
    [
      'Google phone',
      '(800) 555-0100',
      inUs(googleFields.phone),
      '+18005550100',
      'fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30',
    ],
    [
      'Snap e-mail',
      ' Person@example.com',
      snapFields.email,
      'person@example.com',
      '542d240129883c019e106e3b1b2d3f3cb3537c43c425364de8e951d5a3083345',
    ],
  ])('%s: %j', (_name, text, normalise, normal, hash) => {
    expect(normalise(text)).toBe(normal);
    expect(hashed(text, normalise)).toBe(hash);
    expect(sha256(normal)).toBe(hash);
  });

  it('Snap phone: +44 844 412 4653, of whose hash the beginning is published', () => {
    expect(snapFields.phone('+44 844 412 4653')).toBe('448444124653');
    expect(snapFields.phone('0844 412 4653', 'GB')).toBe('448444124653');
    expect(hashed('+44 844 412 4653', snapFields.phone)).toMatch(/^dc008fda46e2/);
  });

  it.each<[string, Normalise, string]>([
    ['Cloudy.SanFrancisco+shopping@gmail.com', googleFields.email, 'cloudysanfrancisco@gmail.com'],
    ['user.name+NYC@Example.com', googleFields.email, 'user.name+nyc@example.com'],
    ['quinn, jr., dds', googleFields.familyName, 'quinn'],
    [' Mr. Alex', googleFields.givenName, 'alex'],
    ['Alex Dr.', googleFields.givenName, 'alex dr.'],
    ['M1 1AE', metaFields.zip, 'm11ae'],
  ])('%j in its normal form', (text, normalise, normal) => {
    expect(normalise(text)).toBe(normal);
  });
});
