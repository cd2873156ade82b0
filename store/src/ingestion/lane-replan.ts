import { replanTraits, replanWait, ZONE_TRAIT } from '@throughline/domain/journeys';
import type { StampedRef } from '@throughline/domain/shared';
import type { ApplyContext } from './lane-apply.js';
import { instant, type CustomerWork, type EnrolmentWork } from './lane-work.js';

/**
 * A person who moves to another zone, or whose date moves, waits for another instant. The lane re-plans, because it knows what
 * came first: a change after the deadline moves nothing, however late a worker finds the wait. Runs are woken, for their timers
 * stand at the old instant; in quiet hours too, which the step then measures by the new zone.
 */
export function replanWaits(
  context: ApplyContext,
  customer: CustomerWork,
  changedTraits: readonly string[],
  ref: StampedRef,
): void {
  if (changedTraits.length === 0) return;
  for (const enrolment of customer.enrolments) {
    if (!enrolment.open || enrolment.exitRequestedAt !== null) continue;
    if (enrolment.wait === null) wakeQuiet(context, enrolment, changedTraits);
    else replan(context, { customer, enrolment, wait: enrolment.wait }, changedTraits, ref);
  }
}

interface Waiting {
  readonly customer: CustomerWork;
  readonly enrolment: EnrolmentWork;
  readonly wait: NonNullable<EnrolmentWork['wait']>;
}

function replan(
  context: ApplyContext,
  { customer, enrolment, wait }: Waiting,
  changedTraits: readonly string[],
  ref: StampedRef,
): void {
  const { definitions, writes } = context;
  const definition = definitions.journey(enrolment.journeyKey, enrolment.version);
  if (definition === undefined || wait.fired) return;
  const planned = replanTraits(definition, wait.stepId);
  if (!changedTraits.some((name) => planned.includes(name))) return;
  const open = { ...wait, step: wait.stepId, fired: null };
  const { trigger } = enrolment;
  const after = replanWait(open, { definition, trigger, traits: customer.traits }, ref);
  if (after === open) return;
  wait.deadline = after.deadline;
  wait.fired = after.fired !== null;
  writes.waits.set(`${enrolment.id}.${wait.seq}`, {
    enrolment_id: enrolment.id,
    seq: wait.seq,
    deadline: wait.deadline === null ? null : instant(wait.deadline),
    restarts: wait.restarts,
    fired: after.fired === null ? null : { branch: after.fired.branch, ...after.fired.ref },
  });
  writes.wakes.set(enrolment.id, enrolment.journeyKey);
}

/** Not at a wait: it may be at a message that quiet hours keep. */
function wakeQuiet(
  { definitions, writes }: ApplyContext,
  { id, journeyKey, version }: EnrolmentWork,
  changedTraits: readonly string[],
): void {
  if (!changedTraits.includes(ZONE_TRAIT)) return;
  if (definitions.journey(journeyKey, version)?.quietHours === undefined) return;
  writes.wakes.set(id, journeyKey);
}
