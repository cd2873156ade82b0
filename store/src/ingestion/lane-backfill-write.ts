import type { LogRow } from '@throughline/domain/ingestion';
import type { MutableFacts } from '@throughline/domain/profiles';
import type { MembershipChange } from '@throughline/domain/segments';
import type { Queryable } from '../shared/index.js';
import { instant } from './lane-work.js';

/** What a page of a backfill leaves: facts, memberships with their history, due times. */

/** The input of the log that the rows are dated by. */
export interface PageInput {
  readonly workspaceId: string;
  readonly row: LogRow;
}

export async function writeFacts(
  client: Queryable,
  workspaceId: string,
  page: readonly { readonly customer_id: string; readonly facts: MutableFacts }[],
): Promise<void> {
  await client.query(
    `update customer c set facts = r.facts from json_to_recordset($2::json) as r(customer_id uuid, facts json)
      where c.workspace_id = $1 and c.customer_id = r.customer_id`,
    [workspaceId, JSON.stringify(page.map(({ customer_id, facts }) => ({ customer_id, facts })))],
  );
}

export async function writeChanges(
  client: Queryable,
  { workspaceId, row }: PageInput,
  changes: readonly (MembershipChange & { readonly customer_id: string })[],
): Promise<void> {
  if (changes.length === 0) return;
  await client.query(
    `with r as (select * from json_to_recordset($2::json) as r(customer_id uuid, segment text, version int, change text)),
     history as (
       insert into segment_membership_change (workspace_id, customer_id, position, ordinal, segment_key, version, change, at, clock)
       select $1, customer_id, $3, 0, segment, version, change, $4, $4 from r
     ), gone as (
       delete from segment_membership m using r
        where m.workspace_id = $1 and m.customer_id = r.customer_id and m.segment_key = r.segment and r.change = 'left'
     )
     insert into segment_membership (workspace_id, customer_id, segment_key, version, since, position, ordinal)
     select $1, customer_id, segment, version, $4, $3, 0 from r where change = 'entered'
     on conflict (workspace_id, customer_id, segment_key) do update set version = excluded.version`,
    [workspaceId, JSON.stringify(changes), row.position, instant(row.clock)],
  );
}

export async function lowerDue(
  client: Queryable,
  workspaceId: string,
  due: readonly unknown[],
): Promise<void> {
  if (due.length === 0) return;
  await client.query(
    `insert into customer_due as d (workspace_id, customer_id, due_at)
     select $1, r.customer_id, r.due from json_to_recordset($2::json) as r(customer_id uuid, due timestamptz)
     on conflict (workspace_id, customer_id) do update set due_at = least(d.due_at, excluded.due_at)`,
    [workspaceId, JSON.stringify(due)],
  );
}

/** An archived segment has no members any more; its history says when that happened. */
export async function dropSegments(
  client: Queryable,
  { workspaceId, row }: PageInput,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  await client.query(
    `with gone as (
       delete from segment_membership where workspace_id = $1 and segment_key = any($2::text[]) returning customer_id, segment_key, version
     )
     insert into segment_membership_change (workspace_id, customer_id, position, ordinal, segment_key, version, change, at, clock)
     select $1, customer_id, $3, 0, segment_key, version, 'left', $4, $4 from gone`,
    [workspaceId, keys, row.position, instant(row.clock)],
  );
}
