import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseTime, type Json } from '@throughline/domain/shared';
import { openPeopleKit, type PeopleKit } from './testing/people-kit.js';

describe('instant_ms', () => {
  let kit: PeopleKit;

  beforeAll(async () => {
    kit = await openPeopleKit();
  });
  afterAll(() => kit.close());

  async function inDatabase(values: readonly Json[]): Promise<(number | null)[]> {
    const rows = await kit.rows<{ ms: number | null }>(
      `select instant_ms(value) as ms from jsonb_array_elements($1::jsonb) with ordinality as one(value, place) order by place`,
      [JSON.stringify(values)],
    );
    return rows.map(({ ms }) => ms);
  }

  const expectSame = async (values: readonly Json[]): Promise<void> => {
    // Adding nothing makes 0 of -0, which jsonb has not.
    const expected = values.map((value) => {
      const ms = parseTime(value);
      return ms === undefined ? null : ms + 0;
    });
    expect(await inDatabase(values)).toEqual(expected);
  };

  it('reads what parseTime reads and refuses what it refuses', () =>
    expectSame([
      '2026-01-31',
      '2026-01-31T12:00:00Z',
      '2026-01-31t12:00z',
      '2026-01-31 12:00:00.5',
      '2026-01-31T12:00:00,123456789+05:30',
      '2026-01-31T12:00:00-0930',
      '2026-02-29',
      '2024-02-29T23:59:60Z',
      '1900-02-29',
      '2000-02-29',
      '2026-04-31',
      '2026-13-01',
      '2026-00-10',
      '2026-01-00',
      '2026-01-31T24:00:00Z',
      '2026-01-31T12:60:00Z',
      '2026-01-31T12:00:61Z',
      '2026-01-31T12:00:00+24:00',
      '2026-01-31T12:00:00+23:60',
      '2026-01-31T12:00:00.1234567890Z',
      '2026-01-31\n',
      ' 2026-01-31',
      '٢٠٢٦-٠١-٣١',
      '0000-12-31T23:00:00-02:00',
      '0000-02-28',
      '0001-01-01',
      '0001-01-01T00:00:00+00:01',
      '9999-12-31T23:59:59.999Z',
      '9999-12-31T23:59:59-00:01',
      '',
      '1',
      'Tuesday',
      1_770_000_000_000,
      1_770_000_000_000.9,
      -0.5,
      253_402_300_799_999,
      253_402_300_800_000,
      -62_135_596_800_000,
      -62_135_596_800_001,
      1e300,
      true,
      null,
      [],
      {},
      ['2026-01-31'],
    ]));

  it('does so for any text that looks like an instant', async () => {
    const part = (max: number, width: number): fc.Arbitrary<string> =>
      fc.nat({ max }).map((n) => String(n).padStart(width, '0'));
    const zone = fc.oneof(
      fc.constantFrom('', 'Z', 'z', '+0000'),
      fc
        .tuple(fc.constantFrom('+', '-'), part(25, 2), fc.constantFrom(':', ''), part(61, 2))
        .map((p) => p.join('')),
    );
    const text = fc
      .tuple(
        part(9_999, 4),
        part(13, 2),
        part(32, 2),
        part(24, 2),
        part(60, 2),
        part(61, 2),
        part(99_999, 1),
        zone,
      )
      .map(([y, mo, d, h, mi, s, f, z]) => `${y}-${mo}-${d}T${h}:${mi}:${s}.${f}${z}`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            text,
            text.map((t) => t.slice(0, 10)),
            text.map((t) => t.slice(0, 16)),
          ),
          { minLength: 50, maxLength: 50 },
        ),
        expectSame,
      ),
      { numRuns: 20 },
    );
  });
});
