import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { listTraitNames, traitNames, traitsOfScore } from './written-traits.js';

const TOLD = { probability: 0.123456, percentile: 0.987, band: 'low', value: null };
const VALUE = {
  expected: 12.345678,
  nextOrderAt: Date.parse('2026-03-04T15:06:07Z'),
  rfm: '543',
  group: 'Loyal',
};

describe('the traits of a prediction', () => {
  it('begin with its key, as a word', () => {
    expect(listTraitNames({ key: 'will-leave', kind: 'churn' })).toEqual([
      'will_leave_probability',
      'will_leave_percentile',
      'will_leave_band',
    ]);
  });

  it('begin with its prefix where it has one', () => {
    expect(traitNames({ key: 'a', kind: 'propensity', prefix: 'buys' }).probability).toBe(
      'buys_probability',
    );
    expect(listTraitNames({ key: 'v', kind: 'value', prefix: 'eu' })).toContain(
      'eu_expected_next_order_at',
    );
  });

  it('of a value are bare where it has none', () => {
    expect(listTraitNames({ key: 'value', kind: 'value' })).toEqual([
      'value_probability',
      'value_percentile',
      'value_band',
      'expected_value',
      'expected_next_order_at',
      'rfm',
      'rfm_group',
    ]);
  });

  it('are rounded, so that a last digit that moves is no change', () => {
    expect(traitsOfScore({ key: 'churn', kind: 'churn' }, TOLD)).toEqual({
      churn_probability: 0.1235,
      churn_percentile: 0.99,
      churn_band: 'low',
    });
    expect(traitsOfScore({ key: 'value', kind: 'value' }, { ...TOLD, value: VALUE })).toMatchObject(
      {
        expected_value: 12.35,
        expected_next_order_at: '2026-03-04T00:00:00.000Z',
        rfm: '543',
        rfm_group: 'Loyal',
      },
    );
  });

  it('unset the next order where none is expected', () => {
    const value = { ...VALUE, nextOrderAt: null };
    const traits = traitsOfScore({ key: 'value', kind: 'value' }, { ...TOLD, value });
    expect(traits['expected_next_order_at']).toBeNull();
  });

  it('are exactly those that are listed', () => {
    const kinds = fc.constantFrom('value' as const, 'churn' as const, 'propensity' as const);
    const names = fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/);
    fc.assert(
      fc.property(
        kinds,
        names,
        fc.option(fc.stringMatching(/^[a-z][a-z0-9_]{0,9}$/)),
        (kind, key, prefix) => {
          const prediction = { kind, key, ...(prefix === null ? {} : { prefix }) };
          const told = { ...TOLD, value: kind === 'value' ? VALUE : null };
          expect(Object.keys(traitsOfScore(prediction, told)).sort()).toEqual(
            [...listTraitNames(prediction)].sort(),
          );
        },
      ),
    );
  });
});
