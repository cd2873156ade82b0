import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Agenda } from './agenda.js';

describe('the agenda', () => {
  it('gives its items back by time, and equal times in the order of adding', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (times) => {
        const agenda = new Agenda<number>();
        times.forEach((at, index) => {
          agenda.add(at, index);
        });
        const sorted = times
          .map((at, index) => ({ at, index }))
          .sort((a, b) => a.at - b.at || a.index - b.index);
        for (const { at, index } of sorted) {
          expect(agenda.nextAt()).toBe(at);
          expect(agenda.take()).toMatchObject({ at, item: index });
        }
        expect(agenda.take()).toBeUndefined();
        expect(agenda.nextAt()).toBe(Infinity);
      }),
    );
  });

  it('takes what is added while it is emptied', () => {
    const agenda = new Agenda<string>();
    agenda.add(5, 'late');
    agenda.add(1, 'early');
    expect(agenda.take()?.item).toBe('early');
    agenda.add(3, 'between');
    expect(agenda.take()?.item).toBe('between');
    expect(agenda.take()?.item).toBe('late');
  });
});
