import {
  fingerprint,
  parseBody,
  type LogRow,
  type ParsedEvent,
  type Rejection,
  type RejectionCode,
} from '@throughline/domain/ingestion';
import type { Queryable } from '../shared/index.js';
import { applyEvent } from './lane-apply.js';
import { attachBuilds, type Backfill } from './lane-build.js';
import { loadPinned, type LaneDefinitions } from './lane-definitions.js';
import { settleDue, stampOf, type LaneStamp } from './lane-due.js';
import { quarantineRow, rejectionOf } from './lane-quarantine.js';
import { writeFindings } from './lane-identity-guards.js';
import { resolveBatch } from './lane-identity.js';
import { loadCustomers } from './lane-load.js';
import { instant, noWrites, type CustomerWork, type LaneWrites } from './lane-work.js';
import { writeBatch } from './lane-write.js';
import { findErased, type Tombstones } from './tombstones.js';

const DEDUPLICATION_WINDOW_MS = 7 * 86_400_000;

/** One event of a batch, with what its quarantine row would need. */
export interface BatchItem {
  readonly row: LogRow;
  readonly event: ParsedEvent;
}

export interface ParsedBatch {
  readonly items: readonly BatchItem[];
  readonly rejections: readonly { readonly row: LogRow; readonly rejection: Rejection }[];
}

export interface BatchContext {
  readonly workspaceId: string;
  readonly definitions: LaneDefinitions;
  /** `position.ordinal` of events that the database refused by themselves */
  readonly poison: ReadonlySet<string>;
  /** every input of the batch, those without events as well */
  readonly stamps: readonly LaneStamp[];
  /** customers who are due by the last of them */
  readonly due: readonly string[];
  readonly backfills: readonly Backfill[];
  readonly tombstones: Tombstones;
}

/** Parsing needs no database: it is done once, and again only for nobody, however often the transaction is tried. */
export function parseRows(rows: readonly LogRow[]): ParsedBatch {
  const items: BatchItem[] = [];
  const rejections: { row: LogRow; rejection: Rejection }[] = [];
  for (const row of rows) {
    if (row.kind !== 'http' && row.kind !== 'internal' && row.kind !== 'import') continue;
    const parsed = parseBody(row);
    for (const event of parsed.events) items.push({ row, event });
    for (const rejection of parsed.rejections) rejections.push({ row, rejection });
  }
  return { items, rejections };
}

/**
 * Applies parsed events inside the caller's transaction: de-duplicate, resolve, lock and load, apply event by event, write.
 * Moving the lane's position is the caller's part.
 */
export async function applyBatch(
  client: Queryable,
  context: BatchContext,
  batch: ParsedBatch,
): Promise<LaneWrites> {
  const writes = noWrites();
  const { workspaceId, definitions, stamps } = context;
  const quarantine = (row: LogRow, rejection: Rejection): void => {
    writes.quarantine.push(quarantineRow(workspaceId, row, rejection));
  };
  for (const { row, rejection } of batch.rejections) quarantine(row, rejection);
  const rows = new Map(batch.items.map(({ row, event }) => [event, row]));
  const refuse = (event: ParsedEvent, code: RejectionCode, detail: string): void => {
    const row = rows.get(event);
    if (row) quarantine(row, rejectionOf(row, event, code, detail));
  };

  const erased = await findErased(client, context, batch.items);
  const items = batch.items.filter(({ event }) => !erased.has(event));
  const fresh = await withoutDuplicates(client, context, { items, writes, refuse });
  const { resolved, refused, known, findings } = await resolveBatch(
    client,
    workspaceId,
    fresh,
    definitions.identity,
  );
  for (const { event, code, detail } of refused) refuse(event, code, detail);
  const customers = await loadCustomers(client, {
    workspaceId,
    known: [...new Set([...known, ...context.due])],
    resolved,
    remembered: definitions.remembered,
  });
  await loadPinned(client, workspaceId, pinnedVersions(customers), definitions);
  await attachBuilds(client, context, customers);
  const apply = { workspaceId, definitions, customers, writes, positionAt: stampOf(stamps) };
  for (const item of resolved) applyEvent(apply, item);
  // What became due after a customer's last event, or for one without events here.
  const clock = stamps.at(-1)?.clock ?? 0;
  for (const customer of customers.values()) settleDue(apply, customer, clock);
  await writeBatch(client, workspaceId, writes);
  await writeFindings(client, workspaceId, findings);
  return writes;
}

interface Deduplication {
  readonly items: readonly BatchItem[];
  readonly writes: LaneWrites;
  readonly refuse: (event: ParsedEvent, code: RejectionCode, detail: string) => void;
}

/** Same id and fingerprint: dropped and counted. Same id, other body: quarantine. */
async function withoutDuplicates(
  client: Queryable,
  { workspaceId, poison }: BatchContext,
  { items, writes, refuse }: Deduplication,
): Promise<ParsedEvent[]> {
  const seen = await readSeen(client, workspaceId, items);
  const fresh: ParsedEvent[] = [];
  for (const { event } of items) {
    if (poison.has(`${event.ref.position}.${event.ref.ordinal}`)) {
      refuse(event, 'store_refused', 'the database refused a value of this event');
      continue;
    }
    const print = fingerprint(event);
    const before = seen.get(event.messageId);
    if (before === undefined) {
      seen.set(event.messageId, print);
      fresh.push(event);
    } else if (before === print) writes.duplicates += 1;
    else
      refuse(
        event,
        'same_id_other_body',
        'an event with this messageId and another content was applied before',
      );
  }
  return fresh;
}

async function readSeen(
  client: Queryable,
  workspaceId: string,
  items: readonly BatchItem[],
): Promise<Map<string, string>> {
  const first = items[0];
  if (!first) return new Map();
  const answer = await client.query<{ message_id: string; fingerprint: string }>({
    name: 'lane-seen-before',
    text: `select message_id, fingerprint from message_seen
            where workspace_id = $1 and message_id = any($2::text[]) and seen_at between $3 and $4`,
    values: [
      workspaceId,
      items.map(({ event }) => event.messageId),
      instant(first.row.clock - DEDUPLICATION_WINDOW_MS),
      // Nothing is seen later than now; without the bound every partition made ahead is probed as well.
      instant(items.at(-1)?.row.clock ?? first.row.clock),
    ],
  });
  return new Map(answer.rows.map((row) => [row.message_id, row.fingerprint]));
}

function pinnedVersions(
  customers: ReadonlyMap<string, CustomerWork>,
): { key: string; version: number }[] {
  const wanted = new Map<string, { key: string; version: number }>();
  for (const { enrolments } of customers.values()) {
    for (const { journeyKey: key, version } of enrolments)
      wanted.set(`${key}@${version}`, { key, version });
  }
  return [...wanted.values()];
}
