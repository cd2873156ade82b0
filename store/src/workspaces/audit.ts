import type { JsonObject } from '@throughline/domain/shared';
import { newId, type Queryable } from '../shared/index.js';

/** Who did what to what. Detail holds references and states, never people's data and never secrets. */
export interface AuditEntry {
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail?: JsonObject;
}

export interface AuditRow {
  readonly auditId: string;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: JsonObject;
}

/** In the transaction of the change itself: neither exists without the other. */
export async function writeAudit(
  client: Queryable,
  workspaceId: string,
  entry: AuditEntry,
): Promise<void> {
  await client.query(
    `insert into audit_log (workspace_id, audit_id, actor, action, subject, detail) values ($1, $2, $3, $4, $5, $6)`,
    [workspaceId, newId(), entry.actor, entry.action, entry.subject, entry.detail ?? {}],
  );
}

/** Newest first; ids are time-ordered. */
export async function listAudit(
  client: Queryable,
  workspaceId: string,
  page: { readonly after: string | null; readonly limit: number },
): Promise<AuditRow[]> {
  const found = await client.query<AuditRow>(
    `select audit_id as "auditId", at, actor, action, subject, detail from audit_log
      where workspace_id = $1 and ($2::uuid is null or audit_id < $2) order by audit_id desc limit $3`,
    [workspaceId, page.after, page.limit],
  );
  return found.rows;
}
