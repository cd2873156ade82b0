import type { MutableFacts } from '@throughline/domain/profiles';
import { compileSegments, countInto, type Condition } from '@throughline/domain/segments';
import type { JsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import { eventsSql, personCte, type EventsWanted } from './sql-events.js';
import { absenceWanted, wantedOf, type Leaf } from './sql-leaf.js';
import { SqlParameters } from './sql-parameters.js';

export interface Person {
  readonly workspaceId: string;
  readonly customerId: string;
}

const PAGE = 1_000;

/**
 * The facts of a condition that nobody has counted yet (a draft), counted out of the person's events by the code that counts live
 * ones. Reads events of the names that the condition asks for and no others, by index, page by page.
 */
export async function countPerson(
  client: Queryable,
  condition: Condition,
  { workspaceId, customerId }: Person,
): Promise<MutableFacts> {
  const facts: MutableFacts = {};
  const index = compileSegments([], [condition]);
  const names = [...eventNames(condition)].filter((name) => index.factsByEvent(name).length > 0);
  if (names.length === 0) return facts;
  let after: readonly [number, number] = [-1, 0];
  for (;;) {
    const { rows } = await client.query<CountedRow>({
      name: 'segment-person-events',
      text: PERSON_EVENTS,
      values: [workspaceId, customerId, names, ...after, PAGE],
    });
    for (const { name, properties, eventTime } of rows) {
      countInto(facts, index.factsByEvent(name), { name, properties: properties ?? {}, eventTime });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return facts;
    after = [last.position, last.ordinal];
  }
}

interface CountedRow {
  readonly position: number;
  readonly ordinal: number;
  readonly name: string;
  readonly eventTime: number;
  readonly properties: JsonObject | null;
}

const PERSON_EVENTS = `
  with ${personCte('array[$2::uuid]', '$1::uuid')}
  select e.position, e.ordinal, e.name, e.event_time as "eventTime", e.body -> 'properties' as properties
    from person p join event e on e.customer_id = p.id
   where e.workspace_id = $1::uuid and e.name = any($3::text[]) and (e.position, e.ordinal) > ($4::bigint, $5::int)
   order by e.position, e.ordinal limit $6::int`;

function eventNames(condition: Condition): ReadonlySet<string> {
  if ('all' in condition) return new Set(condition.all.flatMap((part) => [...eventNames(part)]));
  if ('any' in condition) return new Set(condition.any.flatMap((part) => [...eventNames(part)]));
  if ('not' in condition) return eventNames(condition.not);
  return new Set(eventsBehind(condition, 0).map(({ event }) => event));
}

export interface EventBehind {
  readonly position: number;
  readonly ordinal: number;
  readonly name: string;
  readonly at: number;
  readonly customerId: string;
}

/** The latest events that a test was decided by, newest first; empty for tests that look at no event. */
export async function readEventsBehind(
  client: Queryable,
  leaf: Leaf,
  {
    workspaceId,
    customerId,
    now,
    limit,
  }: Person & { readonly now: number; readonly limit: number },
): Promise<EventBehind[]> {
  const wanted = eventsBehind(leaf, now);
  if (wanted.length === 0) return [];
  const parameters = new SqlParameters();
  const workspace = parameters.bind(workspaceId, 'uuid');
  const person = personCte(parameters.bind([customerId], 'uuid[]'), workspace);
  const scope = { parameters, now, population: 'named', workspace } as const;
  const parts = wanted.map(
    (events) =>
      `select e.position, e.ordinal, e.name, e.event_time as at, e.customer_id as "customerId" ${eventsSql(events, scope)}`,
  );
  const { rows } = await client.query<EventBehind>(
    `with ${person} ${parts.join(' union ')} order by at desc, position desc, ordinal desc limit ${parameters.bind(limit, 'int')}`,
    [...parameters.values],
  );
  return rows;
}

function eventsBehind(leaf: Leaf, now: number): readonly EventsWanted[] {
  if ('trait' in leaf || 'segment' in leaf) return [];
  if ('event' in leaf) return [wantedOf(leaf, now)];
  if ('sequence' in leaf) {
    const { first, awaited } = absenceWanted(leaf, now);
    return [first, awaited];
  }
  return [
    {
      event: 'firstEvent' in leaf ? leaf.firstEvent : leaf.lastEvent,
      where: leaf.where ?? [],
      range: {},
    },
  ];
}
