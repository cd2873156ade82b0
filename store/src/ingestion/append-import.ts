import type { Revocation } from './appender.js';
import { hashRef } from './appender.js';
import { DRAW } from './append.js';
import type { Queryable } from '../shared/index.js';

/** Events made of rows, as one input of the log. `body` is that of a batch call. */
export interface ImportBatch {
  readonly body: string;
  readonly events: number;
  readonly revocations: readonly Revocation[];
}

export interface ImportAppend {
  readonly sourceKey: string;
  /** ordinary events, which may start journeys */
  readonly startJourneys: boolean;
  readonly batches: readonly ImportBatch[];
}

/** Printed JSON escapes control characters, so that a bare one parts two bodies. */
const SEPARATOR = '\u001e';

const APPEND = `
  with drawn as (${DRAW}), written as (
    insert into event_log (workspace_id, position, clock, kind, endpoint, source_key, events, body)
    select $1, drawn.base + r.ord, drawn.clock, $3, 'batch', $4, r.events, r.body
      from drawn, rows from (json_to_recordset($5::json) as (events int), string_to_table($6, $7))
           with ordinality as r(events, body, ord)
  ), revoked as (
    insert into revocation_pending (workspace_id, position, identifier_hash, purpose, channel)
    select $1, drawn.base + r.ord, decode(r.hash, 'hex'), r.purpose, r.channel
      from drawn, json_to_recordset($8::json) as r(ord int, hash text, purpose text, channel text)
    on conflict do nothing
  )
  select base from drawn`;

/** Last in a transaction: it takes the append lock. Answers the positions, in the order of the batches. */
export async function appendImport(
  client: Queryable,
  workspaceId: string,
  { sourceKey, startJourneys, batches }: ImportAppend,
): Promise<number[]> {
  if (batches.length === 0) return [];
  const revoked = batches.flatMap(({ revocations }, index) =>
    revocations.map(({ type, value, purpose, channel }) => ({
      ord: index + 1,
      hash: hashRef(type, value).toString('hex'),
      purpose,
      channel,
    })),
  );
  const { rows } = await client.query<{ base: number }>({
    name: 'import-append',
    text: APPEND,
    values: [
      workspaceId,
      batches.length,
      startJourneys ? 'http' : 'import',
      sourceKey,
      JSON.stringify(batches.map(({ events }) => ({ events }))),
      batches.map(({ body }) => body).join(SEPARATOR),
      SEPARATOR,
      JSON.stringify(revoked),
    ],
  });
  const base = rows[0]?.base ?? 0;
  return batches.map((_batch, index) => base + index + 1);
}
