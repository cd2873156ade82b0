/**
 * What stays of somebody who was erased: salted hashes, by which an input that speaks of them is known when it comes late. An
 * event belongs to the person that was, and is dropped, if it happened or was handed in no later than the erasure; one that names
 * the same identifiers later makes a new person.
 */
import { createHash } from 'node:crypto';
import { redactBody, type LogRow, type ParsedEvent } from '@throughline/domain/ingestion';
import type { Queryable } from '../shared/index.js';
import { instant } from './lane-work.js';

/** Of one workspace, as long as nobody writes a tombstone: only the lane does, so its holder knows. */
export interface Tombstones {
  /** null: nobody was ever erased here */
  readonly salt: Buffer | null;
}

export async function readTombstones(client: Queryable, workspaceId: string): Promise<Tombstones> {
  const { rows } = await client.query<{ salt: Buffer }>(
    'select salt from tombstone_salt where workspace_id = $1',
    [workspaceId],
  );
  return { salt: rows[0]?.salt ?? null };
}

interface Lookup {
  readonly workspaceId: string;
  readonly tombstones: Tombstones;
}

interface Item {
  readonly row: LogRow;
  readonly event: ParsedEvent;
}

/** The events that are of somebody who was erased. Their text is struck out of the log at once: nobody would look for it again. */
export async function findErased(
  client: Queryable,
  { workspaceId, tombstones: { salt } }: Lookup,
  items: readonly Item[],
): Promise<ReadonlySet<ParsedEvent>> {
  if (salt === null || items.length === 0) return NOBODY;
  const hashes = new Map(items.map((item) => [item.event, hashesOf(salt, item.event)]));
  const wanted = [...new Set([...hashes.values()].flat())];
  const { rows } = await client.query<{ hash: string; erased_at: number }>({
    name: 'lane-tombstones',
    text: `select encode(hash, 'hex') as hash, erased_at from tombstone
            where workspace_id = $1 and hash in (select decode(h, 'hex') from unnest($2::text[]) h)`,
    values: [workspaceId, wanted],
  });
  if (rows.length === 0) return NOBODY;
  const known = new Map(rows.map((row) => [row.hash, row.erased_at]));
  const handedIn = await readHandedIn(client, workspaceId, items);
  const erased = items.filter(({ row, event }) => {
    const [message, customer] = ownHashes(salt, event);
    if (known.has(message) || known.has(customer)) return true;
    const at = Math.min(event.eventTime, handedIn.get(row.position) ?? event.eventTime);
    return (hashes.get(event) ?? []).some((hash) => at <= (known.get(hash) ?? -Infinity));
  });
  await strikeOut(client, workspaceId, erased);
  return new Set(erased.map(({ event }) => event));
}

const NOBODY: ReadonlySet<ParsedEvent> = new Set();

function hashesOf(salt: Buffer, event: ParsedEvent): string[] {
  const named = [...event.identifiers, ...event.previous];
  return [
    ...ownHashes(salt, event),
    ...named.map(({ type, value }) => hash(salt, `${type}:${value}`)),
  ];
}

/** A message that came before, and a profile that is no more, are known whatever the time. */
function ownHashes(salt: Buffer, event: ParsedEvent): [message: string, customer: string] {
  return [
    hash(salt, `message:${event.messageId}`),
    hash(salt, `customer:${event.customerId ?? ''}`),
  ];
}

/** As migration 0013 says; the lane's SQL makes the same. */
function hash(salt: Buffer, text: string): string {
  return createHash('sha256').update(salt).update(text, 'utf8').digest('hex');
}

/** When files were handed in whose rows stand in these inputs: what they say of a person is as old as that. */
async function readHandedIn(
  client: Queryable,
  workspaceId: string,
  items: readonly Item[],
): Promise<Map<number, number>> {
  const { rows } = await client.query<{ position: number; created_at: number }>(
    `select b.position, i.created_at from import_batch b join import i on i.workspace_id = $1 and i.import_id = b.import_id
      where b.workspace_id = $1 and b.position = any($2::bigint[])`,
    [workspaceId, [...new Set(items.map(({ row }) => row.position))]],
  );
  return new Map(rows.map((row) => [row.position, row.created_at]));
}

async function strikeOut(
  client: Queryable,
  workspaceId: string,
  erased: readonly Item[],
): Promise<void> {
  const byRow = new Map<LogRow, Set<number>>();
  for (const { row, event } of erased) {
    const ordinals = byRow.get(row) ?? new Set();
    byRow.set(row, ordinals.add(event.ref.ordinal));
  }
  for (const [row, ordinals] of byRow) {
    const { body } = redactBody(row, (_text, ordinal) => ordinals.has(ordinal));
    await client.query(
      'update event_log set body = $4 where workspace_id = $1 and position = $2 and clock = $3',
      [workspaceId, row.position, instant(row.clock), body],
    );
  }
}
