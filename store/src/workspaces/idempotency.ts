import type { Json } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';

/** What is known of an Idempotency-Key that came before. */
export type EarlierAnswer =
  | { readonly kind: 'none' }
  | { readonly kind: 'other_request' }
  | { readonly kind: 'in_progress' }
  | { readonly kind: 'answered'; readonly status: number; readonly body: Json };

/** Status 0 marks a request that is being worked on. */
const IN_PROGRESS = 0;
/** A request whose process died is forgotten after this, so that its caller can go on. */
const ABANDONED = `interval '60 seconds'`;
const KEPT = `interval '24 hours'`;

/**
 * Claims the key for this request, or says what it stands for. The insert decides between two callers at once; the row is
 * committed before the work begins, so that a repeat sees it from any process.
 */
export async function claimIdempotencyKey(
  client: Queryable,
  workspaceId: string,
  { key, requestHash }: { readonly key: string; readonly requestHash: Buffer },
): Promise<EarlierAnswer> {
  await client.query(
    `delete from idempotent_answer where workspace_id = $1 and idempotency_key = $2
        and (created_at < now() - ${KEPT} or (status = ${IN_PROGRESS} and created_at < now() - ${ABANDONED}))`,
    [workspaceId, key],
  );
  const claimed = await client.query(
    `insert into idempotent_answer (workspace_id, idempotency_key, request_hash, status) values ($1, $2, $3, ${IN_PROGRESS})
     on conflict do nothing`,
    [workspaceId, key, requestHash],
  );
  if (claimed.rowCount === 1) return { kind: 'none' };
  const found = await client.query<{ same: boolean; status: number; body: Json }>(
    `select request_hash = $3 as same, status, body from idempotent_answer
      where workspace_id = $1 and idempotency_key = $2`,
    [workspaceId, key, requestHash],
  );
  const row = found.rows[0];
  if (row === undefined) return { kind: 'in_progress' };
  if (!row.same) return { kind: 'other_request' };
  if (row.status === IN_PROGRESS) return { kind: 'in_progress' };
  return { kind: 'answered', status: row.status, body: row.body };
}

export async function keepIdempotentAnswer(
  client: Queryable,
  workspaceId: string,
  { key, status, body }: { readonly key: string; readonly status: number; readonly body: unknown },
): Promise<void> {
  await client.query(
    `update idempotent_answer set status = $3, body = $4 where workspace_id = $1 and idempotency_key = $2`,
    [workspaceId, key, status, body === undefined ? null : JSON.stringify(body)],
  );
}

/** The request failed, so nothing happened: the same key may try again. */
export async function releaseIdempotencyKey(
  client: Queryable,
  workspaceId: string,
  key: string,
): Promise<void> {
  await client.query(
    `delete from idempotent_answer where workspace_id = $1 and idempotency_key = $2 and status = ${IN_PROGRESS}`,
    [workspaceId, key],
  );
}

/** Called now and then by whoever is idle; reads ignore expired rows anyway. */
export async function dropExpiredAnswers(client: Queryable, workspaceId: string): Promise<number> {
  const done = await client.query(
    `delete from idempotent_answer where workspace_id = $1 and created_at < now() - ${KEPT}`,
    [workspaceId],
  );
  return done.rowCount ?? 0;
}
