import type { Queryable } from '../shared/index.js';
import { writeDue } from './lane-due.js';
import { SEPARATOR, STATEMENTS } from './lane-statements.js';
import { consentRow, instant, type CustomerWork, type LaneWrites } from './lane-work.js';
import { clearMerged, writeMerges } from './lane-write-merges.js';

/** One statement per table that changed; inside the batch's transaction, after every decision has been made. */
export async function writeBatch(
  client: Queryable,
  workspaceId: string,
  writes: LaneWrites,
): Promise<void> {
  const write = (name: StatementName, rows: readonly unknown[]): Promise<void> =>
    writeRows(client, workspaceId, { name, rows });
  const touched = [...writes.touched.values()];
  const changed = touched.filter((customer) => customer.changed);
  await writeRows(client, workspaceId, {
    name: 'customers',
    rows: changed.map(customerRow),
    documents: [changed.map(({ traits }) => traits), changed.map(({ facts }) => facts)],
  });
  await write('applied', touched.filter((customer) => !customer.changed).map(appliedRow));
  await write('seen', writes.seen);
  await writeRows(client, workspaceId, {
    name: 'events',
    rows: writes.events,
    documents: [writes.eventBodies],
  });
  await write('quarantine', writes.quarantine);
  await write('traitChanges', writes.traitChanges);
  await write('identifiers', writes.identifiersAdded);
  await write('enrolments', writes.enrolments);
  await writeMerges(client, workspaceId, writes);
  await writeStanding(client, workspaceId, writes);
  await write('consentChanges', writes.consentChanges);
  await write('suppressions', writes.suppressions);
  await write('membershipChanges', writes.membershipChanges);
  await write('exits', writes.exits.filter(isOwn));
  await write('waits', [...writes.waits.values()]);
  await write('goals', writes.goals);
  await write('groups', [...writes.groups.values()]);
  await write('starts', writes.enrolments);
  await write('wakes', [...writes.wakes].map(wakeRow));
  await write('built', writes.built);
  await writeDue(client, workspaceId, writes);
}

type StatementName = keyof typeof STATEMENTS;

interface RowsToWrite {
  readonly name: StatementName;
  readonly rows: readonly unknown[];
  /** columns of documents, each as long as `rows` */
  readonly documents?: readonly (readonly unknown[])[];
}

async function writeRows(
  client: Queryable,
  workspaceId: string,
  { name, rows, documents = [] }: RowsToWrite,
): Promise<void> {
  if (rows.length === 0) return;
  const texts = documents.map((column) =>
    column.map((document) => JSON.stringify(document)).join(SEPARATOR),
  );
  await client.query({
    name: `lane-write-${name}`,
    text: STATEMENTS[name],
    values: [workspaceId, JSON.stringify(rows), ...texts],
  });
}

/** Consents and memberships as they stand now: deltas, but whole for customers that took part in a merge. */
async function writeStanding(
  client: Queryable,
  workspaceId: string,
  writes: LaneWrites,
): Promise<void> {
  const merged = new Set(writes.merges.flatMap((merge) => [merge.survivor_id, merge.absorbed_id]));
  const whole = [...writes.touched.values()].filter(({ id }) => merged.has(id));
  await clearMerged(client, workspaceId, whole);
  const consents = lastByKey(writes.consents, 'customer_id', 'purpose', 'channel');
  const memberships = lastByKey(writes.membershipChanges, 'customer_id', 'segment_key');
  await writeRows(client, workspaceId, {
    name: 'consents',
    rows: [...consents.filter(unmerged(merged)), ...whole.flatMap(consentRows)],
  });
  await writeRows(client, workspaceId, {
    name: 'memberships',
    rows: [...memberships.filter(unmerged(merged)), ...whole.flatMap(membershipRows)],
  });
}

/** Customers with their consents and memberships, whole: whatever stood there before. */
export async function writeWhole(
  client: Queryable,
  workspaceId: string,
  customers: readonly CustomerWork[],
): Promise<void> {
  await writeRows(client, workspaceId, {
    name: 'customers',
    rows: customers.map(customerRow),
    documents: [customers.map(({ traits }) => traits), customers.map(({ facts }) => facts)],
  });
  await clearMerged(client, workspaceId, customers);
  const consents = customers.flatMap(consentRows);
  await writeRows(client, workspaceId, { name: 'consents', rows: consents });
  const memberships = customers.flatMap(membershipRows);
  await writeRows(client, workspaceId, { name: 'memberships', rows: memberships });
}

/** Exits of superseded runs are written with their merge. */
function isOwn({ superseded }: { readonly superseded: boolean }): boolean {
  return !superseded;
}

function wakeRow([enrolmentId, journeyKey]: readonly [string, string]): unknown {
  return { enrolment_id: enrolmentId, journey_key: journeyKey };
}

function customerRow(customer: CustomerWork): unknown {
  return {
    customer_id: customer.id,
    created_at: instant(customer.createdAt),
    first_position: customer.first.position,
    first_ordinal: customer.first.ordinal,
    applied_position: customer.appliedPosition,
    merged_into: customer.mergedInto,
  };
}

function appliedRow({ id, appliedPosition }: CustomerWork): unknown {
  return { customer_id: id, applied_position: appliedPosition };
}

function unmerged(
  merged: ReadonlySet<string>,
): (row: Readonly<Record<string, unknown>>) => boolean {
  return (row) => !(typeof row['customer_id'] === 'string' && merged.has(row['customer_id']));
}

function consentRows({ id, consents }: CustomerWork): unknown[] {
  return consents.map((consent) => consentRow(id, consent, null));
}

function membershipRows({ id, members }: CustomerWork): unknown[] {
  return [...members].map(([segment, { version, since, position, ordinal }]) => ({
    customer_id: id,
    segment_key: segment,
    version,
    change: 'entered',
    at: instant(since),
    position,
    ordinal,
  }));
}

/** Of several changes of one thing in a batch, the last is what holds. */
function lastByKey(
  rows: readonly Record<string, unknown>[],
  ...keys: readonly string[]
): Record<string, unknown>[] {
  return [
    ...new Map(rows.map((row) => [JSON.stringify(keys.map((key) => row[key])), row])).values(),
  ];
}
