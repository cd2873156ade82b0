/** A run of an audience on its way: begun, gone on with, ended; with what it goes by, read anew every time. */
import type pg from 'pg';
import { isJsonObject, type JsonObject } from '@throughline/domain/shared';
import { inWorkspace, type Queryable } from '../shared/index.js';
import type { AudienceRunRef, AudienceRunState, OpenAudienceRun } from './audience-types.js';

interface RunRow {
  readonly audienceKey: string;
  readonly kind: 'full' | 'delta';
  readonly dryRun: boolean;
  readonly state: AudienceRunState;
  readonly version: number | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly planned: boolean;
}

const RUN = `audience_key as "audienceKey", kind, dry_run as "dryRun", state, version, from_position as "from", to_position as "to", planned`;

/** Begins a run that was asked for, or goes on with one; null where it is over, or its audience was never published. */
export function openAudienceRun(
  pool: pg.Pool,
  { workspaceId, runId }: AudienceRunRef,
): Promise<OpenAudienceRun | null> {
  return inWorkspace(pool, workspaceId, async (client) => {
    const { rows } = await client.query<RunRow>(
      `select ${RUN} from audience_run where workspace_id = $1 and run_id = $2 and state in ('asked', 'running') for update`,
      [workspaceId, runId],
    );
    const [asked] = rows;
    if (asked === undefined) return null;
    const live = await readLive(client, workspaceId, asked.audienceKey);
    if (live === null) return null;
    const row = asked.state === 'asked' ? await begin(client, { workspaceId, runId }, live) : asked;
    const { version, from, to } = row;
    if (version === null || from === null || to === null) return null;
    const { body, resting, stopped, connection } = live;
    const blocked = stopped
      ? 'sending_stopped'
      : version === live.version
        ? null
        : 'published_anew';
    return { ...row, workspaceId, runId, version, from, to, body, connection, resting, blocked };
  });
}

interface Live {
  readonly version: number;
  readonly body: JsonObject;
  readonly resting: boolean;
  readonly stopped: boolean;
  readonly connection: OpenAudienceRun['connection'];
}

interface LiveRow {
  readonly version: number;
  readonly body: JsonObject;
  readonly resting: boolean;
  readonly stopped: boolean;
  readonly key: string | null;
  readonly connection: JsonObject | null;
  readonly keyId: string | null;
  readonly sealed: Buffer | null;
}

async function readLive(
  client: Queryable,
  workspaceId: string,
  audienceKey: string,
): Promise<Live | null> {
  const { rows } = await client.query<LiveRow>(
    `select v.version, v.body, d.state <> 'live' or d.archived_at is not null as resting, c.key, c.body as connection,
            s.key_id as "keyId", s.sealed,
            exists (select from sending_stop t where t.workspace_id = $1
                       and (t.scope = 'workspace' or t.scope = 'connection' and t.target = v.body ->> 'connection')) as stopped
       from definition d
       join definition_version v on v.workspace_id = $1 and v.kind = 'audience' and v.key = d.key and v.version = d.live_version
       left join definition c on c.workspace_id = $1 and c.kind = 'connection' and c.key = v.body ->> 'connection' and c.archived_at is null
       left join connection_secret s on s.workspace_id = $1 and s.connection_key = c.key
      where d.workspace_id = $1 and d.kind = 'audience' and d.key = $2`,
    [workspaceId, audienceKey],
  );
  const [row] = rows;
  return row === undefined ? null : { ...row, connection: connectionOf(row) };
}

function connectionOf({ key, connection, keyId, sealed }: LiveRow): Live['connection'] {
  if (key === null || connection === null) return null;
  const { connector, settings } = connection;
  return {
    key,
    connector: typeof connector === 'string' ? connector : '',
    settings: isJsonObject(settings) ? settings : {},
    sealed: keyId === null || sealed === null ? null : { keyId, sealed },
  };
}

/** What the run looks at is fixed here: up to where the lane is now. A version that nobody has followed yet is followed in full. */
async function begin(
  client: Queryable,
  { workspaceId, runId }: AudienceRunRef,
  { version }: Live,
): Promise<RunRow> {
  await client.query(
    `insert into audience_sync (workspace_id, audience_key)
     select workspace_id, audience_key from audience_run where workspace_id = $1 and run_id = $2 on conflict do nothing`,
    [workspaceId, runId],
  );
  const { rows } = await client.query<RunRow>(
    `update audience_run r
        set state = 'running', version = $3, from_position = s.position, started_at = clock_timestamp(),
            to_position = coalesce((select l.position from lane l where l.workspace_id = $1), 0),
            kind = case when s.version is distinct from $3 then 'full' else r.kind end
       from audience_sync s
      where r.workspace_id = $1 and r.run_id = $2 and s.workspace_id = $1 and s.audience_key = r.audience_key
      returning ${RUN.replace('audience_key', 'r.audience_key').replace(', version', ', r.version')}`,
    [workspaceId, runId, version],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError('a run that was just begun is not there');
  return row;
}

/** Ends a run; `error` is why it could not go on, and keeps runs from beginning by themselves for a while. */
export function endAudienceRun(
  pool: pg.Pool,
  { workspaceId, runId }: AudienceRunRef,
  end: { readonly state: 'done' | 'stopped' | 'failed'; readonly error: string | null },
): Promise<void> {
  return inWorkspace(pool, workspaceId, async (client) => {
    const { rows } = await client.query<{ audienceKey: string; dryRun: boolean }>(
      `update audience_run set state = $3, error = $4, finished_at = clock_timestamp()
        where workspace_id = $1 and run_id = $2 and state in ('asked', 'running')
        returning audience_key as "audienceKey", dry_run as "dryRun"`,
      [workspaceId, runId, end.state, end.error],
    );
    const [run] = rows;
    if (run === undefined || run.dryRun || end.state === 'stopped') return;
    await client.query(
      `update audience_sync set error = $3, error_at = case when $3::text is null then null else clock_timestamp() end
        where workspace_id = $1 and audience_key = $2`,
      [workspaceId, run.audienceKey, end.error],
    );
  });
}
