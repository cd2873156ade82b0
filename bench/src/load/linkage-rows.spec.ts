import { describe, expect, it } from '@jest/globals';
import { LINKAGE_COLUMNS, linkageRows } from './linkage-rows.js';

describe('labelled rows', () => {
  const rows = linkageRows(4_000, 1);

  it('are as many as asked for, the same for a seed, with a value for every column', () => {
    expect(rows).toHaveLength(4_000);
    expect(linkageRows(4_000, 1)).toEqual(rows);
    expect(linkageRows(4_000, 2)).not.toEqual(rows);
    for (const { values } of rows) expect(values).toHaveLength(LINKAGE_COLUMNS.length);
  });

  it('hold people more than once, seldom written the same', () => {
    const people = new Map<string, string[]>();
    for (const { person, values } of rows)
      people.set(person, [...(people.get(person) ?? []), JSON.stringify(values)]);
    const several = [...people.values()].filter((written) => written.length > 1);
    expect(several.length / people.size).toBeGreaterThan(0.3);
    expect(several.length / people.size).toBeLessThan(0.5);
    const same = several.filter((written) => new Set(written).size === 1);
    expect(same.length / several.length).toBeLessThan(0.2);
  });

  it('do not stand beside each other because they are of one person', () => {
    const neighbours = rows.filter(({ person }, index) => rows[index + 1]?.person === person);
    expect(neighbours.length).toBeLessThan(20);
  });
});
