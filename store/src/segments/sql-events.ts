import type { PropertyFilter } from '@throughline/domain/segments';
import { testSql, type SqlScope } from './sql-operator.js';
import { propertySql } from './sql-path.js';
import { instantSql } from './sql-time.js';

/**
 * Events as conditions ask for them: a name, filters, a range of event times; with the person they belong to now. An event keeps
 * the owner it was applied to, so after a merge it counts for the survivor.
 */
export interface EventsWanted {
  readonly event: string;
  readonly where: readonly PropertyFilter[];
  readonly range: TimeRange;
}

/** Bounds of event times, ms since epoch. */
export interface TimeRange {
  readonly after?: number;
  readonly from?: number;
  readonly before?: number;
  readonly upTo?: number;
}

/** Whose events: everybody's in one pass over the table, or those of a few people (the CTE `person`) by index. */
export type Population = 'everyone' | 'named';

export interface EventScope extends SqlScope {
  readonly population: Population;
  /** the placeholder of the workspace */
  readonly workspace: string;
}

export const OWNERS: Readonly<Record<Population, string>> = {
  everyone: 'coalesce(a.merged_into, e.customer_id)',
  named: 'p.owner',
};

/** `from … where …` of the events wanted; the owner is `OWNERS[population]`, the event is `e`. */
export function eventsSql(wanted: EventsWanted, scope: EventScope): string {
  return `${fromSql(scope)} where ${ownSql(scope)} and ${kindSql(wanted, scope)}`;
}

/** Of several kinds in one pass: whichever they are, `kindSql` tells them apart. */
export function eitherSql(names: readonly string[], range: TimeRange, scope: EventScope): string {
  const named = `e.name = any(${scope.parameters.bind([...new Set(names)], 'text[]')})`;
  return `${fromSql(scope)} where ${[ownSql(scope), named, ...rangeSql(range, scope)].join(' and ')}`;
}

/** Whether `e` is an event of this kind. */
export function kindSql({ event, where, range }: EventsWanted, scope: EventScope): string {
  const { parameters } = scope;
  return [
    `e.name = ${parameters.bind(event, 'text')}`,
    ...rangeSql(range, scope),
    ...where.map(
      ({ property, op, value }) =>
        `(${testSql({ op, actual: propertySql(property, parameters), expected: value }, scope)})`,
    ),
  ].join(' and ');
}

function fromSql({ population, workspace }: EventScope): string {
  if (population === 'named') return 'from person p join event e on e.customer_id = p.id';
  return `from event e left join customer a on a.workspace_id = ${workspace} and a.customer_id = e.customer_id and a.merged_into is not null`;
}

function ownSql({ workspace }: EventScope): string {
  return `e.workspace_id = ${workspace}`;
}

function rangeSql({ after, from, before, upTo }: TimeRange, { parameters }: SqlScope): string[] {
  return [
    ...(after === undefined ? [] : [`e.event_time > ${instantSql(after, parameters)}`]),
    ...(from === undefined ? [] : [`e.event_time >= ${instantSql(from, parameters)}`]),
    ...(before === undefined ? [] : [`e.event_time < ${instantSql(before, parameters)}`]),
    ...(upTo === undefined ? [] : [`e.event_time <= ${instantSql(upTo, parameters)}`]),
  ];
}

/** The few people with everybody whom they took in. Materialised, so that the planner begins with them. */
export function personCte(customers: string, workspace: string): string {
  return `person as materialized (
    select customer_id as id, customer_id as owner from customer
     where workspace_id = ${workspace} and customer_id = any(${customers}) and merged_into is null
    union all
    select customer_id, merged_into from customer where workspace_id = ${workspace} and merged_into = any(${customers}))`;
}
