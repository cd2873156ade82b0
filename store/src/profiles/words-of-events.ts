/**
 * Consents as the stored events alone make them. After an unmerge this is what the two had: words that were only the other's are
 * gone then, which a history of words said cannot tell.
 */
import {
  applyConsents,
  mergeConsents,
  type Consent,
  type ConsentAssertion,
} from '@throughline/domain/consent';
import { compareRefs, type InputRef } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import type { PastMerge } from './was-who.js';

interface Saying extends InputRef {
  readonly profile: string;
  readonly clock: number;
  readonly eventTime: number;
  readonly consents: readonly ConsentAssertion[];
}

export interface WordsWanted {
  readonly profiles: readonly string[];
  readonly customerId: string;
  /** those among these profiles that held, in order */
  readonly merges: readonly PastMerge[];
  /** the last input that counts */
  readonly position: number;
}

/** The words that held, each with the input that said it; merged as the lane merges them. */
export async function readWordsOfEvents(
  client: Queryable,
  workspaceId: string,
  { profiles, customerId, merges, position }: WordsWanted,
): Promise<readonly Consent[]> {
  const { rows } = await client.query<Saying>(
    `select customer_id as profile, position, ordinal, clock, event_time as "eventTime",
            body -> 'consents' as consents
       from event
      where workspace_id = $1 and customer_id = any($2::uuid[]) and position <= $3 and body -> 'consents' <> '[]'
      order by position, ordinal`,
    [workspaceId, profiles, position],
  );
  const words = new Map<string, readonly Consent[]>();
  const owners = new Map<string, string>();
  const pending = [...merges];
  const mergeUntil = (ref: InputRef | null): void => {
    for (let next = pending[0]; next !== undefined; next = pending[0]) {
      if (ref !== null && compareRefs(next, ref) > 0) return;
      pending.shift();
      const { survivorId, absorbedId } = next;
      owners.set(absorbedId, survivorId);
      words.set(
        survivorId,
        mergeConsents(words.get(survivorId) ?? [], words.get(absorbedId) ?? []),
      );
    }
  };
  for (const { profile, clock, eventTime, consents, ...at } of rows) {
    const ref = { position: at.position, ordinal: at.ordinal, clock };
    mergeUntil(ref);
    const owner = ownerOf(owners, profile);
    const { consents: said } = applyConsents(words.get(owner) ?? [], { consents, eventTime, ref });
    words.set(owner, said);
  }
  mergeUntil(null);
  return words.get(customerId) ?? [];
}

function ownerOf(owners: ReadonlyMap<string, string>, profile: string): string {
  let current = profile;
  for (let next = owners.get(current); next !== undefined; next = owners.get(current))
    current = next;
  return current;
}
