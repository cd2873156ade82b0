/**
 * A person is forgotten in two inputs of the lane. `begin` takes the profile away, leaves tombstones, and asks every run to leave:
 * from its position on nobody is found by the identifiers. `finish`, once the runs have left, takes away what they stood on.
 * Between the two there is a bare row, so that a step or a send under way finds whom to lock and ends as it would have.
 */
import { randomBytes } from 'node:crypto';
import { isJsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import type { CommandContext } from './lane-commands.js';
import { erasePersonRows, eraseRunRows, type ErasedCounts } from './lane-erase-rows.js';
import { instant } from './lane-work.js';

export interface EraseCommand {
  readonly kind: 'erase';
  readonly phase: 'begin' | 'finish';
  readonly eraseId: string;
}

export function isEraseCommand(value: unknown): value is EraseCommand {
  return (
    isJsonObject(value) &&
    value['kind'] === 'erase' &&
    (value['phase'] === 'begin' || value['phase'] === 'finish') &&
    typeof value['eraseId'] === 'string'
  );
}

export async function erase(
  client: Queryable,
  context: CommandContext,
  { phase, eraseId }: EraseCommand,
): Promise<void> {
  const erasing = { ...context, eraseId };
  if (phase === 'begin') await begin(client, erasing);
  else await finish(client, erasing);
}

interface Erasing extends CommandContext {
  readonly eraseId: string;
}

async function begin(client: Queryable, erasing: Erasing): Promise<void> {
  const { workspaceId, eraseId, row } = erasing;
  const ids = await lockPerson(client, erasing);
  if (ids === null) return;
  await client.query(REMEMBER_PERSON, [workspaceId, eraseId, ids]);
  await client.query(REMEMBER_IDENTIFIERS, [workspaceId, eraseId, ids]);
  await client.query(REMEMBER_RUNS, [workspaceId, eraseId, ids]);
  await bury(client, erasing, ids);
  await askRunsToLeave(client, erasing, ids);
  const counts = await erasePersonRows(client, workspaceId, { ids, eraseId });
  await move(client, erasing, {
    state: 'closing',
    set: 'begun_position = $5, begun_clock = $6',
    values: [row.position, instant(row.clock)],
    counts,
  });
}

/** Everybody who has become this person, locked in the order that everybody locks in; null where the erasure has begun before. */
async function lockPerson(
  client: Queryable,
  { workspaceId, eraseId }: Erasing,
): Promise<string[] | null> {
  const found = await client.query<{ customer_id: string }>(
    `select customer_id from erasure where workspace_id = $1 and erase_id = $2 and state = 'requested' for update`,
    [workspaceId, eraseId],
  );
  const [erasure] = found.rows;
  if (erasure === undefined) return null;
  const { rows } = await client.query<{ customer_id: string }>(
    `with person as (select coalesce(merged_into, customer_id) as id from customer where workspace_id = $1 and customer_id = $2)
     select c.customer_id from customer c, person p
      where c.workspace_id = $1 and (c.customer_id = p.id or c.merged_into = p.id) order by c.customer_id for update of c`,
    [workspaceId, erasure.customer_id],
  );
  return rows.map((row) => row.customer_id);
}

const REMEMBER_PERSON = `
  insert into erasure_person (workspace_id, erase_id, customer_id)
  select $1, $2, unnest($3::uuid[]) on conflict do nothing`;

/**
 * All that led to the person, and addresses that stood in their traits: a limit may have kept those from becoming identifiers. What
 * belongs to somebody else by now is not theirs.
 */
const REMEMBER_IDENTIFIERS = `
  with named as (
    select type, value from identifier where workspace_id = $1 and customer_id = any($3::uuid[])
    union
    select type, value from identifier_change
     where workspace_id = $1 and (to_customer_id = any($3::uuid[]) or from_customer_id = any($3::uuid[]))
    union
    select t.name, case t.name when 'email' then lower(trim(t.value #>> '{}')) else trim(t.value #>> '{}') end
      from trait_change t
     where t.workspace_id = $1 and t.customer_id = any($3::uuid[]) and t.name in ('email', 'phone') and jsonb_typeof(t.value) = 'string'
  )
  insert into erasure_identifier (workspace_id, erase_id, type, value)
  select $1, $2, n.type, n.value from named n
   where n.value <> '' and length(n.value) <= 255
     and not exists (select from identifier i where i.workspace_id = $1 and i.type = n.type and i.value = n.value
                        and i.customer_id <> all ($3::uuid[]))
  on conflict do nothing`;

const REMEMBER_RUNS = `
  insert into erasure_run (workspace_id, erase_id, enrolment_id, journey_key)
  select $1, $2, enrolment_id, journey_key from enrolment
   where workspace_id = $1 and (subject_id = any($3::uuid[]) or customer_id = any($3::uuid[]))
  on conflict do nothing`;

/** Identifiers, profiles and the ids of the events that were applied: what came before is known when it comes again. */
async function bury(
  client: Queryable,
  { workspaceId, eraseId, row }: Erasing,
  ids: readonly string[],
): Promise<void> {
  await client.query(
    `insert into tombstone_salt (workspace_id, salt) values ($1, $2) on conflict do nothing`,
    [workspaceId, randomBytes(32)],
  );
  await client.query(
    `insert into tombstone as t (workspace_id, hash, erased_at)
     select $1, sha256(s.salt || convert_to(n.text, 'UTF8')), $4::timestamptz
       from tombstone_salt s, (
         select type || ':' || value as text from erasure_identifier where workspace_id = $1 and erase_id = $2
         union select 'customer:' || unnest($3::uuid[])
         union select 'message:' || message_id from event where workspace_id = $1 and customer_id = any($3::uuid[])
       ) n
      where s.workspace_id = $1
     on conflict (workspace_id, hash) do update set erased_at = greatest(t.erased_at, excluded.erased_at)`,
    [workspaceId, eraseId, ids, instant(row.clock)],
  );
}

/** As an exit of the journey's own would: a wait ends, a message under way is settled first. Nobody is asked twice. */
async function askRunsToLeave(
  client: Queryable,
  { workspaceId, row }: Erasing,
  ids: readonly string[],
): Promise<void> {
  const request = { reason: 'erased', position: row.position, ordinal: 0, clock: row.clock };
  await client.query(
    `with asked as (
       update enrolment set exit_request = coalesce(exit_request, $3::jsonb), updated_at = clock_timestamp()
        where workspace_id = $1 and subject_id = any($2::uuid[]) and state <> 'ended'
       returning enrolment_id, journey_key)
     insert into outbox (workspace_id, enrolment_id, journey_key, kind) select $1, enrolment_id, journey_key, 'wake' from asked`,
    [workspaceId, ids, JSON.stringify(request)],
  );
}

/** Whoever is still on the way finds nothing under its feet, and ends: it is woken for that. */
async function finish(client: Queryable, erasing: Erasing): Promise<void> {
  const { workspaceId, eraseId, row } = erasing;
  const found = await client.query(
    `select from erasure where workspace_id = $1 and erase_id = $2 and state = 'closing' for update`,
    [workspaceId, eraseId],
  );
  if (found.rowCount !== 1) return;
  const { rows } = await client.query<{ customer_id: string }>(
    `select c.customer_id from customer c join erasure_person p on p.workspace_id = $1 and p.customer_id = c.customer_id
      where c.workspace_id = $1 and p.erase_id = $2 order by c.customer_id for update of c`,
    [workspaceId, eraseId],
  );
  const ids = rows.map((one) => one.customer_id);
  await client.query(REMEMBER_RUNS, [workspaceId, eraseId, ids]);
  const counts = await eraseRunRows(client, workspaceId, { ids, eraseId });
  await move(client, erasing, {
    state: 'clearing',
    set: 'cleared_position = $5',
    values: [row.position],
    counts,
  });
}

interface Move {
  readonly state: 'closing' | 'clearing';
  readonly set: string;
  readonly values: readonly unknown[];
  readonly counts: ErasedCounts;
}

async function move(
  client: Queryable,
  { workspaceId, eraseId }: Erasing,
  { state, set, values, counts }: Move,
): Promise<void> {
  await client.query(
    `update erasure set state = $3, counts = (
       select coalesce(jsonb_object_agg(place, n), '{}') from (
         select key as place, sum(value::bigint) as n
           from (select * from jsonb_each_text(counts) union all select * from jsonb_each_text($4::jsonb)) every group by key) summed
     ), ${set}
      where workspace_id = $1 and erase_id = $2`,
    [workspaceId, eraseId, state, JSON.stringify(counts), ...values],
  );
}
