/** The one statement that a reservation reads by: everything that could keep a message back, as it is under the customer's lock. */
import type { Consent } from '@throughline/domain/consent';
import type { CapRule, Contact, DeliveryState } from '@throughline/domain/destinations';
import type { RunState, TriggerContext } from '@throughline/domain/journeys';
import type { Traits } from '@throughline/domain/profiles';
import { SubjectMoved } from '../journeys/customer-lock.js';
import type { ExitRequest } from '../journeys/types.js';
import type { Queryable } from '../shared/index.js';
import type { DeliveryRequest } from './types.js';

export interface GuardRow {
  /** who entered */
  readonly customer_id: string;
  readonly subject_id: string;
  readonly journey_key: string;
  readonly version: number;
  readonly state: 'active' | 'held' | 'ended';
  readonly generation: number;
  readonly seq: number;
  readonly run_state: RunState;
  readonly command_action: string | null;
  readonly trigger: TriggerContext;
  readonly exit_request: ExitRequest | null;
  readonly exit_asked: boolean;
  readonly traits: Traits;
  /** the newest first */
  readonly contacts: readonly Contact[] | null;
  readonly consents: readonly Consent[] | null;
  readonly pending: readonly { purpose: string; channel: string }[] | null;
  readonly stops: readonly string[];
  readonly journey_state: string | null;
  readonly lane_position: number | null;
  readonly lane_clock: number | null;
  readonly log_position: number | null;
  readonly merged_sends: readonly { step: string; visit: number }[] | null;
  /** it went out while this person and another were taken for one */
  readonly shared_send: boolean;
  readonly caps: readonly CapRule[] | null;
  readonly delivery_state: DeliveryState | null;
  readonly delivery_token: string | null;
  readonly delivery_route: number | null;
  readonly now: number;
}

export async function readGuards(
  client: Queryable,
  request: DeliveryRequest,
  lockedId: string,
): Promise<GuardRow> {
  const { rows } = await client.query<GuardRow>({
    name: 'read-guards',
    text: READ,
    values: [request.workspaceId, request.enrolmentId, request.step, request.visit],
  });
  const [row] = rows;
  if (row?.subject_id !== lockedId) throw new SubjectMoved();
  return row;
}

/** Consents and pending revocations are read for every purpose: the definition that names one is known only after this read. */
const READ = `
  select e.customer_id, e.subject_id, e.journey_key, e.version, e.state, e.generation, e.seq, e.run_state, e.command ->> 'action' as command_action, e.trigger,
         e.exit_request,
         exists (select from operator_request r
                  where r.workspace_id = $1 and r.enrolment_id = $2 and r.verdict is null and r.kind = 'forceExit') as exit_asked,
         c.traits,
         (select jsonb_agg(jsonb_build_object('type', i.type, 'value', i.value) order by i.first_seen_at desc, i.value)
            from identifier i
           where i.workspace_id = $1 and i.customer_id = e.subject_id and i.type in ('email', 'phone', 'push_token')) as contacts,
         (select jsonb_agg(jsonb_build_object('purpose', s.purpose, 'channel', s.channel, 'state', s.state, 'position', s.position,
                   'ordinal', s.ordinal, 'eventTime', (extract(epoch from s.event_time) * 1000)::bigint))
            from consent s where s.workspace_id = $1 and s.customer_id = e.subject_id) as consents,
         (select jsonb_agg(jsonb_build_object('purpose', p.purpose, 'channel', p.channel))
            from revocation_pending p
           where p.workspace_id = $1 and p.identifier_hash in (
                   select sha256(convert_to(i.type || ':' || i.value, 'UTF8')) from identifier i
                    where i.workspace_id = $1 and i.customer_id = e.subject_id
                   union all
                   select sha256(convert_to('customer:' || m.customer_id, 'UTF8')) from customer m
                    where m.workspace_id = $1 and (m.customer_id = e.subject_id or m.merged_into = e.subject_id))) as pending,
         array(select s.scope || ':' || s.target from sending_stop s where s.workspace_id = $1) as stops,
         j.state as journey_state, l.position as lane_position, l.clock as lane_clock, a.position as log_position,
         (select jsonb_agg(jsonb_build_object('step', d.step_id, 'visit', d.visit))
            from enrolment o
            join delivery d on d.workspace_id = $1 and d.enrolment_id = o.enrolment_id and d.step_id = $3 and d.visit >= $4
                           and d.state in ('sending', 'accepted', 'unknown')
           where o.workspace_id = $1 and o.subject_id = e.subject_id and o.journey_key = e.journey_key and o.superseded
             and o.enrolment_id <> e.enrolment_id
             and (o.entry_key = e.entry_key or o.ended_at is null or o.ended_at >= e.entered_at)) as merged_sends,
         exists (select from delivery_shared h
                  where h.workspace_id = $1 and h.enrolment_id = e.enrolment_id and h.step_id = $3 and h.visit >= $4) as shared_send,
         (select k.rules from workspace_caps k where k.workspace_id = $1) as caps,
         x.state as delivery_state, x.attempt_token as delivery_token, x.route as delivery_route,
         clock_timestamp() as now
    from enrolment e
    join customer c on c.workspace_id = $1 and c.customer_id = e.subject_id
    left join definition j on j.workspace_id = $1 and j.kind = 'journey' and j.key = e.journey_key
    left join lane l on l.workspace_id = $1
    left join lane_append a on a.workspace_id = $1
    left join delivery x on x.workspace_id = $1 and x.enrolment_id = e.enrolment_id and x.step_id = $3 and x.visit = $4
   where e.workspace_id = $1 and e.enrolment_id = $2`;
