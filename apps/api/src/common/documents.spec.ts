import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { ThroughlineError, type ErrorCode, type Fault } from '@throughline/domain/shared';
import { asJson, namedBody, parseDocument } from './documents.js';

interface Refused {
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];
}

function refusalBy(work: () => unknown): Refused | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof ThroughlineError)) throw error;
    return { code: error.code, faults: error.faults };
  }
}

describe('a document', () => {
  const Steps = z.strictObject({
    start: z.string(),
    steps: z.record(z.string(), z.strictObject({ kind: z.enum(['delay', 'exit']) })),
    hours: z.number().default(4),
  });

  it('comes out parsed, with the defaults of its schema', () => {
    const parsed = parseDocument(Steps, { start: 'a', steps: { a: { kind: 'exit' } } });
    expect(parsed).toEqual({ start: 'a', steps: { a: { kind: 'exit' } }, hours: 4 });
  });

  it('is refused with every fault at once, each at its path', () => {
    const body = { start: 3, steps: { a: { kind: 'fly' }, b: { kind: 'exit', next: 'c' } } };
    const refused = refusalBy(() => parseDocument(Steps, body));
    expect(refused?.code).toBe('invalid_definition');
    expect(refused?.faults.map(({ path }) => path).sort()).toEqual([
      'start',
      'steps.a.kind',
      'steps.b',
    ]);
  });

  it.each([[null], [undefined], ['text'], [[]], [42]])('is not %p', (body) => {
    expect(refusalBy(() => parseDocument(Steps, body))).toMatchObject({
      code: 'invalid_definition',
      faults: [{ path: '' }],
    });
  });
});

describe('the body of a put', () => {
  it('takes the key of the address, said or not', () => {
    expect(namedBody('vip', { name: 'VIP' })).toEqual({ key: 'vip', name: 'VIP' });
    expect(namedBody('vip', { key: 'vip', name: 'VIP' })).toEqual({ key: 'vip', name: 'VIP' });
  });

  it('never names another key than the address', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.anything(), (key, own) => {
        const refused = refusalBy(() => namedBody(key, { key: own }));
        if (own === undefined || own === key) expect(refused).toBeUndefined();
        else expect(refused?.faults).toMatchObject([{ path: 'key', code: 'key_mismatch' }]);
      }),
    );
  });

  it('says no key by null: that is another key', () => {
    expect(refusalBy(() => namedBody('vip', { key: null }))?.faults).toMatchObject([
      { code: 'key_mismatch', message: 'the address says vip' },
    ]);
  });

  it.each([[null], [undefined], ['{}'], [[{ key: 'vip' }]], [7], [true]])(
    'is an object, not %p',
    (body) => {
      expect(refusalBy(() => namedBody('vip', body))).toEqual({
        code: 'invalid_definition',
        faults: [],
      });
    },
  );

  it('is left alone: what is stored is a copy', () => {
    const body = { name: 'VIP' };
    namedBody('vip', body);
    expect(body).toEqual({ name: 'VIP' });
  });
});

describe('a parsed value as JSON', () => {
  it('lacks what is undefined, at any depth', () => {
    const json = asJson({ a: undefined, b: { c: undefined, d: 1 }, e: [{ f: undefined }] });
    expect(json).toEqual({ b: { d: 1 }, e: [{}] });
    expect(Object.keys(json)).toEqual(['b', 'e']);
  });

  it('is what a reader of the stored text gets', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const stored: unknown = JSON.parse(JSON.stringify(value));
        expect(asJson(value)).toEqual(stored);
      }),
    );
  });
});
