import type pg from 'pg';
import { ThroughlineError } from '@throughline/domain/shared';
import { inWorkspace, type Queryable } from '../shared/index.js';

export interface Source {
  readonly sourceKey: string;
  readonly name: string;
  readonly kind: string;
  readonly state: 'active' | 'paused';
  readonly createdAt: number;
}

const COLUMNS = `source_key as "sourceKey", name, kind, state, created_at as "createdAt"`;

/** For the first run and tests, before there is a key to ask the API with. */
export async function createSource(
  pool: pg.Pool,
  workspaceId: string,
  { key, name }: { readonly key: string; readonly name: string },
): Promise<Source> {
  const source = { sourceKey: key, name };
  const made = await inWorkspace(pool, workspaceId, (client) =>
    putSource(client, workspaceId, source),
  );
  if (made === undefined) throw new ThroughlineError('internal', 'The source was not stored.');
  return made;
}

export async function putSource(
  client: Queryable,
  workspaceId: string,
  source: { readonly sourceKey: string; readonly name: string },
): Promise<Source | undefined> {
  const done = await client.query<Source>(
    `insert into source (workspace_id, source_key, name) values ($1, $2, $3)
     on conflict (workspace_id, source_key) do update set name = excluded.name returning ${COLUMNS}`,
    [workspaceId, source.sourceKey, source.name],
  );
  return done.rows[0];
}

export async function listSources(
  client: Queryable,
  workspaceId: string,
  page: { readonly after: string | null; readonly limit: number },
): Promise<Source[]> {
  const found = await client.query<Source>(
    `select ${COLUMNS} from source where workspace_id = $1 and ($2::text is null or source_key > $2)
      order by source_key limit $3`,
    [workspaceId, page.after, page.limit],
  );
  return found.rows;
}

export async function readSource(
  client: Queryable,
  workspaceId: string,
  sourceKey: string,
): Promise<Source | null> {
  const found = await client.query<Source>(
    `select ${COLUMNS} from source where workspace_id = $1 and source_key = $2`,
    [workspaceId, sourceKey],
  );
  return found.rows[0] ?? null;
}

/** A paused source's requests are refused at the door: an answer of 200 would promise what nobody keeps. */
export async function setSourceState(
  client: Queryable,
  workspaceId: string,
  { sourceKey, state }: { readonly sourceKey: string; readonly state: Source['state'] },
): Promise<Source | null> {
  const done = await client.query<Source>(
    `update source set state = $3 where workspace_id = $1 and source_key = $2 returning ${COLUMNS}`,
    [workspaceId, sourceKey, state],
  );
  return done.rows[0] ?? null;
}
