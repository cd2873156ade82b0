/** Which audiences have something to do, for the relay's role: of every workspace. */
import type pg from 'pg';
import { newId } from '../shared/index.js';
import type { AudienceRunRef } from './audience-types.js';

export interface OpenedAudienceRun extends AudienceRunRef {
  readonly audienceKey: string;
  readonly kind: 'full' | 'delta';
  readonly dryRun: boolean;
}

/** Asks for a run of every audience that has something to do and none under way. */
export async function askDueAudiences(pool: pg.Pool, limit: number): Promise<number> {
  const { rows } = await pool.query<{ workspaceId: string; audienceKey: string }>(DUE, [limit]);
  for (const { workspaceId, audienceKey } of rows)
    await pool.query(
      `insert into audience_run (workspace_id, run_id, audience_key, kind, requested_by) values ($1, $2, $3, 'delta', 'schedule')
       on conflict do nothing`,
      [workspaceId, newId(), audienceKey],
    );
  return rows.length;
}

/** Runs that are not over, oldest first: each is a run of syncAudience. */
export async function listOpenAudienceRuns(
  pool: pg.Pool,
  limit: number,
): Promise<OpenedAudienceRun[]> {
  const { rows } = await pool.query<OpenedAudienceRun>(
    `select workspace_id as "workspaceId", run_id as "runId", audience_key as "audienceKey", kind, dry_run as "dryRun"
       from audience_run where state in ('asked', 'running') order by requested_at limit $1`,
    [limit],
  );
  return rows;
}

/**
 * Live: as soon as segment, consents or merges have changed, and now and then for what members are called by. By the clock: when it
 * is time. Whoever was erased is taken out by an audience in any state.
 */
const DUE = `
  with known as (
    select d.workspace_id, d.key, d.live_version, v.body, d.state = 'live' and d.archived_at is null as live, s.version,
           coalesce(s.position, 0) as position,
           coalesce((v.body -> 'schedule' ->> 'everyMinutes')::int, 0) as every_minutes,
           (select max(r.requested_at) from audience_run r where r.workspace_id = d.workspace_id and r.audience_key = d.key and not r.dry_run) as last_at
      from definition d
      join definition_version v on v.workspace_id = d.workspace_id and v.kind = d.kind and v.key = d.key and v.version = d.live_version
      left join audience_sync s on s.workspace_id = d.workspace_id and s.audience_key = d.key
     where d.kind = 'audience' and (s.error is null or s.error_at < clock_timestamp() - interval '10 minutes')
       and not exists (select from sending_stop t where t.workspace_id = d.workspace_id
                          and (t.scope = 'workspace' or t.scope = 'connection' and t.target = v.body ->> 'connection'))
       and not exists (select from audience_run r
                        where r.workspace_id = d.workspace_id and r.audience_key = d.key and r.state in ('asked', 'running')))
  select k.workspace_id as "workspaceId", k.key as "audienceKey" from known k
   where exists (select from audience_member m
                  where m.workspace_id = k.workspace_id and m.audience_key = k.key and m.erased and m.code is null)
      or k.live and k.version is distinct from k.live_version
      or k.live and (k.every_minutes = 0 or k.last_at < clock_timestamp() - make_interval(mins => k.every_minutes)) and (
           exists (select from segment_membership_change c
                    where c.workspace_id = k.workspace_id and c.segment_key = k.body ->> 'segment' and c.position > k.position)
        or exists (select from consent_change c
                    where c.workspace_id = k.workspace_id and c.purpose = k.body ->> 'purpose' and c.position > k.position)
        or exists (select from customer_merge c where c.workspace_id = k.workspace_id and c.position > k.position)
        or exists (select from customer_merge c where c.workspace_id = k.workspace_id and c.undone_position > k.position)
        or exists (select from audience_member m
                    where m.workspace_id = k.workspace_id and m.audience_key = k.key and m.op is not null and m.code is null)
        or k.last_at < clock_timestamp() - interval '15 minutes'
           and exists (select from lane l where l.workspace_id = k.workspace_id and l.position > k.position))
   limit $1`;
