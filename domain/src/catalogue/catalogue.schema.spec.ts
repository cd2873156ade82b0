import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { faultsOf } from '../shared/index.js';
import { AttributeSchema, CatalogueSchema } from './attribute.schema.js';
import { MappingSchema } from './mapping.schema.js';
import { catalogueWith, STARTER_CATALOGUE } from './starter-catalogue.js';
import { CUSTOMERS, ORDERS } from './testing/rows.js';
import type { Attribute } from './types.js';

const SHOE_SIZE: Attribute = {
  key: 'shoe_size',
  label: 'Shoe size',
  type: 'number',
  role: { kind: 'trait', trait: 'shoe.size' },
  sensitivity: 'none',
};

describe('AttributeSchema', () => {
  it('takes an attribute as it is', () => {
    expect(AttributeSchema.parse(SHOE_SIZE)).toEqual(SHOE_SIZE);
  });

  it.each([
    [{ key: 'Shoe Size' }, 'key'],
    [{ type: 'colour' }, 'type'],
    [{ sensitivity: 'high' }, 'sensitivity'],
    [{ role: { kind: 'trait', trait: '__proto__' } }, 'role.trait'],
    [{ role: { kind: 'trait', trait: 'a.constructor.b' } }, 'role.trait'],
    [{ role: { kind: 'trait', trait: 'a..b' } }, 'role.trait'],
    [{ role: { kind: 'property', property: 'a.b.c.d.e.f' } }, 'role.property'],
    [{ type: 'text', role: { kind: 'identifier', identifier: 'a:b' } }, 'role.identifier'],
    [{ role: { kind: 'identifier', identifier: 'card' } }, 'type'],
    [{ role: { kind: 'consent', purpose: 'Marketing', channel: '*' } }, 'role.purpose'],
    [{ role: { kind: 'colour' } }, 'role.kind'],
    [{ label: 'half \ud800' }, 'label'],
    [{ mood: 'good' }, ''],
  ])('refuses %j at %s', (change, path) => {
    const parsed = AttributeSchema.safeParse({ ...SHOE_SIZE, ...change });
    expect(parsed.error === undefined ? [] : faultsOf(parsed.error)).toMatchObject([{ path }]);
  });
});

describe('the catalogue', () => {
  it('of the starter is one, with every key once', () => {
    expect(CatalogueSchema.parse(STARTER_CATALOGUE)).toEqual(STARTER_CATALOGUE);
  });

  it('refuses two attributes with one key', () => {
    expect(CatalogueSchema.safeParse([SHOE_SIZE, SHOE_SIZE]).success).toBe(false);
  });

  it('of a workspace replaces and extends the starter', () => {
    const city: Attribute = { ...SHOE_SIZE, key: 'city', role: { kind: 'trait', trait: 'town' } };
    const merged = catalogueWith([city, SHOE_SIZE]);
    expect(merged).toHaveLength(STARTER_CATALOGUE.length + 1);
    expect(merged.filter(({ key }) => key === 'city')).toEqual([city]);
    expect(CatalogueSchema.safeParse(merged).success).toBe(true);
  });

  it('masks what points to a person', () => {
    const open = STARTER_CATALOGUE.filter(({ sensitivity }) => sensitivity === 'none');
    expect(open.map(({ role }) => role.kind)).not.toContain('identifier');
  });
});

describe('MappingSchema', () => {
  it.each([CUSTOMERS, ORDERS])('takes a mapping as it is', (mapping) => {
    expect(MappingSchema.parse(mapping)).toEqual(mapping);
  });

  const field = { to: 'email', from: { path: 'mail' } };
  it.each([
    [{ target: 'people' }, 'target'],
    [{ country: 'de' }, 'country'],
    [{ zone: '+02:00' }, 'zone'],
    [{ fields: [] }, 'fields'],
    [{ fields: [{ ...field, level: 'ignore' }] }, 'fields.0.level'],
    [{ fields: [{ ...field, casts: [{ cast: 'magic' }] }] }, 'fields.0.casts.0.cast'],
    [
      { fields: [{ ...field, casts: [{ cast: 'date', format: 'd/m/y' }] }] },
      'fields.0.casts.0.format',
    ],
    [
      { fields: [{ ...field, casts: [{ cast: 'items', pick: { __proto__x: { path: '' } } }] }] },
      'fields.0.casts.0.pick.__proto__x.path',
    ],
    [{ fields: [{ ...field, normalise: ['soundex'] }] }, 'fields.0.normalise.0'],
    [{ fields: [{ ...field, from: { path: 'a', constant: 1 } }] }, 'fields.0.from'],
    [{ fields: [{ ...field, default: null }] }, 'fields.0.default'],
    [{ extra: 1 }, ''],
  ])('refuses %j at %s', (change, path) => {
    const parsed = MappingSchema.safeParse({ ...CUSTOMERS, ...change });
    const [fault] = parsed.error === undefined ? [] : faultsOf(parsed.error);
    expect(fault?.path).toBe(path);
  });

  it('never lets a picked field reach into the runtime', () => {
    const pick: unknown = JSON.parse('{"__proto__": {"path": "x"}}');
    const fields = [{ ...field, casts: [{ cast: 'items', pick }] }];
    const parsed = MappingSchema.safeParse({ ...CUSTOMERS, fields });
    const cast = parsed.data?.fields[0]?.casts?.[0];
    expect(cast?.cast === 'items' ? Object.keys(cast.pick) : []).toEqual([]);
  });

  it('can be shown as JSON Schema, for forms and for the API', () => {
    expect(z.toJSONSchema(MappingSchema)).toMatchObject({
      type: 'object',
      required: ['key', 'target', 'fields'],
    });
    expect(z.toJSONSchema(AttributeSchema)).toMatchObject({ type: 'object' });
  });
});
