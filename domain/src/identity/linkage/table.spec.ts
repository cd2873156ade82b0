import { describe, expect, it } from '@jest/globals';
import { TableBuilder } from './table.js';

describe('TableBuilder', () => {
  it('numbers values that are the same once they are clean', () => {
    const builder = new TableBuilder(['first name', 'born']);
    builder.add(['Ada', '24.6.1971']);
    builder.add([' ADA ', '1971-06-24']);
    builder.add(['', null]);
    builder.add(['Grace']);
    const table = builder.build({ born: 'date' });
    expect(table.rows).toBe(4);
    expect(table.columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['first name', 'given_name'],
      ['born', 'date'],
    ]);
    const [first, born] = table.columns;
    expect([...(first?.codes ?? [])]).toEqual([0, 0, -1, 1]);
    expect(first?.values).toEqual(['ada', 'grace']);
    expect([...(first?.counts ?? [])]).toEqual([2, 1]);
    expect(first?.present).toBe(3);
    expect([...(born?.codes ?? [])]).toEqual([0, 0, -1, -1]);
  });

  it('takes columns that turn up late', () => {
    const builder = new TableBuilder();
    builder.addRecord({ email: 'ada@example.com' });
    builder.addRecord({ phone: '030 1234567' });
    builder.addRecord({ email: 'ADA@example.com', phone: '+49301234567' });
    expect(builder.names()).toEqual(['email', 'phone']);
    const { columns } = builder.build({ email: 'email', phone: 'phone' });
    expect(columns.map(({ codes }) => [...codes])).toEqual([
      [0, -1, 0],
      [-1, 0, 0],
    ]);
  });

  it('parts a whole name, and leaves it out where its parts are there', () => {
    const whole = new TableBuilder(['name']);
    whole.add(['Dr. Ada Lovelace']);
    whole.add(['Lovelace, Ada']);
    whole.add(['Ada']);
    const parts = whole.build().columns;
    expect(parts.map(({ name, kind }) => [name, kind])).toEqual([
      ['name (given)', 'given_name'],
      ['name (family)', 'family_name'],
    ]);
    expect(parts.map(({ codes }) => [...codes])).toEqual([
      [0, 0, 0],
      [0, 0, -1],
    ]);
    const all = new TableBuilder(['name', 'first name', 'last name']);
    all.add(['Ada Lovelace', 'Ada', 'Lovelace']);
    expect(all.build().columns.map(({ name }) => name)).toEqual(['first name', 'last name']);
  });

  it('grows beyond its first room', () => {
    const builder = new TableBuilder(['name']);
    for (let row = 0; row < 5_000; row += 1) builder.add([`name ${row % 700}`]);
    const [column] = builder.build({ name: 'text' }).columns;
    expect(column?.codes).toHaveLength(5_000);
    expect(column?.values).toHaveLength(700);
    expect(column?.codes[4_999]).toBe(4_999 % 700);
  });

  it('leaves out what it is told to leave out', () => {
    const builder = new TableBuilder(['first name', 'notes']);
    builder.add(['Ada', 'x']);
    expect(builder.build({ notes: 'ignore' }).columns).toHaveLength(1);
    expect(new TableBuilder().build()).toEqual({ rows: 0, columns: [] });
  });
});
