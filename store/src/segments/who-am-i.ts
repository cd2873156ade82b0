import {
  describe,
  evaluate,
  type Condition,
  type CustomerFacts,
} from '@throughline/domain/segments';
import { traitValue } from '@throughline/domain/profiles';
import type { Json } from '@throughline/domain/shared';
import { readCustomer } from '../profiles/index.js';
import type { Queryable } from '../shared/index.js';
import { readMemberships } from './memberships.js';
import { countPerson, readEventsBehind, type EventBehind } from './person-events.js';
import type { Leaf } from './sql-leaf.js';

/** One person against a condition, test by test. */
export interface WhoAmI {
  /** the survivor, whichever id was asked for */
  readonly customerId: string;
  readonly member: boolean;
  /** when the answer can next change by itself, ms since epoch; may be early, never late */
  readonly nextChangeAt: number | null;
  readonly tests: readonly TestOutcome[];
}

export interface TestOutcome {
  /** where the test stands in the tree: `all.0.not` */
  readonly path: string;
  readonly sentence: string;
  readonly holds: boolean;
  /** the sentence with what was found */
  readonly because: string;
  readonly nextChangeAt: number | null;
  /** of a test of a trait: its value, null where it is not known */
  readonly value?: Json;
  /** the latest events that decided, newest first */
  readonly events: readonly EventBehind[];
}

const EVENTS_SHOWN = 5;

/**
 * Answers by the evaluator that the lane runs, over facts counted anew from the events: so it holds for a draft, and shows a
 * state row that has gone wrong. Null where there is no such person.
 */
export async function whoAmI(
  client: Queryable,
  condition: Condition,
  asked: { readonly workspaceId: string; readonly customerId: string; readonly now: number },
): Promise<WhoAmI | null> {
  const { workspaceId, now } = asked;
  const customer = await readCustomer(client, workspaceId, asked.customerId);
  if (customer === null) return null;
  const person = { workspaceId, customerId: customer.customerId };
  const memberships = await readMemberships(client, workspaceId, person.customerId);
  const view: CustomerFacts = {
    traits: customer.traits,
    facts: await countPerson(client, condition, person),
    segments: new Set(memberships.map(({ segment }) => segment)),
  };
  const tests: TestOutcome[] = [];
  for (const { path, leaf } of leavesAt(condition, '')) {
    const events = await readEventsBehind(client, leaf, { ...person, now, limit: EVENTS_SHOWN });
    tests.push({ path, ...outcomeOf(leaf, view, now), events });
  }
  const { member, nextChangeAt } = evaluate(condition, view, now);
  return { customerId: person.customerId, member, nextChangeAt, tests };
}

function outcomeOf(
  leaf: Leaf,
  view: CustomerFacts,
  now: number,
): Omit<TestOutcome, 'path' | 'events'> {
  const { member, because, nextChangeAt } = evaluate(leaf, view, now);
  const value = 'trait' in leaf ? { value: traitValue(view.traits, leaf.trait) ?? null } : {};
  const sentence = describe(leaf);
  return { sentence, holds: member, because: because.join('; '), nextChangeAt, ...value };
}

interface Placed {
  readonly path: string;
  readonly leaf: Leaf;
}

function leavesAt(condition: Condition, path: string): Placed[] {
  const at = (step: string): string => (path === '' ? step : `${path}.${step}`);
  if ('all' in condition) return condition.all.flatMap((part, i) => leavesAt(part, at(`all.${i}`)));
  if ('any' in condition) return condition.any.flatMap((part, i) => leavesAt(part, at(`any.${i}`)));
  if ('not' in condition) return leavesAt(condition.not, at('not'));
  return [{ path, leaf: condition }];
}
