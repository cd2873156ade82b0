/**
 * What a wait finds when it is entered: everything that the lane has applied for this person since the run last read the log.
 * So an order two seconds after the cart counts although the run had not begun to wait when it came.
 */
import {
  lookBack as watch,
  type Consumed,
  type Happening,
  type JourneyDefinition,
  type OpenWait,
} from '@throughline/domain/journeys';
import { isJsonObject, type JsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import { timestampText } from './timestamp.js';
import type { StepRow } from './types.js';

const PAGE = 500;
/** A person with more inputs than this between two steps is a machine; the lane fires the wait on the next one. */
const MOST_PAGES = 20;

export interface LookBack {
  readonly workspaceId: string;
  readonly wait: OpenWait;
  readonly consumed: Consumed;
  readonly definition: JourneyDefinition;
  readonly row: Pick<StepRow, 'subjectId' | 'trigger'>;
}

/** The wait as it stands after all that has happened already. */
export async function lookBack(client: Queryable, look: LookBack): Promise<OpenWait> {
  let { wait } = look;
  if (wait.subscriptions.length === 0) return wait;
  let from = look.consumed;
  const waiter = { definition: look.definition, trigger: look.row.trigger };
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const inputs = await readInputs(client, look, from);
    wait = watch(wait, inputs, { ...waiter, consumed: look.consumed });
    const last = inputs.at(-1)?.ref;
    if (wait.fired !== null || last === undefined || inputs.length < PAGE) break;
    from = { ...look.consumed, position: last.position, ordinal: last.ordinal };
  }
  return wait;
}

async function readInputs(client: Queryable, look: LookBack, from: Consumed): Promise<Happening[]> {
  const { rows } = await client.query<InputRow>({
    name: 'look-back',
    text: INPUTS,
    values: [
      look.workspaceId,
      look.row.subjectId,
      from.position,
      from.ordinal,
      timestampText(from.clock),
      eventNames(look),
      look.wait.subscriptions.flatMap(({ on }) => (on.kind === 'segment' ? [on.segment] : [])),
      PAGE,
    ],
  });
  return rows.map(happeningOf);
}

/** The trigger too: where the wait restarts on a repeat, its event moves the deadline. */
function eventNames({ wait, definition }: LookBack): string[] {
  const names = wait.subscriptions.flatMap(({ on }) => (on.kind === 'event' ? [on.event] : []));
  const { trigger } = definition;
  return [...new Set(trigger.kind === 'event' ? [...names, trigger.event] : names)];
}

/**
 * Events keep the owner that they were applied to, so whoever has merged into the subject is asked as well. An event comes
 * before the membership changes that it brought about, as in the lane.
 */
const INPUTS = `
  with person as (
    select $2::uuid as customer_id
    union all
    select c.customer_id from customer c where c.workspace_id = $1 and c.merged_into = $2)
  select * from (
    select e.position, e.ordinal, e.clock, 0 as rank, e.name, e.message_id, e.event_time, e.body, null as segment, null as change
      from person p
      join event e on e.workspace_id = $1 and e.customer_id = p.customer_id
     where (e.position, e.ordinal) > ($3::bigint, $4::int) and e.clock > $5::timestamptz and e.name = any ($6::text[])
    union all
    select s.position, s.ordinal, s.clock, 1, null, null, null, null, s.segment_key, s.change
      from person p
      join segment_membership_change s on s.workspace_id = $1 and s.customer_id = p.customer_id
     where (s.position, s.ordinal) > ($3::bigint, $4::int) and s.clock > $5::timestamptz and s.segment_key = any ($7::text[])
  ) inputs
  order by position, ordinal, rank
  limit $8`;

interface InputRow {
  readonly position: number;
  readonly ordinal: number;
  readonly clock: number;
  readonly name: string | null;
  readonly message_id: string | null;
  readonly event_time: number | null;
  readonly body: JsonObject | null;
  readonly segment: string | null;
  readonly change: 'entered' | 'left' | null;
}

function happeningOf(row: InputRow): Happening {
  const ref = { position: row.position, ordinal: row.ordinal, clock: row.clock };
  if (row.segment !== null && row.change !== null) {
    return { kind: 'segment', segment: row.segment, change: row.change, ref, imported: false };
  }
  const properties = row.body?.['properties'];
  return {
    kind: 'event',
    name: row.name ?? '',
    properties: isJsonObject(properties) ? properties : {},
    eventTime: row.event_time ?? row.clock,
    messageId: row.message_id ?? '',
    ref,
    imported: row.body?.['imported'] === true,
  };
}
