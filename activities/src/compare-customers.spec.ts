import { describe, expect, it } from '@jest/globals';
import { linkRows, TableBuilder } from '@throughline/domain/identity/linkage';
import { groupsOf, kindsOf, recordOf } from './compare-customers.js';

describe('a customer as a record', () => {
  it('has traits by name, parts of objects by path, and identifiers over traits', () => {
    const record = recordOf({
      customerId: 'c1',
      traits: {
        firstName: { v: 'Ada' },
        visits: { v: 7 },
        vip: { v: true },
        tags: { v: ['a'] },
        address: { v: { city: 'London', geo: { lat: 1 } } },
        email: { v: 'ADA@Example.com' },
        story: { v: 'x'.repeat(201) },
        gone: {},
        none: { v: null },
      },
      identifiers: { email: 'ada@example.com', loyalty: 'L-1' },
    });
    expect(record).toEqual({
      firstName: 'Ada',
      visits: '7',
      'address.city': 'London',
      email: 'ada@example.com',
      loyalty: 'L-1',
    });
  });
});

describe('the columns that are compared', () => {
  it('are those whose name is about who somebody is', () => {
    const names = [
      'firstName',
      'email',
      'plan',
      'visits',
      'id',
      'created_at',
      'address.postalCode',
    ];
    expect(kindsOf(names, {})).toEqual({
      firstName: 'given_name',
      email: 'email',
      plan: 'ignore',
      visits: 'ignore',
      id: 'ignore',
      created_at: 'ignore',
      'address.postalCode': 'postcode',
    });
  });

  it('are more or fewer where somebody says so', () => {
    expect(kindsOf(['plan', 'firstName'], { plan: 'category', firstName: 'ignore' })).toEqual({
      plan: 'category',
      firstName: 'ignore',
    });
  });
});

describe('groups', () => {
  it('hold whoever clustered, by id, and the pairs that say most', () => {
    const builder = new TableBuilder(['first name', 'last name', 'born']);
    const rows = [
      ['Grace', 'Hopper', '1906-12-09'],
      ['Ada', 'Lovelace', '1815-12-10'],
      ['Alan', 'Turing', '1912-06-23'],
      ['Ada', 'Lovelace', '1815-12-10'],
      ['Ada', 'Lovelaec', '1815-12-10'],
    ];
    for (const row of rows) builder.add(row);
    const groups = groupsOf(linkRows(builder.build()), ['c5', 'c4', 'c3', 'c2', 'c1']);
    expect(groups).toHaveLength(1);
    const [group] = groups;
    expect(group?.members).toEqual(['c1', 'c2', 'c4']);
    expect(group?.evidence).toHaveLength(3);
    expect(group?.evidence[0]).toMatchObject({
      left: 'c2',
      right: 'c4',
      levels: { 'first name': 'exact', 'last name': 'exact', born: 'exact' },
    });
    expect(group?.strongest).toBe(group?.evidence[0]?.probability);
    expect(group?.weakest).toBe(group?.evidence[2]?.probability);
  });
});
