import type { Queryable } from '../shared/index.js';

export type QuarantineState = 'open' | 'replayed' | 'discarded';

export interface QuarantineItem {
  readonly quarantineId: string;
  readonly position: number;
  readonly ordinal: number;
  readonly sourceKey: string | null;
  readonly endpoint: string | null;
  readonly code: string;
  readonly detail: string;
  readonly body: string;
  readonly receivedAt: number;
  /** the same to the microsecond: what pages go by */
  readonly receivedMicros: number;
  readonly state: QuarantineState;
}

const COLUMNS = `quarantine_id as "quarantineId", position, ordinal, source_key as "sourceKey", endpoint, code, detail, body,
  received_at as "receivedAt", (extract(epoch from received_at) * 1000000)::bigint as "receivedMicros", state`;

export interface QuarantineFilter {
  readonly state: QuarantineState;
  readonly code: string | null;
  readonly source: string | null;
  /** the last item of the page before */
  readonly after: { readonly receivedMicros: number; readonly quarantineId: string } | null;
  readonly limit: number;
}

/** Newest first. */
export async function listQuarantine(
  client: Queryable,
  workspaceId: string,
  filter: QuarantineFilter,
): Promise<QuarantineItem[]> {
  const found = await client.query<QuarantineItem>(
    `select ${COLUMNS} from quarantine
      where workspace_id = $1 and state = $2 and ($3::text is null or code = $3) and ($4::text is null or source_key = $4)
        and ($5::bigint is null
             or (received_at, quarantine_id) < (timestamptz 'epoch' + $5::bigint * interval '1 microsecond', $6::uuid))
      order by received_at desc, quarantine_id desc limit $7`,
    [
      workspaceId,
      filter.state,
      filter.code,
      filter.source,
      filter.after?.receivedMicros ?? null,
      filter.after?.quarantineId ?? null,
      filter.limit,
    ],
  );
  return found.rows;
}

export async function readQuarantined(
  client: Queryable,
  workspaceId: string,
  quarantineId: string,
): Promise<QuarantineItem | null> {
  const found = await client.query<QuarantineItem>(
    `select ${COLUMNS} from quarantine where workspace_id = $1 and quarantine_id = $2`,
    [workspaceId, quarantineId],
  );
  return found.rows[0] ?? null;
}

/** Locked, so that two operators cannot replay one item twice. */
export async function lockQuarantined(
  client: Queryable,
  workspaceId: string,
  quarantineId: string,
): Promise<QuarantineItem | null> {
  const found = await client.query<QuarantineItem>(
    `select ${COLUMNS} from quarantine where workspace_id = $1 and quarantine_id = $2 for update`,
    [workspaceId, quarantineId],
  );
  return found.rows[0] ?? null;
}

export async function settleQuarantined(
  client: Queryable,
  workspaceId: string,
  {
    quarantineId,
    state,
  }: { readonly quarantineId: string; readonly state: 'replayed' | 'discarded' },
): Promise<QuarantineItem | null> {
  const done = await client.query<QuarantineItem>(
    `update quarantine set state = $3 where workspace_id = $1 and quarantine_id = $2 returning ${COLUMNS}`,
    [workspaceId, quarantineId, state],
  );
  return done.rows[0] ?? null;
}
