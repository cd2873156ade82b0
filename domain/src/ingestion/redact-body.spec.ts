import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { namesPerson, textNames } from './named-person.js';
import { redactBody } from './redact-body.js';
import { splitBatch } from './split-batch.js';
import type { Endpoint } from './types.js';

const http = (body: string, endpoint: Endpoint | null = 'batch') =>
  ({ kind: 'http', endpoint, body }) as const;
const event = fc.record({ userId: fc.string(), properties: fc.jsonValue({ maxDepth: 2 }) });

describe('striking events out of a body', () => {
  it('keeps the places and the bytes of the others', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1 }), fc.func(fc.boolean()), (events, pick) => {
        const body = JSON.stringify({ batch: events, sentAt: 'x' }, null, 1);
        const isGone = (_text: string, ordinal: number): boolean => ordinal >= 0 && pick(ordinal);
        const gone = events.filter((_event, ordinal) => pick(ordinal)).length;
        const redacted = redactBody(http(body), isGone);
        expect(redacted.removed).toBe(gone);
        if (gone === events.length) {
          expect(redacted.body).toBeNull();
          return;
        }
        const before = splitBatch(body) ?? [];
        const after = splitBatch(redacted.body ?? '') ?? [];
        expect(after).toEqual(before.map((text, ordinal) => (pick(ordinal) ? 'null' : text)));
      }),
    );
  });

  it('leaves a body that nobody goes from as it was, byte by byte', () => {
    const body = '{ "batch" : [ {"n": 1e400}, {"n": 12345678901234567890} ], "context": {} }';
    expect(redactBody(http(body), () => false)).toEqual({ body, removed: 0 });
  });

  it('takes what a batch says for all of its events away where it names who goes', () => {
    const body = '{"batch":[{"a":1},{"b":2}],"context":{"traits":{"email":"ada@example.com"}}}';
    const redacted = redactBody(http(body), (text) => text.includes('ada@example.com'));
    expect(redacted.body).toBe('{"batch":[{"a":1},{"b":2}]}');
    expect(redacted.removed).toBe(1);
  });

  it('takes a single call, and a text that is no batch, whole', () => {
    expect(redactBody(http('{"userId":"a"}', 'track'), () => true)).toEqual({
      body: null,
      removed: 1,
    });
    expect(redactBody(http('not json', 'batch'), () => true).body).toBeNull();
    expect(redactBody(http('not json', 'batch'), () => false).body).toBe('not json');
  });

  it('takes our own events out of their list, and makes a command one without effect', () => {
    const list = { kind: 'internal', endpoint: null, body: '[{"c":"a"},{"c":"b"}]' } as const;
    expect(redactBody(list, (text) => text.includes('"a"')).body).toBe('[null,{"c":"b"}]');
    const command = { kind: 'command', endpoint: null, body: '{"kind":"merge"}' } as const;
    expect(redactBody(command, () => true).body).toBe('{"kind":"none"}');
    expect(redactBody({ ...command, kind: 'tick', body: null }, () => true).body).toBeNull();
  });
});

const ADA = {
  identifiers: [
    { type: 'email', value: 'ada@example.com' },
    { type: 'phone', value: '+15550100999' },
    { type: 'user_id', value: '42' },
    { type: 'anonymous_id', value: 'device-0123456789' },
  ],
  customerIds: ['0199a3c5-0000-7000-8000-000000000000'],
};

describe('naming a person', () => {
  const names = namesPerson(ADA);

  it.each([
    ['an address as it was written', { traits: { email: ' Ada@Example.COM ' } }],
    ['an address anywhere', { properties: { list: [{ note: 'ada@example.com' }] } }],
    ['a number in groups', { properties: { call: '+1 (555) 010-0999' } }],
    ['a short id where ids stand', { userId: '42' }],
    ['a short id that lost its quotes', { previousId: 42 }],
    ['a short id among external ones', { context: { externalIds: [{ id: '42', type: 'crm' }] } }],
    ['a long id anywhere', { properties: { seen: 'device-0123456789' } }],
    ['a profile', { customerId: ADA.customerIds[0] ?? '' }],
  ])('is %s', (_what, value) => {
    expect(names(value)).toBe(true);
  });

  it.each([
    ['a quantity', { properties: { quantity: 42, sku: '42' } }],
    ['the id of a product', { properties: { products: [{ id: '42' }] } }],
    ['another address that holds theirs', { traits: { email: 'nada@example.com' } }],
    ['nothing', undefined],
  ])('is not %s', (_what, value) => {
    expect(names(value)).toBe(false);
  });

  it('goes by columns that hold ids, where the caller knows of some', () => {
    const row = { kundennr: '42', menge: '7' };
    expect(names(row)).toBe(false);
    expect(namesPerson(ADA, ['Kundennr'])(row)).toBe(true);
    expect(namesPerson(ADA, ['menge'])(row)).toBe(false);
  });

  it('is seen in what is no JSON as well, and in JSON of any depth', () => {
    expect(textNames(ADA, names, '{"email": "ADA@example.com", ')).toBe(true);
    expect(textNames(ADA, names, 'quantity 42, ')).toBe(false);
    const deep = `${'['.repeat(50_000)}"ada@example.com"${']'.repeat(50_000)}`;
    expect(textNames(ADA, names, deep)).toBe(true);
    expect(textNames(ADA, names, '{"email":"\\u0061da@example.com"}')).toBe(true);
  });
});
