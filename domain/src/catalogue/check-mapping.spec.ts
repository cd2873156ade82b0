import { describe, expect, it } from '@jest/globals';
import { checkMapping } from './check-mapping.js';
import { STARTER_CATALOGUE } from './starter-catalogue.js';
import { CUSTOMERS, ORDERS } from './testing/rows.js';
import type { Mapping, MappingField } from './types.js';

const check = (mapping: Mapping) => checkMapping(mapping, STARTER_CATALOGUE);
const EMAIL: MappingField = { to: 'email', from: { path: 'mail' } };

function customers(...fields: readonly MappingField[]): Mapping {
  return { key: 'k', target: 'customers', fields: [EMAIL, ...fields] };
}

describe('checkMapping', () => {
  it.each([CUSTOMERS, ORDERS])('finds nothing in an honest mapping', (mapping) => {
    expect(check(mapping)).toEqual([]);
  });

  it.each<[MappingField, string, string]>([
    [{ to: 'shoe_size', from: { path: 'x' } }, 'fields.1.to', 'unknown_attribute'],
    [{ to: 'email', from: { path: 'x' } }, 'fields.1.to', 'mapped_twice'],
    [{ to: 'total', from: { path: 'x' } }, 'fields.1.to', 'not_of_a_customer'],
    [{ to: 'sku', from: { path: 'x' } }, 'fields.1.to', 'not_of_a_customer'],
    [{ to: 'event_name', from: { path: 'x' } }, 'fields.1.to', 'not_of_a_customer'],
    [{ to: 'phone', from: { path: 'x' }, level: 'warn' }, 'fields.1.level', 'cannot_be_kept'],
    [{ to: 'event_time', from: { path: 'x' }, level: 'allow' }, 'fields.1.level', 'cannot_be_kept'],
    [{ to: 'city', from: { path: 'x' }, saidAt: 'y' }, 'fields.1.saidAt', 'not_a_consent'],
    [{ to: 'age', from: { constant: 'old' } }, 'fields.1.from.constant', 'not_a_number'],
    [{ to: 'country', from: { path: 'x' }, default: 'QQ' }, 'fields.1.default', 'invalid_country'],
    [
      { to: 'marketing_consent', from: { path: 'x' }, default: 'perhaps' },
      'fields.1.default',
      'invalid_consent',
    ],
  ])('names what is wrong with %j', (field, path, code) => {
    expect(check(customers(field))).toMatchObject([{ path, code }]);
  });

  it('asks a constant only for what casts and normalisers leave of it', () => {
    const field: MappingField = {
      to: 'age',
      from: { constant: 'old' },
      casts: [{ cast: 'words', words: { old: 90 } }],
    };
    expect(check(customers(field))).toEqual([]);
  });

  it.each([
    ['customers', 'missing_identity'],
    ['events', 'missing_event_name'],
    ['orders', 'missing_order_id'],
  ] as const)('of %s asks for what each row needs', (target, code) => {
    const field = target === 'customers' ? { to: 'city', from: { path: 'x' } } : EMAIL;
    expect(check({ key: 'k', target, fields: [field] })).toMatchObject([{ path: 'fields', code }]);
  });

  it('takes one time of the event', () => {
    const second = {
      key: 'other_time',
      label: 'Other time',
      type: 'time',
      role: { kind: 'eventTime' },
      sensitivity: 'none',
    } as const;
    const mapping = customers(
      { to: 'event_time', from: { path: 'a' } },
      { to: 'other_time', from: { path: 'b' } },
    );
    expect(checkMapping(mapping, [...STARTER_CATALOGUE, second])).toEqual([
      { path: 'fields', code: 'mapped_twice', message: 'two fields for the time of the event' },
    ]);
  });
});
