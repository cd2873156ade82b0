/** Runs of audiences as they are asked for and shown, and how far an audience is. */
import { newId, type Queryable } from '../shared/index.js';
import type { AudienceRun } from './audience-types.js';

const COLUMNS = `run_id as "runId", audience_key as "audienceKey", kind, dry_run as "dryRun", state, version,
  from_position as "fromPosition", to_position as "toPosition", counts, failures, samples, error, requested_by as "requestedBy",
  requested_at as "requestedAt", started_at as "startedAt", finished_at as "finishedAt"`;

export interface AskedAudienceRun {
  readonly audienceKey: string;
  readonly kind: 'full' | 'delta';
  readonly dryRun: boolean;
  readonly requestedBy: string;
}

/** Null where a run is under way. */
export async function askAudienceRun(
  client: Queryable,
  workspaceId: string,
  { audienceKey, kind, dryRun, requestedBy }: AskedAudienceRun,
): Promise<AudienceRun | null> {
  const { rows } = await client.query<AudienceRun>(
    `insert into audience_run (workspace_id, run_id, audience_key, kind, dry_run, requested_by) values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing returning ${COLUMNS}`,
    [workspaceId, newId(), audienceKey, kind, dryRun, requestedBy],
  );
  return rows[0] ?? null;
}

/** Whoever was refused is tried again by the next run; answers how many. */
export async function redriveAudience(
  client: Queryable,
  workspaceId: string,
  audienceKey: string,
): Promise<number> {
  const { rowCount } = await client.query(
    `update audience_member set code = null, attempts = 0 where workspace_id = $1 and audience_key = $2 and code is not null`,
    [workspaceId, audienceKey],
  );
  return rowCount ?? 0;
}

export async function listAudienceRuns(
  client: Queryable,
  workspaceId: string,
  page: { readonly audienceKey: string; readonly after: string | null; readonly limit: number },
): Promise<AudienceRun[]> {
  const { rows } = await client.query<AudienceRun>(
    `select ${COLUMNS} from audience_run
      where workspace_id = $1 and audience_key = $2 and ($3::uuid is null or run_id < $3) order by run_id desc limit $4`,
    [workspaceId, page.audienceKey, page.after, page.limit],
  );
  return rows;
}

export async function readAudienceRun(
  client: Queryable,
  workspaceId: string,
  { audienceKey, runId }: { readonly audienceKey: string; readonly runId: string },
): Promise<AudienceRun | null> {
  const { rows } = await client.query<AudienceRun>(
    `select ${COLUMNS} from audience_run where workspace_id = $1 and audience_key = $2 and run_id = $3`,
    [workspaceId, audienceKey, runId],
  );
  return rows[0] ?? null;
}

export interface AudienceState {
  readonly position: number;
  /** how far the lane is */
  readonly lanePosition: number;
  readonly members: number;
  readonly due: number;
  readonly failed: number;
  readonly error: string | null;
}

export async function readAudienceState(
  client: Queryable,
  workspaceId: string,
  audienceKey: string,
): Promise<AudienceState> {
  const { rows } = await client.query<AudienceState>(
    `select coalesce(s.position, 0) as position, coalesce(l.position, 0) as "lanePosition", s.error,
            count(m.customer_id) filter (where m.told is not null) as members,
            count(m.customer_id) filter (where m.op is not null and m.code is null) as due,
            count(m.customer_id) filter (where m.code is not null) as failed
       from (select $1::uuid as workspace_id, $2::text as audience_key) k
       left join audience_sync s using (workspace_id, audience_key)
       left join lane l using (workspace_id)
       left join audience_member m using (workspace_id, audience_key)
      group by s.position, l.position, s.error`,
    [workspaceId, audienceKey],
  );
  const none = { position: 0, lanePosition: 0, members: 0, due: 0, failed: 0, error: null };
  return rows[0] ?? none;
}
