import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { namesOf, squash, words } from './column-names.js';
import { STARTER_CATALOGUE } from './starter-catalogue.js';

describe('words', () => {
  it.each([
    ['E-Mail_Adresse', ['e', 'mail', 'adresse']],
    ['emailAddress', ['email', 'address']],
    ['Größe', ['grosse']],
    ['PRÉNOM', ['prenom']],
    ['address1', ['address1']],
    ['Дата рождения', ['дата', 'рождения']],
    ['--', []],
  ])('of %s are %j', (name, expected) => {
    expect(words(name)).toEqual(expected);
  });

  it('are the same for a name that was squashed before', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(squash(squash(name))).toBe(squash(name));
      }),
    );
  });
});

describe('namesOf', () => {
  const targets = ['customers', 'events', 'orders'] as const;

  it.each(targets)('gives no name to two attributes of %s', (target) => {
    const owners = new Map<string, string>();
    for (const { key, label } of STARTER_CATALOGUE) {
      for (const name of namesOf(key, label, target)) {
        expect([name, owners.get(name) ?? key]).toEqual([name, key]);
        owners.set(name, key);
      }
    }
  });

  it.each(targets)('knows each attribute of %s by its own key', (target) => {
    for (const { key, label } of STARTER_CATALOGUE) {
      if (key === 'name' && target === 'events') continue;
      expect(namesOf(key, label, target)).toContain(squash(key));
    }
  });

  it('reads `name` by the target', () => {
    expect(namesOf('name', 'Full name', 'customers')).toContain('name');
    expect(namesOf('name', 'Full name', 'events')).not.toContain('name');
    expect(namesOf('event_name', 'Event name', 'events')).toContain('name');
  });
});
