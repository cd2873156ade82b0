import type { Condition } from '@throughline/domain/segments';
import { personCte, type Population } from './sql-events.js';
import { leafSql, type LeafScope } from './sql-leaf.js';
import { SqlParameters, type SqlQuery } from './sql-parameters.js';

/** Of whom a condition is asked, and when. */
export interface ConditionAt {
  readonly workspaceId: string;
  /** ms since epoch: windows end here */
  readonly now: number;
  /** only these; everybody where it is not given */
  readonly customers?: readonly string[];
}

/**
 * A condition tree as one statement that answers the ids (`customer_id`) of those who meet it: the second reader of the tree, held
 * equal to domain/segments `evaluate` by a property test. Set-based: each kind of event that the tree asks for is one pass over
 * the events, joined by person, so that it costs what the same question written by hand would.
 *
 * References to segments are answered by present memberships, as in the lane.
 */
export function compileCondition(condition: Condition, at: ConditionAt): SqlQuery {
  const parameters = new SqlParameters();
  return { text: membersSql(condition, at, parameters), values: parameters.values };
}

/** The same as a part of a larger statement: binds into the parameters of that. */
export function membersSql(
  condition: Condition,
  { workspaceId, now, customers }: ConditionAt,
  parameters: SqlParameters,
): string {
  const workspace = parameters.bind(workspaceId, 'uuid');
  const named = customers === undefined ? null : parameters.bind(customers, 'uuid[]');
  const population: Population = named === null ? 'everyone' : 'named';
  const sources = new Map<string, string>();
  const join = (source: string, owner: string): string => {
    const known = sources.get(source);
    if (known !== undefined) return known;
    const alias = `s${sources.size + 1}`;
    sources.set(source, alias);
    joins.push(`left join ${source} ${alias} on ${alias}.${owner} = c.customer_id`);
    return alias;
  };
  const joins: string[] = [];
  const predicate = treeSql(condition, { parameters, now, population, workspace, join });
  return `${named === null ? '' : `with ${personCte(named, workspace)} `}
    select c.customer_id from customer c ${joins.join('\n')}
     where c.workspace_id = ${workspace} and c.merged_into is null
       ${named === null ? '' : `and c.customer_id = any(${named})`} and (${predicate})`;
}

/** Never null: `not` of an unknown would be unknown, where the evaluator says true. */
function treeSql(condition: Condition, scope: LeafScope): string {
  if ('all' in condition) return joined(condition.all, ' and ', scope);
  if ('any' in condition) return joined(condition.any, ' or ', scope);
  if ('not' in condition) return `not ${treeSql(condition.not, scope)}`;
  return `((${leafSql(condition, scope)}) is true)`;
}

function joined(parts: readonly Condition[], word: ' and ' | ' or ', scope: LeafScope): string {
  if (parts.length === 0) return word === ' and ' ? '(true)' : '(false)';
  return `(${parts.map((part) => treeSql(part, scope)).join(word)})`;
}
