import { ThroughlineError, type JsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';

export const DEFINITION_KINDS = [
  'segment',
  'journey',
  'template',
  'connection',
  'attribute',
  'mapping',
  'pull',
  'identity',
  'audience',
  'prediction',
] as const;
export type DefinitionKind = (typeof DEFINITION_KINDS)[number];
export type DefinitionState = 'draft' | 'live' | 'paused' | 'stopped';

export interface Definition {
  readonly kind: DefinitionKind;
  readonly key: string;
  readonly revision: number;
  readonly body: JsonObject;
  readonly liveVersion: number | null;
  readonly state: DefinitionState;
  readonly archivedAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** One definition among the others of its workspace. */
export interface DefinitionRef {
  readonly kind: DefinitionKind;
  readonly key: string;
}

const COLUMNS = `kind, key, revision, body, live_version as "liveVersion", state, archived_at as "archivedAt",
  created_at as "createdAt", updated_at as "updatedAt"`;

/**
 * Puts the draft whole. `ifRevision` is the revision that the caller has read: another one in between refuses the put.
 * Putting an archived definition brings it back.
 */
export async function putDefinition(
  client: Queryable,
  workspaceId: string,
  put: DefinitionRef & { readonly body: JsonObject; readonly ifRevision: number | null },
): Promise<{ readonly definition: Definition; readonly created: boolean }> {
  const current = await lockDefinition(client, workspaceId, put);
  if (put.ifRevision !== null && current?.revision !== put.ifRevision) {
    throw new ThroughlineError('revision_mismatch');
  }
  const done = await client.query<Definition & { created: boolean }>(
    `insert into definition (workspace_id, kind, key, body) values ($1, $2, $3, $4)
     on conflict (workspace_id, kind, key) do update
        set body = excluded.body, revision = definition.revision + 1, updated_at = clock_timestamp(), archived_at = null
     returning ${COLUMNS}, revision = 1 as created`,
    [workspaceId, put.kind, put.key, put.body],
  );
  const row = done.rows[0];
  if (row === undefined) throw new ThroughlineError('internal', 'The definition was not stored.');
  const { created, ...definition } = row;
  return { definition, created };
}

export async function readDefinition(
  client: Queryable,
  workspaceId: string,
  ref: DefinitionRef,
): Promise<Definition | null> {
  const found = await client.query<Definition>(
    `select ${COLUMNS} from definition where workspace_id = $1 and kind = $2 and key = $3`,
    [workspaceId, ref.kind, ref.key],
  );
  return found.rows[0] ?? null;
}

/** For a change of state that depends on the present one. */
export async function lockDefinition(
  client: Queryable,
  workspaceId: string,
  ref: DefinitionRef,
): Promise<Definition | null> {
  const found = await client.query<Definition>(
    `select ${COLUMNS} from definition where workspace_id = $1 and kind = $2 and key = $3 for update`,
    [workspaceId, ref.kind, ref.key],
  );
  return found.rows[0] ?? null;
}

/**
 * What goes live is checked against what is live, and so is what is archived: one of them at a time in a workspace, until its
 * transaction ends. To be taken before any row.
 */
export async function lockLiveDefinitions(client: Queryable, workspaceId: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock(7304, hashtext($1))', [workspaceId]);
}

export async function listDefinitions(
  client: Queryable,
  workspaceId: string,
  page: {
    readonly kind: DefinitionKind;
    readonly archived: boolean;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<Definition[]> {
  const found = await client.query<Definition>(
    `select ${COLUMNS} from definition
      where workspace_id = $1 and kind = $2 and (archived_at is not null) = $3 and ($4::text is null or key > $4)
      order by key limit $5`,
    [workspaceId, page.kind, page.archived, page.after, page.limit],
  );
  return found.rows;
}

/** Live, unarchived definitions of a kind with their live bodies: what others may refer to, and who refers to what. */
export async function readLiveDefinitions(
  client: Queryable,
  workspaceId: string,
  kinds: readonly DefinitionKind[],
): Promise<(DefinitionRef & { readonly body: JsonObject })[]> {
  const found = await client.query<DefinitionRef & { body: JsonObject }>(
    `select d.kind, d.key, v.body
       from definition d
       join definition_version v on v.workspace_id = d.workspace_id and v.kind = d.kind and v.key = d.key
        and v.version = d.live_version
      where d.workspace_id = $1 and d.kind = any($2) and d.archived_at is null and d.state in ('live', 'paused')
      order by d.kind, d.key`,
    [workspaceId, kinds],
  );
  return found.rows;
}

export async function setDefinitionState(
  client: Queryable,
  workspaceId: string,
  change: DefinitionRef & { readonly state: DefinitionState },
): Promise<Definition | null> {
  const done = await client.query<Definition>(
    `update definition set state = $4, updated_at = clock_timestamp()
      where workspace_id = $1 and kind = $2 and key = $3 returning ${COLUMNS}`,
    [workspaceId, change.kind, change.key, change.state],
  );
  return done.rows[0] ?? null;
}

/** Archived definitions keep their versions: enrolments and audit still name them. */
export async function archiveDefinition(
  client: Queryable,
  workspaceId: string,
  ref: DefinitionRef,
): Promise<Definition | null> {
  const done = await client.query<Definition>(
    `update definition
        set archived_at = coalesce(archived_at, clock_timestamp()), updated_at = clock_timestamp(),
            state = case when state = 'draft' then state else 'stopped' end
      where workspace_id = $1 and kind = $2 and key = $3 returning ${COLUMNS}`,
    [workspaceId, ref.kind, ref.key],
  );
  return done.rows[0] ?? null;
}
