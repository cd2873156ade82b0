import type { Consent } from '@throughline/domain/consent';
import type { Facts, Traits } from '@throughline/domain/profiles';
import { InvariantBroken } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import type { LaneDefinitions } from './lane-definitions.js';
import { settleDue } from './lane-due.js';
import { bornBy, Replay } from './replay.js';
import { readCluster, readStoredEvents, readStoredMerges } from './stored-events.js';

/** What a customer's events make of them when applied once more, from nothing. */
export interface RebuiltCustomer {
  readonly traits: Traits;
  readonly facts: Facts;
  readonly consents: readonly Consent[];
  readonly segments: readonly string[];
}

const BEGINNING = { position: 0, ordinal: 0 };

/**
 * Applies the stored events of a customer, and of everybody who was merged into them, in log order, by the code that applied
 * them first. The live row must equal the answer; a corrected mapping and an erasure begin here.
 */
export async function rebuildCustomer(
  client: Queryable,
  subject: { readonly workspaceId: string; readonly customerId: string },
  definitions: LaneDefinitions,
): Promise<RebuiltCustomer> {
  const { workspaceId, customerId } = subject;
  const customerIds = await readCluster(client, workspaceId, customerId);
  const wanted = { workspaceId, customerIds };
  const replay = new Replay({
    workspaceId,
    definitions,
    merges: await readStoredMerges(client, wanted),
    from: BEGINNING,
    bring: bornBy,
    positionAt: () => 0,
  });
  replay.run(await readStoredEvents(client, wanted));
  const rebuilt = replay.context.customers.get(customerId);
  if (!rebuilt) throw new InvariantBroken('a customer without events cannot be rebuilt');
  settleDue(replay.context, rebuilt, await readClock(client, workspaceId));
  const { traits, facts, consents, members } = rebuilt;
  return { traits, facts, consents, segments: [...members.keys()].sort() };
}

/** The lane has settled everybody who was due by its clock. */
async function readClock(client: Queryable, workspaceId: string): Promise<number> {
  const { rows } = await client.query<{ clock: number }>(
    'select clock from lane where workspace_id = $1',
    [workspaceId],
  );
  return rows[0]?.clock ?? 0;
}
