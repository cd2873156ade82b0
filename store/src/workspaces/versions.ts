import { ThroughlineError, type JsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import { lockDefinition, type Definition, type DefinitionRef } from './definitions.js';

export interface DefinitionVersion {
  readonly version: number;
  readonly body: JsonObject;
  readonly publishedAt: number;
  readonly publishedBy: string;
  readonly livePosition: number | null;
}

export interface Publication {
  readonly version: number;
  /** false: the draft equals what is live already, and nothing was written */
  readonly changed: boolean;
}

const COLUMNS = `version, body, published_at as "publishedAt", published_by as "publishedBy", live_position as "livePosition"`;

/**
 * Makes the draft the next immutable version and the live one. The caller appends the definitions input afterwards, last in
 * the same transaction, so that the lane changes over at one position. A paused journey stays paused.
 */
export async function publishDefinition(
  client: Queryable,
  workspaceId: string,
  publish: DefinitionRef & { readonly by: string; readonly ifRevision: number | null },
): Promise<Publication> {
  const draft = await lockDefinition(client, workspaceId, publish);
  if (draft === null || draft.archivedAt !== null) throw new ThroughlineError('not_found');
  if (publish.ifRevision !== null && draft.revision !== publish.ifRevision) {
    throw new ThroughlineError('revision_mismatch');
  }
  const live = await equalLiveVersion(client, workspaceId, draft);
  if (live !== null && draft.state !== 'stopped') return { version: live, changed: false };
  const made = await client.query<{ version: number }>(
    `insert into definition_version (workspace_id, kind, key, version, body, published_by)
     select $1, $2, $3, coalesce(max(version), 0) + 1, $4, $5 from definition_version
      where workspace_id = $1 and kind = $2 and key = $3
     returning version`,
    [workspaceId, publish.kind, publish.key, draft.body, publish.by],
  );
  const version = made.rows[0]?.version ?? 1;
  await client.query(
    `update definition
        set live_version = $4, state = case when state = 'paused' then 'paused' else 'live' end, updated_at = clock_timestamp()
      where workspace_id = $1 and kind = $2 and key = $3`,
    [workspaceId, publish.kind, publish.key, version],
  );
  return { version, changed: true };
}

async function equalLiveVersion(
  client: Queryable,
  workspaceId: string,
  draft: Definition,
): Promise<number | null> {
  if (draft.liveVersion === null) return null;
  const found = await client.query<{ same: boolean }>(
    `select body = $5::jsonb as same from definition_version
      where workspace_id = $1 and kind = $2 and key = $3 and version = $4`,
    [workspaceId, draft.kind, draft.key, draft.liveVersion, draft.body],
  );
  return found.rows[0]?.same === true ? draft.liveVersion : null;
}

/** Newest first. */
export async function listVersions(
  client: Queryable,
  workspaceId: string,
  page: DefinitionRef & { readonly after: number | null; readonly limit: number },
): Promise<DefinitionVersion[]> {
  const found = await client.query<DefinitionVersion>(
    `select ${COLUMNS} from definition_version
      where workspace_id = $1 and kind = $2 and key = $3 and ($4::int is null or version < $4)
      order by version desc limit $5`,
    [workspaceId, page.kind, page.key, page.after, page.limit],
  );
  return found.rows;
}

export async function readVersion(
  client: Queryable,
  workspaceId: string,
  ref: DefinitionRef & { readonly version: number },
): Promise<DefinitionVersion | null> {
  const found = await client.query<DefinitionVersion>(
    `select ${COLUMNS} from definition_version where workspace_id = $1 and kind = $2 and key = $3 and version = $4`,
    [workspaceId, ref.kind, ref.key, ref.version],
  );
  return found.rows[0] ?? null;
}
