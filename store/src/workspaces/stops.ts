import type { Queryable } from '../shared/index.js';

export type StopScope = 'workspace' | 'journey' | 'connection';

/** `target` is the key of the journey or connection; empty for the workspace. */
export interface StopTarget {
  readonly scope: StopScope;
  readonly target: string;
}

export interface SendingStop extends StopTarget {
  readonly stoppedAt: number;
  readonly stoppedBy: string;
}

/** In force from the next reservation on: reservations read the row in their own transaction. */
export async function stopSending(
  client: Queryable,
  workspaceId: string,
  stop: StopTarget & { readonly by: string },
): Promise<void> {
  await client.query(
    `insert into sending_stop (workspace_id, scope, target, stopped_by) values ($1, $2, $3, $4) on conflict do nothing`,
    [workspaceId, stop.scope, stop.target, stop.by],
  );
}

/** False where there was no such stop. */
export async function liftStop(
  client: Queryable,
  workspaceId: string,
  stop: StopTarget,
): Promise<boolean> {
  const done = await client.query(
    `delete from sending_stop where workspace_id = $1 and scope = $2 and target = $3`,
    [workspaceId, stop.scope, stop.target],
  );
  return (done.rowCount ?? 0) > 0;
}

export async function listStops(client: Queryable, workspaceId: string): Promise<SendingStop[]> {
  const found = await client.query<SendingStop>(
    `select scope, target, stopped_at as "stoppedAt", stopped_by as "stoppedBy" from sending_stop
      where workspace_id = $1 order by scope, target`,
    [workspaceId],
  );
  return found.rows;
}

/**
 * Wakes every run whose delivery a stop or pause keeps back, before its first call or before it is repeated; returns how many. One that something else still blocks asks
 * again and is blocked again, so waking too many changes nothing. Call it in a transaction after the one that lifted the
 * stop, or a run that looked in between sleeps on.
 */
export async function wakeBlocked(
  client: Queryable,
  workspaceId: string,
  { scope, target }: StopTarget,
): Promise<number> {
  const done = await client.query(
    `insert into outbox (workspace_id, enrolment_id, journey_key, kind, generation)
     select e.workspace_id, e.enrolment_id, e.journey_key, 'wake', e.generation
       from enrolment e
      where e.workspace_id = $1 and e.state <> 'ended'
        and exists (select from delivery d
                     where d.workspace_id = e.workspace_id and d.enrolment_id = e.enrolment_id
                       and d.state in ('reserved', 'sending') and d.blocked_by is not null
                       and case $2 when 'journey' then d.journey_key = $3 when 'connection' then d.connection_key = $3
                                   else true end)`,
    [workspaceId, scope, target],
  );
  return done.rowCount ?? 0;
}
