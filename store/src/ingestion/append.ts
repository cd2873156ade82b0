import type { InternalEvent } from '@throughline/domain/ingestion';
import type { Queryable } from '../shared/index.js';
import type { LaneCommand } from './lane-commands.js';

/** Wakes idle lane processors; a hint only, they poll as well. */
export const LANE_CHANNEL = 'throughline_lane';

/**
 * Draws `count` positions and stamps the clock. The row lock is the append lock: it is held until commit, so whoever draws
 * later commits later, and a reader that sees a position has seen every lower one. Milliseconds, because deadlines are
 * compared in milliseconds outside the database.
 */
export const DRAW = `
  update lane_append
     set position = position + $2, clock = greatest(clock, date_trunc('milliseconds', clock_timestamp()))
   where workspace_id = $1
  returning position - $2 as base, clock`;

/**
 * Our own events, as one log row. Call it last in a transaction: the append lock must not be held while waiting for another.
 */
export async function appendInternal(
  client: Queryable,
  workspaceId: string,
  events: readonly InternalEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await client.query(
    `with drawn as (${DRAW})
     insert into event_log (workspace_id, position, clock, kind, events, hop, body)
     select $1, base + 1, clock, 'internal', $3, $4, $5 from drawn`,
    [
      workspaceId,
      1,
      events.length,
      Math.max(...events.map((event) => event.hop)),
      JSON.stringify(events),
    ],
  );
}

/**
 * Tells the lane that definitions changed, and dates every version published in this transaction with the position at which
 * it goes live: entries before it use the version before. Last in a transaction as well.
 */
export async function appendDefinitions(client: Queryable, workspaceId: string): Promise<number> {
  const drawn = await client.query<{ position: number }>(
    `with drawn as (${DRAW}), written as (
       insert into event_log (workspace_id, position, clock, kind, events)
       select $1, base + 1, clock, 'definitions', 0 from drawn)
     select base + 1 as position from drawn`,
    [workspaceId, 1],
  );
  const position = drawn.rows[0]?.position ?? 0;
  await client.query(
    'update definition_version set live_position = $2 where workspace_id = $1 and live_position is null',
    [workspaceId, position],
  );
  return position;
}

/** Moves the clock of an idle lane past a deadline. */
export async function appendTick(client: Queryable, workspaceId: string): Promise<void> {
  await client.query(
    `with drawn as (${DRAW})
     insert into event_log (workspace_id, position, clock, kind, events) select $1, base + 1, clock, 'tick', 0 from drawn`,
    [workspaceId, 1],
  );
}

/** An input that is no event; see lane-commands.ts. Last in a transaction as well. Answers its position. */
export async function appendCommand(
  client: Queryable,
  workspaceId: string,
  command: LaneCommand,
): Promise<number> {
  const { rows } = await client.query<{ position: number }>(
    `with drawn as (${DRAW}), written as (
       insert into event_log (workspace_id, position, clock, kind, events, body)
       select $1, base + 1, clock, 'command', 0, $3 from drawn)
     select base + 1 as position from drawn`,
    [workspaceId, 1, JSON.stringify(command)],
  );
  return rows[0]?.position ?? 0;
}

/** Asks for the next page of the backfill that the definitions input at `of` began. */
export async function appendBackfill(
  client: Queryable,
  workspaceId: string,
  of: number,
): Promise<void> {
  await client.query(
    `with drawn as (${DRAW})
     insert into event_log (workspace_id, position, clock, kind, events, body)
     select $1, base + 1, clock, 'backfill', 0, $3 from drawn`,
    [workspaceId, 1, String(of)],
  );
}
