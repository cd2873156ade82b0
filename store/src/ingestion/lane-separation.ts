import { identifierKey, type IdentifierRef } from '@throughline/domain/identity';
import type { Queryable } from '../shared/index.js';
import type { UnmergeWriting } from './unmerge-write-profiles.js';

/**
 * What made the two one must not do it again: every pair of identifiers, one of each, that has ever come on one event. An event
 * with another pair is new evidence and may merge them.
 */
export async function separate(writing: UnmergeWriting): Promise<void> {
  const { client, cluster, parted, ref } = writing;
  const { workspaceId } = cluster;
  const { rows } = await client.query<{ identifiers: IdentifierRef[] }>(NAMED_TOGETHER, [
    workspaceId,
    [...cluster.profiles.keys()],
  ]);
  const owners = await readOwners(client, workspaceId, [parted.survivor.id, parted.freed.id]);
  const pairs = new Map<string, object>();
  for (const { identifiers } of rows) {
    for (const a of identifiers) {
      if (owners.get(identifierKey(a)) !== parted.survivor.id) continue;
      for (const b of identifiers) {
        if (owners.get(identifierKey(b)) !== parted.freed.id) continue;
        const [first, second] = inOrder(a, b);
        pairs.set(JSON.stringify([first, second]), {
          type_a: first.type,
          value_a: first.value,
          type_b: second.type,
          value_b: second.value,
        });
      }
    }
  }
  if (pairs.size === 0) return;
  await client.query(SEPARATE, [workspaceId, JSON.stringify([...pairs.values()]), ref.position]);
}

function inOrder(a: IdentifierRef, b: IdentifierRef): readonly [IdentifierRef, IdentifierRef] {
  return identifierKey(a) < identifierKey(b) ? [a, b] : [b, a];
}

async function readOwners(
  client: Queryable,
  workspaceId: string,
  customerIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await client.query<IdentifierRef & { customer_id: string }>(
    'select type, value, customer_id from identifier where workspace_id = $1 and customer_id = any($2::uuid[])',
    [workspaceId, customerIds],
  );
  return new Map(rows.map((row) => [identifierKey(row), row.customer_id]));
}

const NAMED_TOGETHER = `
  select distinct (e.body -> 'identifiers') || coalesce(e.body -> 'previous', '[]') as identifiers from event e
   where e.workspace_id = $1 and e.customer_id = any($2::uuid[])
     and jsonb_array_length((e.body -> 'identifiers') || coalesce(e.body -> 'previous', '[]')) > 1`;

const SEPARATE = `
  insert into identity_separation (workspace_id, type_a, value_a, type_b, value_b, position)
  select $1, r.*, $3 from json_to_recordset($2::json) as r(type_a text, value_a text, type_b text, value_b text)
  on conflict do nothing`;
