/** An erasure as it is carried out, by tl_privacy: what is left to do, and what was done. Every call may be repeated. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { NamedPerson } from '@throughline/domain/ingestion';
import { canonicalJson, isJsonObject, type JsonObject } from '@throughline/domain/shared';
import { appendCommand } from '../ingestion/append.js';
import { inTransaction, openPool, type Queryable } from '../shared/index.js';
import type { ErasureState } from './erasures.js';

/** A pool whose connections run as tl_privacy. */
export type PrivacyPool = pg.Pool;

export function openPrivacyPool(options: {
  url: string;
  max?: number;
  onError?: (error: Error) => void;
}): PrivacyPool {
  return openPool({ max: 2, ...options, role: 'tl_privacy', transactionTimeoutMs: 60_000 });
}

export interface EraseRef {
  readonly workspaceId: string;
  readonly eraseId: string;
}

/** Erasures that are not done, oldest first: each is a run of eraseCustomer. */
export async function listOpenErasures(pool: pg.Pool, limit: number): Promise<EraseRef[]> {
  const { rows } = await pool.query<EraseRef>(
    `select workspace_id as "workspaceId", erase_id as "eraseId" from erasure where state <> 'done' order by requested_at limit $1`,
    [limit],
  );
  return rows;
}

/** Null where there is no such erasure. */
export async function stateOfErasure(
  pool: pg.Pool,
  { workspaceId, eraseId }: EraseRef,
): Promise<ErasureState | null> {
  const { rows } = await pool.query<{ state: ErasureState }>(
    'select state from erasure where workspace_id = $1 and erase_id = $2',
    [workspaceId, eraseId],
  );
  return rows[0]?.state ?? null;
}

export interface ErasedRun {
  readonly enrolmentId: string;
  readonly journeyKey: string;
  /** the store has its end, and nothing is on its way to Temporal that would begin or wake it */
  readonly settled: boolean;
}

export async function listErasedRuns(
  pool: pg.Pool,
  { workspaceId, eraseId }: EraseRef,
  limit: number,
): Promise<ErasedRun[]> {
  const { rows } = await pool.query<ErasedRun>(
    `select r.enrolment_id as "enrolmentId", r.journey_key as "journeyKey",
            coalesce(e.state, 'ended') = 'ended'
              and not exists (select from outbox o where o.enrolment_id = r.enrolment_id) as settled
       from erasure_run r
       left join enrolment e on e.workspace_id = $1 and e.enrolment_id = r.enrolment_id
      where r.workspace_id = $1 and r.erase_id = $2 order by settled, r.enrolment_id limit $3`,
    [workspaceId, eraseId, limit],
  );
  return rows;
}

/** Its history is gone. */
export async function noteRunForgotten(
  pool: pg.Pool,
  ref: EraseRef,
  enrolmentId: string,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      'delete from erasure_run where workspace_id = $1 and erase_id = $2 and enrolment_id = $3',
      [ref.workspaceId, ref.eraseId, enrolmentId],
    );
    await addCount(client, ref, 'temporal_history', rowCount ?? 0);
  });
}

/** Asks the lane for the second half; asked twice, the lane does it once. */
export async function appendFinish(
  pool: pg.Pool,
  { workspaceId, eraseId }: EraseRef,
): Promise<void> {
  await inTransaction(pool, (client) =>
    appendCommand(client, workspaceId, { kind: 'erase', phase: 'finish', eraseId }),
  );
}

/** Whom texts are searched for, and up to which input they are the person's that was. */
export interface ErasedPerson extends NamedPerson {
  readonly begunPosition: number;
  readonly begunAt: number;
}

export async function readErasedPerson(
  pool: pg.Pool,
  { workspaceId, eraseId }: EraseRef,
): Promise<ErasedPerson | null> {
  const values = [workspaceId, eraseId];
  const found = await pool.query<{ position: number; at: number }>(
    `select begun_position as position, begun_clock as at from erasure
      where workspace_id = $1 and erase_id = $2 and begun_position is not null`,
    values,
  );
  const [begun] = found.rows;
  if (begun === undefined) return null;
  const identifiers = await pool.query<{ type: string; value: string }>(
    'select type, value from erasure_identifier where workspace_id = $1 and erase_id = $2',
    values,
  );
  const profiles = await pool.query<{ customer_id: string }>(
    'select customer_id from erasure_person where workspace_id = $1 and erase_id = $2',
    values,
  );
  return {
    begunPosition: begun.position,
    begunAt: begun.at,
    identifiers: identifiers.rows,
    customerIds: profiles.rows.map((row) => row.customer_id),
  };
}

/** In the transaction that did it. */
export async function addCount(
  client: Queryable,
  { workspaceId, eraseId }: EraseRef,
  place: string,
  count: number,
): Promise<void> {
  if (count === 0) return;
  await client.query(
    `update erasure set counts = jsonb_set(counts, array[$3], to_jsonb(coalesce((counts ->> $3)::bigint, 0) + $4::bigint))
      where workspace_id = $1 and erase_id = $2`,
    [workspaceId, eraseId, place, count],
  );
}

export interface ErasedConnection {
  readonly key: string;
  readonly connector: string;
  readonly settings: JsonObject;
  readonly sealed: { readonly keyId: string; readonly sealed: Buffer } | null;
  /** what came of it is known already */
  readonly told: boolean;
}

/** Every connection of the workspace: any of them may have been told of the person. */
export async function readErasedConnections(
  pool: pg.Pool,
  { workspaceId, eraseId }: EraseRef,
): Promise<ErasedConnection[]> {
  const { rows } = await pool.query<{
    key: string;
    body: JsonObject;
    key_id: string | null;
    sealed: Buffer | null;
    told: boolean;
  }>(
    `select d.key, d.body, s.key_id, s.sealed,
            exists (select from erasure e where e.workspace_id = $1 and e.erase_id = $2 and e.destinations ? d.key) as told
       from definition d
       left join connection_secret s on s.workspace_id = $1 and s.connection_key = d.key
      where d.workspace_id = $1 and d.kind = 'connection' and d.archived_at is null order by d.key`,
    [workspaceId, eraseId],
  );
  return rows.map(({ key, body, key_id: keyId, sealed, told }) => {
    const { connector, settings } = body;
    return {
      key,
      connector: typeof connector === 'string' ? connector : '',
      settings: isJsonObject(settings) ? settings : {},
      sealed: keyId === null || sealed === null ? null : { keyId, sealed },
      told,
    };
  });
}

/** What became of telling a connection: told, or the code of why not. */
export async function noteTold(
  pool: pg.Pool,
  { workspaceId, eraseId }: EraseRef,
  told: { readonly connectionKey: string; readonly outcome: string },
): Promise<void> {
  await pool.query(
    `update erasure set destinations = destinations || jsonb_build_object($3::text, $4::text)
      where workspace_id = $1 and erase_id = $2`,
    [workspaceId, eraseId, told.connectionKey, told.outcome],
  );
}

/** Says what was done, forgets whom it was done to, and closes the erasure. */
export async function certify(pool: pg.Pool, ref: EraseRef): Promise<void> {
  const { workspaceId, eraseId } = ref;
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<JsonObject>(
      `select workspace_id as "workspaceId", erase_id as "eraseId", customer_id as "customerId", requested_by as "requestedBy",
              to_char(requested_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "requestedAt",
              to_char(begun_clock at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "erasedAt",
              to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "finishedAt",
              counts as stores, destinations
         from erasure where workspace_id = $1 and erase_id = $2 and state = 'clearing' for update`,
      [workspaceId, eraseId],
    );
    const [certificate] = rows;
    if (certificate === undefined) return;
    const hash = createHash('sha256').update(canonicalJson(certificate)).digest('hex');
    for (const table of ['erasure_identifier', 'erasure_run', 'erasure_person'])
      await client.query(`delete from ${table} where workspace_id = $1 and erase_id = $2`, [
        workspaceId,
        eraseId,
      ]);
    await client.query(
      `update erasure set state = 'done', certificate = $3, certificate_hash = $4, finished_at = ($3::jsonb ->> 'finishedAt')::timestamptz
        where workspace_id = $1 and erase_id = $2`,
      [workspaceId, eraseId, JSON.stringify(certificate), hash],
    );
  });
}
