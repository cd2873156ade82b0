import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../shared/index.js';
import { fill, settle } from './fill.js';
import type { Parameter } from './types.js';

const parameter = (kind: Parameter['kind'], value: string | number): Parameter => ({
  title: 'T',
  kind,
  default: value,
});

describe('settings', () => {
  const parameters = {
    wait: parameter('duration', 'PT4H'),
    share: parameter('number', 10),
    shop: parameter('text', 'Our shop'),
    pool: parameter('key', 'cart10'),
    at: parameter('time', '09:00'),
  };

  it('are the defaults where nothing else is said', () => {
    expect(settle(parameters, {})).toEqual({
      ok: true,
      value: { wait: 'PT4H', share: 10, shop: 'Our shop', pool: 'cart10', at: '09:00' },
    });
  });

  it('are read from words as from numbers', () => {
    expect(settle(parameters, { share: '0', wait: ' P3D ' })).toMatchObject({
      value: { share: 0, wait: 'P3D' },
    });
  });

  it.each([
    ['wait', 'soon'],
    ['share', 'much'],
    ['share', ''],
    ['share', -1],
    ['shop', '<b>'],
    ['shop', '{{ traits.email }}'],
    ['shop', '{% if %}'],
    ['shop', 'a"b'],
    ['shop', 'a\nb'],
    ['shop', ''],
    ['pool', 'Not A Key'],
    ['at', '25:00'],
    ['at', '9:00'],
  ])('refuse %s = %j', (name, value) => {
    expect(settle(parameters, { [name]: value })).toMatchObject({
      ok: false,
      fault: [{ path: name, code: 'bad_parameter' }],
    });
  });

  it('refuse what no parameter is called, and tell all mistakes at once', () => {
    const settled = settle(parameters, { colour: 'red', constructor: 'x', at: 'x' });
    expect(settled).toMatchObject({
      fault: [
        { path: 'colour', code: 'unknown_parameter' },
        { path: 'constructor', code: 'unknown_parameter' },
        { path: 'at', code: 'bad_parameter' },
      ],
    });
  });
});

describe('holes', () => {
  const settings = { wait: 'PT1H', share: 5, shop: 'Ada & Sons' };

  it('are filled whole with the value of its type, and in texts with its words', () => {
    const document = { a: { $set: 'share' }, b: ['x [[shop]] [[share]]', { $set: 'wait' }] };
    expect(fill(document, settings)).toEqual({
      ok: true,
      value: { a: 5, b: ['x Ada & Sons 5', 'PT1H'] },
    });
  });

  it('that no parameter fills are told with their path', () => {
    const document = { a: [{ $set: 'nothing' }], b: '[[nobody]]', c: '[[toString]]' };
    expect(fill(document, settings)).toMatchObject({
      ok: false,
      fault: [{ path: 'a.0' }, { path: 'b' }, { path: 'c' }],
    });
  });

  it('are what they are only alone: other objects keep their $set', () => {
    const document = { $set: 'wait', more: 1 };
    expect(fill(document, settings)).toEqual({ ok: true, value: document });
  });

  it('are all there is to a document: without one it stays as it is', () => {
    const leaf = fc.oneof(
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('', 'a', '[b]', '{{ c }}'),
    );
    const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value')),
        fc.dictionary(fc.constantFrom('a', 'b', '$path'), tie('value')).map((one) => ({ ...one })),
      ),
    })).value;
    fc.assert(
      fc.property(json, (document) => {
        expect(fill(document, settings)).toEqual({ ok: true, value: document });
      }),
    );
  });

  it('are never filled twice: a value is no document', () => {
    expect(fill('[[a]]', { a: '[[b]]', b: 'x' })).toEqual({ ok: true, value: '[[b]]' });
  });
});
