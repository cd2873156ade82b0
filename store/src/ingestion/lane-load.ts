import type { Consent, ConsentState } from '@throughline/domain/consent';
import type { Subscription, TriggerContext } from '@throughline/domain/journeys';
import type { MutableFacts, Traits } from '@throughline/domain/profiles';
import type { Queryable } from '../shared/index.js';
import type {
  CustomerWork,
  EnrolmentWork,
  Membership,
  ResolvedEvent,
  WaitWork,
} from './lane-work.js';

export interface LoadOptions {
  readonly workspaceId: string;
  readonly known: readonly string[];
  readonly resolved: readonly ResolvedEvent[];
  readonly remembered: readonly string[];
  /** whether those who are known are about to become one, whatever the events say */
  readonly merging?: boolean;
}

/**
 * Locks every touched customer, in one order for everybody, and only then reads what belongs to them: a step or reservation
 * that holds one of them has committed by now, and none begins before this batch has.
 */
export async function loadCustomers(
  client: Queryable,
  options: LoadOptions,
): Promise<Map<string, CustomerWork>> {
  const { workspaceId, known } = options;
  const customers = new Map<string, CustomerWork>();
  if (known.length > 0) {
    for (const row of await lockCustomers(client, workspaceId, known))
      customers.set(row.customer_id, workOf(row));
    await attachMemberships(client, workspaceId, customers);
    await attachEnrolments(client, options, customers);
    if (options.merging === true || options.resolved.some(needsConsents))
      await attachConsents(client, workspaceId, customers);
  }
  for (const { isNew, customerId, event } of options.resolved) {
    if (isNew && !customers.has(customerId))
      customers.set(customerId, newWork(customerId, event.ref));
  }
  return customers;
}

function needsConsents({ event, absorbed }: ResolvedEvent): boolean {
  return event.consents.length > 0 || absorbed.length > 0;
}

interface CustomerRow {
  readonly customer_id: string;
  readonly created_at: number;
  readonly first_position: number;
  readonly first_ordinal: number;
  readonly traits: Traits;
  readonly facts: MutableFacts;
  readonly applied_position: number;
  readonly due_at: number | null;
}

async function lockCustomers(
  client: Queryable,
  workspaceId: string,
  ids: readonly string[],
): Promise<CustomerRow[]> {
  const answer = await client.query<CustomerRow>({
    name: 'lane-customers',
    text: `select c.customer_id, c.created_at, c.first_position, c.first_ordinal, c.traits, c.facts, c.applied_position, d.due_at
             from customer c left join customer_due d on d.workspace_id = $1 and d.customer_id = c.customer_id
            where c.workspace_id = $1 and c.customer_id = any($2::uuid[])
            order by c.customer_id for no key update of c`,
    values: [workspaceId, ids],
  });
  return answer.rows;
}

function workOf(row: CustomerRow): CustomerWork {
  return {
    ...blank(row.customer_id),
    isNew: false,
    createdAt: row.created_at,
    first: { position: row.first_position, ordinal: row.first_ordinal },
    traits: row.traits,
    facts: row.facts,
    appliedPosition: row.applied_position,
    dueAt: row.due_at,
  };
}

export function newWork(
  id: string,
  ref: { position: number; ordinal: number; clock: number },
): CustomerWork {
  return {
    ...blank(id),
    isNew: true,
    createdAt: ref.clock,
    first: { position: ref.position, ordinal: ref.ordinal },
    appliedPosition: ref.position,
  };
}

function blank(id: string) {
  const traits: Traits = {};
  const facts: MutableFacts = {};
  const consents: Consent[] = [];
  const enrolments: EnrolmentWork[] = [];
  return {
    id,
    traits,
    facts,
    consents,
    members: new Map<string, Membership>(),
    enrolments,
    mergedInto: null,
    dueAt: null,
    lastTransition: null,
    pendingBuild: null,
    changed: false,
  };
}

async function attachMemberships(
  client: Queryable,
  workspaceId: string,
  customers: Map<string, CustomerWork>,
): Promise<void> {
  const { rows } = await client.query<Membership & { customer_id: string; segment_key: string }>({
    name: 'lane-memberships',
    text: `select customer_id, segment_key, version, since, position, ordinal from segment_membership
            where workspace_id = $1 and customer_id = any($2::uuid[])`,
    values: [workspaceId, [...customers.keys()]],
  });
  for (const { customer_id: id, segment_key: segment, ...membership } of rows) {
    customers.get(id)?.members.set(segment, membership);
  }
}

async function attachConsents(
  client: Queryable,
  workspaceId: string,
  customers: Map<string, CustomerWork>,
): Promise<void> {
  const { rows } = await client.query<{
    customer_id: string;
    purpose: string;
    channel: string;
    state: ConsentState;
    event_time: number;
    position: number;
    ordinal: number;
  }>({
    name: 'lane-consents',
    text: `select customer_id, purpose, channel, state, event_time, position, ordinal from consent
            where workspace_id = $1 and customer_id = any($2::uuid[])`,
    values: [workspaceId, [...customers.keys()]],
  });
  for (const { customer_id: id, event_time: eventTime, ...rest } of rows) {
    customers.get(id)?.consents.push({ ...rest, eventTime });
  }
}

interface EnrolmentRow {
  readonly enrolment_id: string;
  readonly subject_id: string;
  readonly journey_key: string;
  readonly version: number;
  readonly entry_key: string;
  readonly state: 'active' | 'held' | 'ended';
  readonly trigger: TriggerContext;
  readonly entered_at: number;
  readonly entered_position: number;
  readonly entered_ordinal: number;
  readonly ended_at: number | null;
  readonly exit_requested: boolean;
  readonly exit_clock: number | null;
  readonly updated_at: number;
  readonly deliveries: number;
  readonly wait_seq: number | null;
  readonly step_id: string;
  readonly subscriptions: readonly Subscription[];
  readonly deadline: number | null;
  readonly restarts: number;
  readonly fired: boolean;
}

/** Open enrolments with their open wait, and ended ones of journeys that still ask about them. */
async function attachEnrolments(
  client: Queryable,
  { workspaceId, resolved, remembered, merging: asked }: LoadOptions,
  customers: Map<string, CustomerWork>,
): Promise<void> {
  const merging = asked === true || resolved.some(({ absorbed }) => absorbed.length > 0);
  const { rows } = await client.query<EnrolmentRow>({
    name: merging ? 'lane-enrolments-merging' : 'lane-enrolments',
    text: `select e.enrolment_id, e.subject_id, e.journey_key, e.version, e.entry_key, e.state, e.trigger, e.entered_at,
                  e.entered_position, e.entered_ordinal, e.ended_at, e.exit_request is not null as exit_requested,
                  (e.exit_request->>'clock')::float8 as exit_clock, e.updated_at,
                  ${merging ? DELIVERIES : '0'} as deliveries,
                  w.seq as wait_seq, w.step_id, w.subscriptions, w.deadline, w.restarts, w.fired is not null as fired
             from enrolment e
             left join wait w on w.workspace_id = e.workspace_id and w.enrolment_id = e.enrolment_id
                             and w.seq = e.seq and w.closed_at is null
            where e.workspace_id = $1 and e.subject_id = any($2::uuid[]) and not e.superseded
              and (e.state <> 'ended' or e.journey_key = any($3::text[]))
            order by e.entered_position, e.entered_ordinal, e.enrolment_id`,
    values: [workspaceId, [...customers.keys()], remembered],
  });
  for (const row of rows) customers.get(row.subject_id)?.enrolments.push(enrolmentOf(row));
}

/** Of two runs that merge, the one that has sent more goes on; a send under way counts. */
const DELIVERIES = `(select count(*) from delivery d where d.workspace_id = e.workspace_id and d.enrolment_id = e.enrolment_id
                      and d.state in ('sending', 'accepted', 'unknown'))`;

function enrolmentOf(row: EnrolmentRow): EnrolmentWork {
  return {
    id: row.enrolment_id,
    journeyKey: row.journey_key,
    version: row.version,
    entryKey: row.entry_key,
    trigger: row.trigger,
    enteredAt: row.entered_at,
    enteredRef: { position: row.entered_position, ordinal: row.entered_ordinal },
    endedAt: row.ended_at,
    open: row.state !== 'ended',
    superseded: false,
    // Exits that the lane did not ask for carry no clock of it.
    exitRequestedAt: row.exit_requested ? (row.exit_clock ?? row.updated_at) : null,
    deliveries: row.deliveries,
    wait: waitOf(row),
  };
}

function waitOf(row: EnrolmentRow): WaitWork | null {
  if (row.wait_seq === null) return null;
  return {
    seq: row.wait_seq,
    stepId: row.step_id,
    subscriptions: row.subscriptions,
    deadline: row.deadline,
    restarts: row.restarts,
    fired: row.fired,
  };
}
