/** What the run left behind, read directly in PostgreSQL and from the receivers: the oracle judges nothing else. */
import type { ClientLog } from './client.js';
import type { Database } from './database.js';
import type { KillRecord } from './killer.js';
import type { Operated } from './operations.js';
import type { HookEffect, ReceivedMail } from './receivers.js';
import { EVENTS } from './workspace.js';

export interface Evidence {
  readonly client: ClientLog;
  readonly mails: readonly ReceivedMail[];
  readonly hooks: readonly HookEffect[];
  readonly kills: readonly KillRecord[];
  readonly operated: readonly Operated[];
  /** message id → how often it was applied */
  readonly applied: ReadonlyMap<string, number>;
  readonly quarantined: ReadonlySet<string>;
  readonly enrolments: readonly EnrolmentRow[];
  readonly deliveries: readonly DeliveryRow[];
  /** cart → the log's clock of its order, ms */
  readonly orders: ReadonlyMap<string, number>;
  readonly engine: EngineState;
}

export interface EnrolmentRow {
  readonly enrolmentId: string;
  readonly journey: string;
  readonly cart: string;
  readonly state: 'active' | 'held' | 'ended';
  readonly outcome: string | null;
  readonly heldReason: string | null;
  readonly generation: number;
  readonly command: string;
  /** of the first wait, ms */
  readonly deadline: number | null;
}

export interface DeliveryRow {
  readonly key: string;
  readonly enrolmentId: string;
  readonly step: string;
  readonly connector: string;
  readonly state: 'reserved' | 'sending' | 'accepted' | 'failed' | 'unknown' | 'skipped';
  readonly reason: string | null;
  readonly attempts: number;
  /** ms since epoch; null unless a call was made */
  readonly sendingAt: number | null;
  readonly settledAt: number | null;
}

export interface EngineState {
  readonly behind: number;
  readonly outbox: number;
  readonly open: number;
}

export function isAtRest(state: EngineState): boolean {
  return state.behind === 0 && state.outbox === 0 && state.open === 0;
}

export async function readEngine(
  database: Database,
  ignore: readonly string[] = [],
): Promise<EngineState> {
  const [row] = await database.rows<{ behind: number; outbox: number; open: number }>(
    `select (select coalesce(sum(a.position - l.position), 0)::int from lane_append a join lane l using (workspace_id)) as behind,
            (select count(*)::int from outbox) as outbox,
            (select count(*)::int from enrolment where state = 'active' and journey_key <> all ($1)) as open`,
    [ignore],
  );
  return row ?? { behind: 0, outbox: 0, open: 0 };
}

export function readEnrolments(database: Database): Promise<EnrolmentRow[]> {
  return database.rows<EnrolmentRow>(
    `select e.enrolment_id as "enrolmentId", e.journey_key as journey, e.trigger -> 'properties' ->> 'cart_id' as cart, e.state,
            e.outcome, e.held_reason as "heldReason", e.generation, left(coalesce(e.command::text, 'no command yet'), 200) as command,
            (select w.deadline from wait w where w.workspace_id = e.workspace_id and w.enrolment_id = e.enrolment_id
              order by w.seq limit 1) as deadline
       from enrolment e order by e.enrolment_id`,
  );
}

export function readDeliveries(database: Database): Promise<DeliveryRow[]> {
  return database.rows<DeliveryRow>(
    `select delivery_key as key, enrolment_id as "enrolmentId", step_id as step, connector_key as connector, state, reason, attempts,
            sending_at as "sendingAt", settled_at as "settledAt"
       from delivery order by delivery_key`,
  );
}

export async function readEvents(
  database: Database,
): Promise<Pick<Evidence, 'applied' | 'quarantined' | 'orders'>> {
  const applied = await database.rows<{ id: string; times: number }>(
    'select message_id as id, count(*)::int as times from event group by message_id',
  );
  const refused = await database.rows<{ body: string }>('select body from quarantine');
  const orders = await database.rows<{ cart: string; clock: number }>(
    `select body -> 'properties' ->> 'cart_id' as cart, min(clock) as clock from event where name = $1 group by 1`,
    [EVENTS.order],
  );
  return {
    applied: new Map(applied.map(({ id, times }) => [id, times])),
    quarantined: new Set(refused.flatMap(({ body }) => messageIdIn(body))),
    orders: new Map(orders.map(({ cart, clock }) => [cart, clock])),
  };
}

function messageIdIn(body: string): string[] {
  const id = /"messageId":\s*"([^"]+)"/.exec(body)?.[1];
  return id === undefined ? [] : [id];
}
