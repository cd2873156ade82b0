import type pg from 'pg';
import { ThroughlineError, type JsonObject } from '@throughline/domain/shared';
import { inWorkspace, newId, type Queryable } from '../shared/index.js';

export interface Workspace {
  readonly workspaceId: string;
  readonly key: string;
  readonly name: string;
  readonly settings: JsonObject;
  readonly createdAt: number;
}

const COLUMNS = `workspace_id as "workspaceId", key, name, settings, created_at as "createdAt"`;

/**
 * Makes a workspace together with its lane: without the two lane rows nothing could ever be appended.
 * The pool runs as tl_app; the new id is set as the transaction's own workspace, so its policies let the rows in.
 */
export async function createWorkspace(
  pool: pg.Pool,
  workspace: { readonly key: string; readonly name: string },
): Promise<Workspace> {
  const workspaceId = newId();
  return inWorkspace(pool, workspaceId, async (client) => {
    // The key's uniqueness spans workspaces that this transaction cannot see, so the index is the judge.
    const made = await client.query<Workspace>(
      `insert into workspace (workspace_id, key, name) values ($1, $2, $3)
       on conflict (key) do nothing returning ${COLUMNS}`,
      [workspaceId, workspace.key, workspace.name],
    );
    const row = made.rows[0];
    if (row === undefined) {
      throw new ThroughlineError('conflict', `A workspace "${workspace.key}" exists already.`);
    }
    await client.query('insert into lane (workspace_id) values ($1)', [workspaceId]);
    await client.query('insert into lane_append (workspace_id) values ($1)', [workspaceId]);
    return row;
  });
}

/** By its key, whoever asks: for the admin command and public pages. The pool runs as tl_ingest. */
export async function findWorkspaceByKey(door: Queryable, key: string): Promise<Workspace | null> {
  const found = await door.query<Workspace>(`select ${COLUMNS} from workspace where key = $1`, [
    key,
  ]);
  return found.rows[0] ?? null;
}

export async function readWorkspace(
  client: Queryable,
  workspaceId: string,
): Promise<Workspace | null> {
  const found = await client.query<Workspace>(
    `select ${COLUMNS} from workspace where workspace_id = $1`,
    [workspaceId],
  );
  return found.rows[0] ?? null;
}
