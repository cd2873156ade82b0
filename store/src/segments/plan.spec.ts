import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Condition } from '@throughline/domain/segments';
import { newId } from '../shared/index.js';
import { compileCondition } from './compile-condition.js';
import { openPeopleKit, type PeopleKit } from './testing/people-kit.js';

const NOW = Date.parse('2026-05-01T00:00:00Z');
const HOUR = 3_600_000;
const PEOPLE = 2_000;
const NAMES = ['Viewed', 'Ordered', 'Left'];

/** Every kind of test that looks at events. */
const CONDITIONS: readonly (readonly [string, Condition])[] = [
  ['a count', { event: 'Ordered', count: { gte: 3 } }],
  ['a filtered count', { event: 'Ordered', where: [{ property: 'total', op: 'gte', value: 50 }] }],
  ['a window', { event: 'Ordered', within: { hours: 6 }, count: { eq: 0 } }],
  ['a range', { event: 'Ordered', within: { between: ['2026-04-01', '2026-04-30'] } }],
  ['a first occurrence', { firstEvent: 'Viewed', op: 'olderThan', value: { hours: 5 } }],
  ['a last occurrence', { lastEvent: 'Viewed', op: 'before', value: '2026-04-30' }],
  [
    'an absence',
    {
      sequence: [
        { event: 'Viewed' },
        { event: 'Ordered', absent: true, within: { hours: 2 }, same: 'sku' },
      ],
    },
  ],
];

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Parent Relationship'?: string;
  readonly Plans?: readonly PlanNode[];
}

describe('the plan of a condition, as the role that reads', () => {
  let kit: PeopleKit;
  const ids = Array.from({ length: PEOPLE }, () => newId());
  const [ada = '', bob = ''] = ids;

  beforeAll(async () => {
    kit = await openPeopleKit();
    await kit.addPeople(
      ids.map((customerId, index) => ({
        customerId,
        traits: { plan: index % 2 === 0 ? 'pro' : 'free' },
        ...(index === 1 ? { mergedInto: ada } : {}),
      })),
    );
    await kit.addEvents(
      ids.flatMap((customerId, person) =>
        Array.from({ length: 15 }, (_, n) => ({
          customerId,
          name: NAMES[n % 3] ?? '',
          properties: { total: (person * n) % 100, sku: `s${n % 4}` },
          eventTime: NOW - n * HOUR,
        })),
      ),
    );
    await kit.addMembers('vip', ids.slice(0, 500));
    await kit.rows('analyze');
  });
  afterAll(() => kit.close());

  async function nodesOf(condition: Condition, customers?: readonly string[]): Promise<PlanNode[]> {
    const at = { workspaceId: kit.workspaceId, now: NOW, ...(customers ? { customers } : {}) };
    const { text, values } = compileCondition(condition, at);
    const { rows } = await kit.read((client) =>
      client.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
        `explain (format json) ${text}`,
        [...values],
      ),
    );
    const root = rows[0]?.['QUERY PLAN'][0]?.Plan;
    return root === undefined ? [] : flat(root);
  }

  const flat = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flat)];
  const onEvents = (nodes: readonly PlanNode[]): readonly PlanNode[] =>
    nodes.filter((node) => node['Relation Name']?.startsWith('event_') === true);

  it.each(CONDITIONS)('finds one person by index: %s', async (_, condition) => {
    const [filled] = await kit.rows<{ name: string }>(
      'select distinct tableoid::regclass::text as name from event',
    );
    // An empty partition has nothing to be found by index.
    const events = onEvents(await nodesOf(condition, [bob])).filter(
      (node) => node['Relation Name'] === filled?.name,
    );
    expect(events.length).toBeGreaterThan(0);
    for (const node of events) {
      expect(node['Node Type']).toMatch(/^(Index (Only )?Scan|Bitmap Heap Scan)$/);
    }
    const conditions = (await nodesOf(condition, [bob])).flatMap(
      (node) => node['Index Cond'] ?? [],
    );
    expect(conditions.join()).toMatch(/customer_id = p\w*\.id/);
    expect(conditions.join()).toContain('name =');
  });

  it.each(CONDITIONS)(
    'asks everybody in one pass, never person by person: %s',
    async (_, condition) => {
      const nodes = await nodesOf({
        all: [condition, { trait: 'plan', op: 'equals', value: 'pro' }, { segment: 'vip' }],
      });
      expect(nodes.filter((node) => node['Parent Relationship'] === 'SubPlan')).toEqual([]);
      const full = onEvents(nodes).filter((node) => node['Node Type'] === 'Seq Scan');
      expect(full.length).toBe(await partitions());
    },
  );

  async function partitions(): Promise<number> {
    const [row] = await kit.rows<{ count: number }>(
      `select count(*) from pg_inherits where inhparent = 'event'::regclass`,
    );
    return row?.count ?? 0;
  }

  it('asks for a kind of event once, however often a tree names it', async () => {
    const twice: Condition = {
      any: [{ event: 'Ordered', count: { eq: 2 } }, { not: { event: 'Ordered' } }],
    };
    expect(onEvents(await nodesOf(twice)).length).toBe(await partitions());
  });

  it('binds whatever a definition says, and says nothing of it in the text', () => {
    const hostile = `x' or 1=1; drop table customer; --`;
    const condition: Condition = {
      all: [
        { trait: hostile, op: 'equals', value: hostile },
        { trait: `a.${hostile}`, op: 'contains', value: hostile },
        { trait: 'a', op: 'in', value: [hostile] },
        { trait: 'a', op: 'startsWith', value: hostile },
        { segment: hostile },
        { event: hostile, where: [{ property: `${hostile}.0`, op: 'equals', value: hostile }] },
        { firstEvent: hostile, op: 'before', value: 1 },
        {
          sequence: [
            { event: hostile },
            { event: hostile, absent: true, within: 'PT1H', same: hostile },
          ],
        },
      ],
    };
    const { text, values } = compileCondition(condition, {
      workspaceId: kit.workspaceId,
      now: NOW,
    });
    expect(text).not.toContain('drop table');
    expect(text).not.toContain('1=1');
    expect(new Set(text.match(/\$\d+/g)).size).toBe(values.length);
    expect(JSON.stringify(values)).toContain('drop table');
  });

  it('names the workspace of every table it reads', async () => {
    for (const [, condition] of CONDITIONS) {
      const at = { workspaceId: kit.workspaceId, now: NOW };
      const tree: Condition = { all: [condition, { segment: 'vip' }] };
      for (const customers of [undefined, [ada]]) {
        const { text } = compileCondition(tree, { ...at, ...(customers ? { customers } : {}) });
        const tables = text.match(/\b(from|join) (customer|event|segment_membership)\b/g) ?? [];
        const named = text.match(/workspace_id = \$1::uuid/g) ?? [];
        expect(named.length).toBe(tables.length);
      }
    }
    const stranger = compileCondition(
      { trait: 'plan', op: 'exists' },
      { workspaceId: newId(), now: NOW },
    );
    const { rows } = await kit.read((client) => client.query(stranger.text, [...stranger.values]));
    expect(rows).toEqual([]);
  });
});
