import type { SegmentChange } from '@throughline/domain/segments';
import type { StampedRef } from '@throughline/domain/shared';
import type { ApplyContext } from './lane-apply.js';
import { JourneyReactions } from './lane-journeys.js';
import { instant, type CustomerWork } from './lane-work.js';

/** Membership changes and the input, or the instant, that brought them about. */
export interface Changes {
  readonly changes: readonly SegmentChange[];
  readonly ref: StampedRef;
  /** ms since epoch: event time, or the instant at which it became true by itself */
  readonly at: number;
  readonly imported: boolean;
  /** the profile whose event it was, where it was one's */
  readonly originId?: string;
}

/** Writes each change into the present and the history, and tells the customer's journeys. */
export function takeChanges(
  context: ApplyContext,
  customer: CustomerWork,
  { changes, ref, at, imported, originId = customer.id }: Changes,
): void {
  if (changes.length === 0) return;
  const reactions = new JourneyReactions(context, customer, originId);
  const { position, ordinal } = ref;
  for (const { segment, change } of changes) {
    const version = context.definitions.segmentVersions.get(segment) ?? 1;
    if (change === 'entered')
      customer.members.set(segment, { version, since: at, position, ordinal });
    else customer.members.delete(segment);
    context.writes.membershipChanges.push({
      customer_id: customer.id,
      position,
      ordinal,
      segment_key: segment,
      version,
      change,
      at: instant(at),
      clock: instant(ref.clock),
    });
    reactions.react({ kind: 'segment', segment, change, ref, imported });
  }
}
