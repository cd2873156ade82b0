import { describe, expect, it } from '@jest/globals';
import { STARTER_CATALOGUE } from '@throughline/domain/catalogue';
import { AttributeSchema, MappingSchema } from '@throughline/domain/catalogue/schemas';
import { CUSTOMER_MAPPING, customerFile, FILE_ATTRIBUTES, FILE_COLUMNS } from './customer-file.js';

describe('a file of customers', () => {
  it('is the same for a seed and another for another', () => {
    expect(customerFile(1, 20)).toBe(customerFile(1, 20));
    expect(customerFile(1, 20)).not.toBe(customerFile(2, 20));
  });

  it('names everybody once, whatever the seed', () => {
    const ids = [1, 2].flatMap((seed) => customerFile(seed, 50).match(/^f\d+-\d+(?=,)/gm) ?? []);
    expect(ids).toHaveLength(100);
    expect(new Set(ids).size).toBe(100);
  });

  it('holds what files hold: quotes, commas and line ends within fields', () => {
    const file = customerFile(3, 200);
    expect(file.startsWith(`${FILE_COLUMNS.join(',')}\n`)).toBe(true);
    expect(file).toContain('"said ""yes"""');
    expect(file).toContain('"two\nlines"');
  });

  it('comes with a mapping that is one, over columns that it has', () => {
    expect(MappingSchema.safeParse(CUSTOMER_MAPPING).success).toBe(true);
    for (const { from } of CUSTOMER_MAPPING.fields) expect(FILE_COLUMNS).toContain(from.path);
  });

  it('comes with the attributes that the mapping needs and nobody has', () => {
    const known = STARTER_CATALOGUE.map(({ key }) => key);
    for (const attribute of FILE_ATTRIBUTES)
      expect(AttributeSchema.safeParse(attribute).success).toBe(true);
    const all = [...known, ...FILE_ATTRIBUTES.map(({ key }) => key)];
    for (const { to } of CUSTOMER_MAPPING.fields) expect(all).toContain(to);
  });
});
