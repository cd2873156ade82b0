import type { CapRule } from '@throughline/domain/destinations';
import { ThroughlineError } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';

/** The frequency caps of a workspace. In force from the next reservation on: it reads the row in its own transaction. */
export interface Caps {
  readonly revision: number;
  readonly rules: readonly CapRule[];
  /** null: nobody has written any */
  readonly updatedAt: number | null;
}

/** Before the first put there is a document without rules, of revision 0. */
const NONE: Caps = { revision: 0, rules: [], updatedAt: null };

const COLUMNS = 'revision, rules, updated_at as "updatedAt"';

export async function readCaps(client: Queryable, workspaceId: string): Promise<Caps> {
  const { rows } = await client.query<Caps>(
    `select ${COLUMNS} from workspace_caps where workspace_id = $1`,
    [workspaceId],
  );
  return rows[0] ?? NONE;
}

/** Puts the document whole. `ifRevision` is the revision that the caller has read: another one in between refuses the put. */
export async function putCaps(
  client: Queryable,
  workspaceId: string,
  put: { readonly rules: readonly CapRule[]; readonly ifRevision: number | null },
): Promise<Caps> {
  const { rows } = await client.query<Caps>(
    `insert into workspace_caps (workspace_id, rules)
     select $1, $2 where $3::int is null or $3 = 0 or exists (select from workspace_caps where workspace_id = $1)
     on conflict (workspace_id) do update
        set rules = excluded.rules, revision = workspace_caps.revision + 1, updated_at = clock_timestamp()
      where $3::int is null or workspace_caps.revision = $3
     returning ${COLUMNS}`,
    [workspaceId, JSON.stringify(put.rules), put.ifRevision],
  );
  const [row] = rows;
  if (row === undefined) throw new ThroughlineError('revision_mismatch');
  return row;
}
