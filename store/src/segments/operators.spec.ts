import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isMember, type Condition, type TraitOperator } from '@throughline/domain/segments';
import type { Json, JsonObject } from '@throughline/domain/shared';
import { newId } from '../shared/index.js';
import { compileCondition } from './compile-condition.js';
import { openPeopleKit, type PeopleKit } from './testing/people-kit.js';

const NOW = Date.parse('2026-05-01T00:00:00Z');
const HOUR = 3_600_000;

/** What may stand in a trait or property: every type, the edges of each, and what looks like another. */
const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -0.5,
  1,
  1.5,
  1e21,
  1e-7,
  Number.MAX_SAFE_INTEGER,
  0.1,
  '',
  ' ',
  '1',
  'true',
  'null',
  'a',
  'A',
  'ab',
  'ba',
  'a%b_c',
  '%',
  'ä',
  'a\u0308',
  '😀x',
  '2026-04-30T23:00:00Z',
  '2026-05-01',
  '2026-05-01T00:00:00.001Z',
  '2026-02-30',
  NOW,
  NOW - HOUR,
  NOW + HOUR,
  NOW + 0.9,
  [],
  [null],
  ['a'],
  ['a', 'b'],
  [1, '1'],
  [['a']],
  [{ a: 1 }],
  {},
  { a: 1 },
  { a: 1, b: [2] },
];
const LISTS: readonly Json[] = [[], [1, 'a', true], [null], [['a'], { a: 1 }], VALUES.slice()];
const LENGTHS: readonly Json[] = ['PT1H', { hours: 0 }, { days: 1 }, { weeks: 9_000_000 }];

const EXPECTED: Readonly<Record<TraitOperator, readonly (Json | undefined)[]>> = {
  exists: [undefined],
  notExists: [undefined],
  equals: VALUES,
  notEquals: VALUES,
  in: LISTS,
  notIn: LISTS,
  contains: VALUES,
  startsWith: VALUES,
  endsWith: VALUES,
  gt: VALUES,
  gte: VALUES,
  lt: VALUES,
  lte: VALUES,
  before: VALUES,
  after: VALUES,
  withinLast: LENGTHS,
  olderThan: LENGTHS,
  withinNext: LENGTHS,
};
const CLOCK_OPERATORS = new Set<string>(['withinLast', 'olderThan', 'withinNext']);

const DEEP: JsonObject = {
  'a.b': 'whole name',
  a: { b: 'inner', '0': 'key', '': 'empty', '-1': 'minus' },
  list: ['zero', ['one.zero'], { k: 'two.k' }],
  gone: null,
  'gone.b': null,
  '': 'nameless',
  ' ': { ' ': 'blank' },
};
const PATHS = [
  ...[
    'a',
    'a.b',
    'a.0',
    'a.',
    'a.-1',
    'a.c',
    'a.b.c',
    '.',
    '',
    '.a',
    ' . ',
    'gone',
    'gone.b',
    'gone.c',
  ],
  ...[
    'list',
    'list.0',
    'list.00',
    'list.-1',
    'list.+1',
    'list. 1',
    'list.1.0',
    'list.2.k',
    'list.3',
    'list.9999999999',
  ],
  ...['list.0.0', 'toString', 'a.toString', '__proto__', 'constructor.name'],
];

describe('every operator means in SQL what it means to the evaluator', () => {
  let kit: PeopleKit;
  const people = [...VALUES.map((value): JsonObject => ({ x: value })), {}, DEEP].map((values) => ({
    customerId: newId(),
    values,
  }));

  beforeAll(async () => {
    kit = await openPeopleKit();
    await kit.addPeople(people.map(({ customerId, values }) => ({ customerId, traits: values })));
    await kit.addEvents(
      people.map(({ customerId, values }) => ({
        customerId,
        name: 'Seen',
        properties: values,
        eventTime: NOW,
      })),
    );
  });
  afterAll(() => kit.close());

  async function selected(condition: Condition): Promise<JsonObject[]> {
    const { text, values } = compileCondition(condition, {
      workspaceId: kit.workspaceId,
      now: NOW,
    });
    const { rows } = await kit.read((client) =>
      client.query<{ customer_id: string }>(text, [...values]),
    );
    const ids = new Set(rows.map((row) => row.customer_id));
    return people.filter(({ customerId }) => ids.has(customerId)).map(({ values: own }) => own);
  }

  const evaluated = (condition: Condition): JsonObject[] =>
    people
      .map(({ values }) => values)
      .filter((values) => {
        const traits = Object.fromEntries(
          Object.entries(values).map(([name, v]) => [name, { v, t: 0, p: 1, o: 0, s: null }]),
        );
        return isMember(condition, { traits, facts: {}, segments: new Set() }, NOW);
      });

  const operators: TraitOperator[] = [];
  for (const op in EXPECTED) if (isOperator(op)) operators.push(op);

  it.each(operators)('%s', async (op) => {
    for (const expected of EXPECTED[op]) {
      const test = expected === undefined ? { op } : { op, value: expected };
      const asTrait: Condition = { trait: 'x', ...test };
      const want = evaluated(asTrait);
      expect([expected, await selected(asTrait)]).toEqual([expected, want]);
      expect([expected, await selected({ not: asTrait })]).toEqual([
        expected,
        evaluated({ not: asTrait }),
      ]);
      if (isFilter(test)) {
        const asProperty: Condition = { event: 'Seen', where: [{ property: 'x', ...test }] };
        expect([expected, await selected(asProperty)]).toEqual([expected, want]);
      }
    }
  });

  it.each(PATHS)('the path %j', async (path) => {
    const test = { op: 'exists' } as const;
    expect(await selected({ trait: path, ...test })).toEqual(evaluated({ trait: path, ...test }));
    const known: Condition = {
      trait: path,
      op: 'in',
      value: ['whole name', 'inner', 'zero', 'key', 'blank', 'one.zero'],
    };
    expect(await selected(known)).toEqual(evaluated(known));
  });

  it.each([
    ['list.1.0', 'one.zero'],
    ['a.b', 'inner'],
    ['a.-1', 'minus'],
    ['', 'nameless'],
  ])('a property has no name with dots: %j leads to %j', async (property, value) => {
    const condition: Condition = { event: 'Seen', where: [{ property, op: 'equals', value }] };
    expect(await selected(condition)).toEqual([DEEP]);
  });

  it('is true of everybody who has none of it, and of nobody who is not in it', async () => {
    const [first] = people;
    await kit.addMembers('vip', [first?.customerId ?? '']);
    expect(await selected({ segment: 'vip' })).toEqual([first?.values]);
    expect(await selected({ segment: 'nobody-is-in-it' })).toEqual([]);
    expect(await selected({ not: { segment: 'vip' } })).toHaveLength(people.length - 1);
    expect(await selected({ event: 'Never', count: { eq: 0 } })).toHaveLength(people.length);
    expect(await selected({ all: [] })).toHaveLength(people.length);
    expect(await selected({ any: [] })).toEqual([]);
  });

  it('reaches beyond what a date can hold', async () => {
    const ever: Condition = { event: 'Seen', within: { weeks: 9_000_000 } };
    expect(await selected(ever)).toHaveLength(people.length);
    expect(
      await selected({ lastEvent: 'Seen', op: 'olderThan', value: { weeks: 9_000_000 } }),
    ).toEqual([]);
  });
});

type Filter = {
  readonly op: Exclude<TraitOperator, 'withinLast' | 'olderThan' | 'withinNext'>;
  readonly value?: Json;
};

function isFilter(test: { readonly op: TraitOperator; readonly value?: Json }): test is Filter {
  return !CLOCK_OPERATORS.has(test.op);
}

function isOperator(name: string): name is TraitOperator {
  return Object.hasOwn(EXPECTED, name);
}
