import { describe, expect, it } from '@jest/globals';
import { catalogueWith } from '@throughline/domain/catalogue';
import { maskedAddress, maskedBody, maskedIdentifier, maskedObject, personalOf } from './mask.js';

const PERSONAL = personalOf(
  catalogueWith([
    {
      key: 'diagnosis',
      label: 'Diagnosis',
      type: 'text',
      role: { kind: 'trait', trait: 'health.diagnosis' },
      sensitivity: 'special',
    },
    {
      key: 'backup_mail',
      label: 'Second e-mail',
      type: 'email',
      role: { kind: 'identifier', identifier: 'backup_mail' },
      sensitivity: 'none',
    },
    {
      key: 'gift_note',
      label: 'Note',
      type: 'text',
      role: { kind: 'property', property: 'gift.note' },
      sensitivity: 'personal',
    },
  ]),
);

describe('masking', () => {
  it.each([
    ['ada@example.com', 'a***@example.com'],
    ['🦊x@example.com', '🦊***@example.com'],
    ['@example.com', '***om'],
    ['+4915112345678', '***78'],
    ['12345', '***'],
    ['', '***'],
  ])('shows of the address %j only %j', (value, shown) => {
    expect(maskedAddress(value)).toBe(shown);
  });

  it('masks identifiers that are addresses, those of the catalogue included, and no others', () => {
    const value = 'ada@example.com';
    const masked = (type: string) => maskedIdentifier({ type, value }, PERSONAL).value;
    expect(['email', 'phone', 'backup_mail'].map(masked)).toEqual(
      Array.from({ length: 3 }, () => 'a***@example.com'),
    );
    expect(['user_id', 'crm_id'].map(masked)).toEqual([value, value]);
  });

  it('masks traits by the way that leads to them, addresses at any depth, and leaves what is unset', () => {
    const traits = {
      firstName: 'Ada',
      birthday: null,
      plan: 'pro',
      health: { diagnosis: ['flu'], insured: true },
      company: { name: 'Analytical Engines', contact: { email: 'boss@example.com', phone: 4_915 } },
      friends: [{ email: 'bob@example.com', firstName: 'Bob' }],
    };
    expect(maskedObject(traits, PERSONAL)).toEqual({
      firstName: '***',
      birthday: null,
      plan: 'pro',
      health: { diagnosis: '***', insured: true },
      company: { name: 'Analytical Engines', contact: { email: 'b***@example.com', phone: '***' } },
      friends: [{ email: 'b***@example.com', firstName: 'Bob' }],
    });
  });

  it('masks of an event whom it names and what it says, and leaves the context out', () => {
    const body = {
      identifiers: [
        { type: 'email', value: 'ada@example.com' },
        { type: 'user_id', value: 'u-1' },
      ],
      previous: [{ type: 'phone', value: '+4915112345678' }],
      traits: { lastName: 'Lovelace' },
      properties: { gift: { note: 'Love', wrapped: true }, products: [{ name: 'Shoes' }] },
      context: { ip: '10.0.0.1' },
      consents: [{ purpose: 'marketing' }],
      imported: false,
    };
    expect(maskedBody(body, PERSONAL)).toEqual({
      identifiers: [
        { type: 'email', value: 'a***@example.com' },
        { type: 'user_id', value: 'u-1' },
      ],
      previous: [{ type: 'phone', value: '***78' }],
      traits: { lastName: '***' },
      properties: { gift: { note: '***', wrapped: true }, products: [{ name: 'Shoes' }] },
      context: {},
      consents: [{ purpose: 'marketing' }],
      imported: false,
    });
  });
});
