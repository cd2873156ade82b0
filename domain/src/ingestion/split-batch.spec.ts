import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isJsonList, isJsonObject, parseJson, type Json } from '../shared/index.js';
import { splitBatch } from './split-batch.js';

/** JSON as some sender might print it: any white space, any escapes. */
function printed(value: Json, spaces: readonly string[], at = { index: 0 }): string {
  const gap = () => spaces[at.index++ % spaces.length] ?? '';
  if (isJsonList(value)) {
    return `[${gap()}${value.map((item) => printed(item, spaces, at)).join(`${gap()},${gap()}`)}${gap()}]`;
  }
  if (isJsonObject(value)) {
    const pairs = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}${gap()}:${gap()}${printed(item, spaces, at)}`,
    );
    return `{${gap()}${pairs.join(`${gap()},${gap()}`)}${gap()}}`;
  }
  return JSON.stringify(value);
}

describe('splitBatch', () => {
  it('cuts each element exactly as it was written', () => {
    const text =
      ' {"sentAt" : "x", "batch" :\n[ {"a": 12345678901234567890 } ,"s\\"]",\t[1,[2]], null,1e400 ] , "z":[9]}';
    expect(splitBatch(text)).toEqual([
      '{"a": 12345678901234567890 }',
      '"s\\"]"',
      '[1,[2]]',
      'null',
      '1e400',
    ]);
  });

  it.each<[string, string, readonly string[] | null]>([
    ['an empty batch', '{"batch":[]}', []],
    ['an empty batch with space', '{"batch": [ ]}', []],
    ['no batch', '{"a":1}', null],
    ['an empty object', '{}', null],
    ['a batch that is no list', '{"batch":{"a":[1]}}', null],
    ['a batch deeper down', '{"a":{"batch":[1]}}', null],
    ['a list at the top', '[{"batch":[1]}]', null],
    ['a batch in a string', '{"a":"\\"batch\\":[1]"}', null],
    ['an escaped key', '{"\\u0062atch":[1,2]}', ['1', '2']],
    ['the last of repeated keys', '{"batch":[1],"batch":[2,3]}', ['2', '3']],
    ['a repeated key that is no list', '{"batch":[1],"batch":2}', null],
    ['backslashes before quotes', '{"batch":["\\\\","\\\\\\"",1]}', ['"\\\\"', '"\\\\\\""', '1']],
    ['brackets in strings', '{"x":"]}","batch":["[{",{"}":"]"}]}', ['"[{"', '{"}":"]"}']],
    ['nothing at all', '', null],
    ['a body cut off', '{"batch":[{"a":1},{"b":', ['{"a":1}', '{"b":']],
  ])('%s', (_label, text, expected) => {
    expect(splitBatch(text)).toEqual(expected);
  });

  it('survives 200,000 levels', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(splitBatch(`{"x":${deep},"batch":[1,${deep},{"a":2}]}`)).toEqual(['1', deep, '{"a":2}']);
    const open = '{"a":'.repeat(200_000);
    expect(splitBatch(`{"batch":[${open}`)).toEqual([open]);
  });

  it('agrees with the parser on any batch, however it is printed', () => {
    const space = fc.array(fc.constantFrom('', ' ', '\n', '\t\r '), { minLength: 1, maxLength: 7 });
    const json = fc
      .jsonValue({ maxDepth: 4, stringUnit: 'binary' })
      .map((value) => parseJson(JSON.stringify(value)) ?? null);
    const body = fc.tuple(fc.dictionary(fc.string(), json, { maxKeys: 3 }), fc.array(json), space);
    fc.assert(
      fc.property(body, ([around, batch, spaces]) => {
        const pieces = splitBatch(printed({ ...around, batch, last: 1 }, spaces));
        expect(pieces?.map(parseJson)).toEqual(
          batch.map((item) => parseJson(JSON.stringify(item))),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('ends on any text at all', () => {
    const noise = fc.array(
      fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'batch', '"batch"', ' ', '1'),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(noise, (parts) => {
        const text = parts.join('');
        for (const piece of splitBatch(text) ?? []) expect(text.includes(piece)).toBe(true);
        for (const piece of splitBatch(`{"batch":[${text}`) ?? [])
          expect(piece.length).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });
});
