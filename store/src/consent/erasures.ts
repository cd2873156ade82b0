/** Erasures as the API asks for them and shows them. */
import type { JsonObject } from '@throughline/domain/shared';
import { appendCommand } from '../ingestion/append.js';
import { newId, type Queryable } from '../shared/index.js';

export type ErasureState = 'requested' | 'closing' | 'clearing' | 'done';

export interface Erasure {
  readonly eraseId: string;
  readonly customerId: string;
  readonly state: ErasureState;
  readonly reason: string | null;
  readonly requestedBy: string;
  readonly requestedAt: number;
  readonly begunAt: number | null;
  readonly finishedAt: number | null;
  /** runs whose histories are still there */
  readonly runs: number;
  /** rows deleted or rewritten, by place */
  readonly counts: JsonObject;
  readonly destinations: JsonObject;
  readonly certificate: JsonObject | null;
  readonly certificateHash: string | null;
}

const COLUMNS = `e.erase_id as "eraseId", e.customer_id as "customerId", e.state, e.reason, e.requested_by as "requestedBy",
  e.requested_at as "requestedAt", e.begun_clock as "begunAt", e.finished_at as "finishedAt", e.counts, e.destinations, e.certificate,
  e.certificate_hash as "certificateHash",
  (select count(*) from erasure_run r where r.workspace_id = e.workspace_id and r.erase_id = e.erase_id) as runs`;

export interface ErasureRequest {
  readonly customerId: string;
  readonly reason: string | null;
  readonly actor: string;
}

/**
 * Asks for an erasure, and answers the one that is under way where there is one; null where there is nobody. Last in a
 * transaction: it takes the append lock.
 */
export async function requestErasure(
  client: Queryable,
  workspaceId: string,
  { customerId, reason, actor }: ErasureRequest,
): Promise<{ readonly erasure: Erasure; readonly isNew: boolean } | null> {
  const person = await client.query<{ id: string }>(
    'select coalesce(merged_into, customer_id) as id from customer where workspace_id = $1 and customer_id = $2',
    [workspaceId, customerId],
  );
  const id = person.rows[0]?.id ?? customerId;
  const before = await latestErasure(client, workspaceId, id);
  if (before !== null && (before.state !== 'done' || person.rows.length === 0))
    return { erasure: before, isNew: false };
  if (person.rows.length === 0) return null;
  const eraseId = newId();
  const { rowCount } = await client.query(
    `insert into erasure (workspace_id, erase_id, customer_id, reason, requested_by) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [workspaceId, eraseId, id, reason, actor],
  );
  // Two requests at once: the other one's is the erasure.
  if (rowCount === 1)
    await appendCommand(client, workspaceId, { kind: 'erase', phase: 'begin', eraseId });
  const erasure = await latestErasure(client, workspaceId, id);
  return erasure === null ? null : { erasure, isNew: rowCount === 1 };
}

async function latestErasure(
  client: Queryable,
  workspaceId: string,
  customerId: string,
): Promise<Erasure | null> {
  const { rows } = await client.query<Erasure>(
    `select ${COLUMNS} from erasure e where e.workspace_id = $1 and e.customer_id = $2 order by e.erase_id desc limit 1`,
    [workspaceId, customerId],
  );
  return rows[0] ?? null;
}

export async function readErasure(
  client: Queryable,
  workspaceId: string,
  eraseId: string,
): Promise<Erasure | null> {
  const { rows } = await client.query<Erasure>(
    `select ${COLUMNS} from erasure e where e.workspace_id = $1 and e.erase_id = $2`,
    [workspaceId, eraseId],
  );
  return rows[0] ?? null;
}

/** Newest first. */
export async function listErasures(
  client: Queryable,
  workspaceId: string,
  page: { readonly after: string | null; readonly limit: number },
): Promise<Erasure[]> {
  const { rows } = await client.query<Erasure>(
    `select ${COLUMNS} from erasure e where e.workspace_id = $1 and ($2::uuid is null or e.erase_id < $2)
      order by e.erase_id desc limit $3`,
    [workspaceId, page.after, page.limit],
  );
  return rows;
}
