import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { groupPlaces } from './group-places.js';

describe('grouping', () => {
  it('keeps the order of groups and of the items in them', () => {
    const groups = groupPlaces(['b1', 'a1', 'b2'], (item) => item.slice(0, 1));
    expect([...groups]).toEqual([
      ['b', [0, 2]],
      ['a', [1]],
    ]);
  });

  it('leaves out what belongs nowhere', () => {
    expect([...groupPlaces([1, 2], () => undefined)]).toEqual([]);
  });

  it('puts every place into exactly one group', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'constructor')), (items) => {
        const places = [...groupPlaces(items, (item) => item).values()].flat();
        expect(places.sort((one, other) => one - other)).toEqual([...items.keys()]);
      }),
    );
  });
});
