import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../shared/index.js';
import { conform } from './conform.js';
import { STARTER_CATALOGUE } from './starter-catalogue.js';
import { arbitraryValue } from './testing/rows.js';
import type { MappingCode } from './mapping-code.js';
import type { Attribute, AttributeRole, AttributeType } from './types.js';

const AROUND = { zone: 'Europe/Berlin', country: 'DE' };

function attribute(
  type: AttributeType,
  role: AttributeRole = { kind: 'trait', trait: 'x' },
): Attribute {
  return { key: 'x', label: 'X', type, role, sensitivity: 'none' };
}

const IDENTIFIER: AttributeRole = { kind: 'identifier', identifier: 'card' };
const CONSENT: AttributeRole = { kind: 'consent', purpose: 'marketing', channel: '*' };

describe('conform', () => {
  it.each<[AttributeType, Json, Json]>([
    ['text', ' a ', 'a'],
    ['text', 12, '12'],
    ['number', '1.5', 1.5],
    ['money', '€ 3', 3],
    ['integer', '3', 3],
    ['boolean', 'nein', false],
    ['date', '1.2.1990', '1990-02-01'],
    ['time', '2026-07-01 12:00', '2026-07-01T10:00:00.000Z'],
    ['email', 'A@X.test', 'a@x.test'],
    ['phone', '030 123456', '+4930123456'],
    ['country', 'DEU', 'DE'],
    ['list', [1], [1]],
  ])('brings %s %j to the form %j', (type, value, expected) => {
    expect(conform(value, attribute(type), AROUND)).toEqual({ ok: true, value: expected });
  });

  it.each<[AttributeType, Json, MappingCode]>([
    ['text', {}, 'not_text'],
    ['number', '1,5', 'not_a_number'],
    ['money', true, 'not_a_number'],
    ['integer', 1.5, 'not_an_integer'],
    ['boolean', 'so so', 'not_a_boolean'],
    ['date', '02/01/1990', 'not_a_date'],
    ['time', 5, 'not_a_time'],
    ['email', 'a@x', 'invalid_email'],
    ['phone', 'x', 'invalid_phone'],
    ['country', 'Atlantis', 'invalid_country'],
    ['list', 'a,b', 'not_a_list'],
  ])('finds that for %s %j is %s', (type, value, code) => {
    expect(conform(value, attribute(type), AROUND)).toMatchObject({ ok: false, code });
  });

  it('goes by the role where the type alone would let too much pass', () => {
    const time = attribute('text', { kind: 'eventTime' });
    expect(conform('soon', time, AROUND)).toMatchObject({ code: 'not_a_time' });
    expect(conform('opt-out', attribute('boolean', CONSENT), AROUND)).toMatchObject({
      value: 'revoked',
    });
    expect(conform('whatever', attribute('text', CONSENT), AROUND)).toMatchObject({
      code: 'invalid_consent',
    });
  });

  it.each<[AttributeRole]>([[IDENTIFIER], [{ kind: 'eventName' }], [{ kind: 'messageId' }]])(
    'keeps what becomes a key of an index short: %j',
    (role) => {
      const long = 'x'.repeat(256);
      expect(conform(long, attribute('text', role), AROUND)).toMatchObject({ code: 'too_long' });
      expect(conform(long.slice(1), attribute('text', role), AROUND).ok).toBe(true);
    },
  );

  it('leaves what has its form already as it is', () => {
    fc.assert(
      fc.property(arbitraryValue, fc.constantFrom(...STARTER_CATALOGUE), (value, wanted) => {
        const once = conform(value, wanted, AROUND);
        if (!once.ok || once.value === undefined) return;
        expect(conform(once.value, wanted, AROUND)).toEqual(once);
      }),
      { numRuns: 500 },
    );
  });
});
