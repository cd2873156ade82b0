import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ThroughlineError } from '@throughline/domain/shared';
import { found, IdParam, iso, isoOrNull, KeyParam, NewKeyParam, revisionOf } from './params.js';

function codeBy(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof ThroughlineError ? error.code : 'thrown by something else';
  }
}

const NO_KEYS = [
  '',
  'Vip',
  '-vip',
  '_vip',
  'v ip',
  'vip\n',
  'vip\u0000',
  'väp',
  '../vip',
  'a'.repeat(64),
  undefined,
  7,
  ['vip'],
];
const KEYS = ['a', '7', 'vip', 'vip-2_b', 'a'.repeat(63), '0-0'];

describe('an id in an address', () => {
  const pipe = new IdParam();

  it('is read in any case, and is one thing whichever case it comes in', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(pipe.transform(id.toUpperCase())).toBe(id);
        expect(pipe.transform(id)).toBe(id);
      }),
    );
  });

  it('that is none names nothing, like the id of another workspace', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(codeBy(() => pipe.transform(value))).toBe('not_found');
      }),
    );
  });

  it.each([
    ['{01890a5d-ac96-774b-bcce-b302099a8057}'],
    ['01890a5dac96774bbcceb302099a8057'],
    ['01890a5d-ac96-774b-bcce-b302099a8057\n'],
    [' 01890a5d-ac96-774b-bcce-b302099a8057'],
    ["01890a5d-ac96-774b-bcce-b302099a8057' or true"],
  ])('is written one way only: %j names nothing', (value) => {
    expect(codeBy(() => pipe.transform(value))).toBe('not_found');
  });
});

describe('a key in an address', () => {
  it.each(KEYS)('may be %s', (key) => {
    expect(new KeyParam().transform(key)).toBe(key);
    expect(new NewKeyParam().transform(key)).toBe(key);
  });

  it.each(NO_KEYS)('is not %j: it names nothing, and cannot be made', (value) => {
    expect(codeBy(() => new KeyParam().transform(value))).toBe('not_found');
    expect(codeBy(() => new NewKeyParam().transform(value))).toBe('invalid_request');
  });
});

describe('what is looked for', () => {
  it.each([[null], [undefined]])('and is %p is not there', (thing) => {
    expect(codeBy(() => found(thing))).toBe('not_found');
  });

  it.each([[0], [''], [false], [{}]])('is there even when it is %j', (thing) => {
    expect(found(thing)).toBe(thing);
  });
});

describe('a revision', () => {
  it('is every number that an ETag can say, with or without the mark of a weak one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (revision) => {
        expect(revisionOf(`"${revision}"`)).toBe(revision);
        expect(revisionOf(` W/"${revision}" `)).toBe(revision);
      }),
    );
  });

  it.each(['"1234567890"', '""', '"1.0"', '"0x1"', 'w/"1"', '"1";', '**'])(
    '%j is refused before it can be taken for another',
    (header) => {
      expect(codeBy(() => revisionOf(header))).toBe('invalid_request');
    },
  );
});

describe('an instant', () => {
  it('is written in UTC with milliseconds and read back as itself', () => {
    expect(iso(0)).toBe('1970-01-01T00:00:00.000Z');
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (ms) => {
        expect(Date.parse(iso(ms))).toBe(ms);
      }),
    );
  });

  it.each([[null], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY], [Number.NaN]])(
    'that is %p is left out rather than made up',
    (ms) => {
      expect(isoOrNull(ms)).toBeNull();
    },
  );
});
