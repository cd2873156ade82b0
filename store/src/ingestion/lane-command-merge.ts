import { compareRefs, isJsonList, isJsonObject, type StampedRef } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import type { CommandContext } from './lane-commands.js';
import { attachBuilds } from './lane-build.js';
import { readBackfills } from './lane-backfill.js';
import { loadPinned } from './lane-definitions.js';
import { loadCustomers } from './lane-load.js';
import { mergeAlone } from './lane-merge.js';
import { noWrites, type CustomerWork } from './lane-work.js';
import { writeBatch } from './lane-write.js';

/** A person has decided that these two are one; the older one survives, as after an event. */
export interface MergeCommand {
  readonly kind: 'merge';
  readonly customerIds: readonly [string, string];
}

export function isMergeCommand(value: unknown): value is MergeCommand {
  return (
    isJsonObject(value) &&
    value['kind'] === 'merge' &&
    isJsonList(value['customerIds']) &&
    value['customerIds'].length === 2 &&
    value['customerIds'].every((id) => typeof id === 'string')
  );
}

/** Limits do not apply: they guard against what machines send. Nothing happens where the two are one by now, or one is gone. */
export async function merge(
  client: Queryable,
  { workspaceId, definitions, row }: CommandContext,
  { customerIds }: MergeCommand,
): Promise<void> {
  const known = await survivorsOf(client, workspaceId, customerIds);
  if (known.length !== 2) return;
  const customers = await loadCustomers(client, {
    workspaceId,
    known,
    resolved: [],
    remembered: definitions.remembered,
    merging: true,
  });
  const [survivor, absorbed] = [...customers.values()].sort(byAge);
  if (survivor === undefined || absorbed === undefined) return;
  const runs = [...survivor.enrolments, ...absorbed.enrolments];
  const wanted = runs.map(({ journeyKey: key, version }) => ({ key, version }));
  await loadPinned(client, workspaceId, wanted, definitions);
  const backfills = await readBackfills(client, workspaceId);
  await attachBuilds(client, { workspaceId, definitions, backfills }, customers);
  const writes = noWrites();
  const ref: StampedRef = { position: row.position, ordinal: 0, clock: row.clock };
  const context = { workspaceId, definitions, customers, writes, positionAt: () => row.position };
  mergeAlone(context, { survivor, absorbedId: absorbed.id, ref, cause: 'operator' });
  await writeBatch(client, workspaceId, writes);
}

function byAge(a: CustomerWork, b: CustomerWork): number {
  return compareRefs(a.first, b.first) || (a.id < b.id ? -1 : 1);
}

async function survivorsOf(
  client: Queryable,
  workspaceId: string,
  customerIds: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select distinct coalesce(merged_into, customer_id) as id from customer
      where workspace_id = $1 and customer_id = any($2::uuid[])
        and not exists (select from erasure_person p where p.workspace_id = $1 and p.customer_id = customer.customer_id)
      order by id`,
    [workspaceId, customerIds],
  );
  return rows.map(({ id }) => id);
}
