import {
  decideEntry,
  decideExit,
  initialState,
  reachedGoals,
  type Happening,
  triggerOf,
  watchWait,
  type JourneyDefinition,
} from '@throughline/domain/journeys';
import { assertNever, type StampedRef } from '@throughline/domain/shared';
import { derivedId } from '../shared/index.js';
import type { ApplyContext } from './lane-apply.js';
import type { LiveJourney } from './lane-definitions.js';
import { instant, type CustomerWork, type EnrolmentWork, type WaitWork } from './lane-work.js';

/** What a happening does to a customer's journeys: waits end, exits and goals are noted, new enrolments begin. Rows only. */
export class JourneyReactions {
  constructor(
    private readonly context: ApplyContext,
    private readonly customer: CustomerWork,
    /** the profile, of those that became this customer, to which it happens */
    private readonly originId: string = customer.id,
  ) {}

  react(happening: Happening): void {
    for (const enrolment of this.customer.enrolments) {
      const definition = this.context.definitions.journey(enrolment.journeyKey, enrolment.version);
      if (definition) this.reactEnrolled(enrolment, definition, happening);
    }
    for (const journey of this.triggeredBy(happening)) this.reactTrigger(journey, happening);
  }

  private triggeredBy(happening: Happening): readonly LiveJourney[] {
    const { byEvent, bySegment, dated } = this.context.definitions;
    switch (happening.kind) {
      case 'event':
        return byEvent.get(happening.name) ?? [];
      case 'segment':
        return bySegment.get(happening.segment) ?? [];
      case 'date':
        return dated.filter(({ key }) => key === happening.journey);
      default:
        return assertNever(happening);
    }
  }

  private reactEnrolled(
    enrolment: EnrolmentWork,
    definition: JourneyDefinition,
    happening: Happening,
  ): void {
    this.noteGoals(enrolment, definition, happening);
    if (!enrolment.open || enrolment.exitRequestedAt !== null) return;
    const exit = decideExit(definition, enrolment.trigger, happening);
    if (exit)
      this.requestExit(enrolment, {
        reason: exit.reason,
        exitId: exit.exitId,
        ...happening.ref,
      });
    this.watch(enrolment, definition, happening);
  }

  /** Fires the wait, moves its deadline ("the newest cart event counts"), or leaves it as it is. */
  private watch(
    enrolment: EnrolmentWork,
    definition: JourneyDefinition,
    happening: Happening,
  ): void {
    const { wait } = enrolment;
    if (!wait || wait.fired) return;
    const open = { ...wait, step: wait.stepId, fired: null };
    const after = watchWait(open, happening, { definition, trigger: enrolment.trigger });
    if (after === open) return;
    wait.deadline = after.deadline;
    wait.restarts = after.restarts;
    wait.fired = after.fired !== null;
    this.writeWait(
      enrolment,
      wait,
      after.fired === null ? null : { branch: after.fired.branch, ...after.fired.ref },
    );
    // A moved deadline needs no wake: the run's old timer finds the wait not yet due.
    if (wait.fired) this.wake(enrolment);
  }

  private noteGoals(
    enrolment: EnrolmentWork,
    definition: JourneyDefinition,
    happening: Happening,
  ): void {
    for (const goalId of reachedGoals(definition, enrolment.trigger, happening)) {
      this.context.writes.goals.push({
        enrolment_id: enrolment.id,
        goal_id: goalId,
        journey_key: enrolment.journeyKey,
        position: happening.ref.position,
        ordinal: happening.ref.ordinal,
        at: instant(happening.ref.clock),
      });
    }
  }

  private reactTrigger(journey: LiveJourney, happening: Happening): void {
    // An exit that is asked for has left already: whether step has carried it out yet must not matter.
    const prior = this.customer.enrolments
      .filter(({ journeyKey }) => journeyKey === journey.key)
      .map(({ id, entryKey, open, endedAt, exitRequestedAt }) => ({
        enrolmentId: id,
        entryKey,
        open: open && exitRequestedAt === null,
        endedAt: endedAt ?? exitRequestedAt,
      }));
    const decision = decideEntry(journey.definition, happening, prior, happening.ref.clock);
    if (decision.kind === 'enter') this.enter(journey, happening, decision.entryKey);
  }

  private enter(journey: LiveJourney, happening: Happening, entryKey: string): void {
    const { workspaceId, writes } = this.context;
    const { ref } = happening;
    const trigger = triggerOf(happening);
    const id = derivedId(
      ref.clock,
      workspaceId,
      ref.position,
      ref.ordinal,
      journey.key,
      this.originId,
      entryKey,
    );
    writes.enrolments.push({
      enrolment_id: id,
      journey_key: journey.key,
      version: journey.version,
      customer_id: this.originId,
      subject_id: this.customer.id,
      entry_key: entryKey,
      run_state: initialState(),
      trigger,
      clock: instant(ref.clock),
      position: ref.position,
      ordinal: ref.ordinal,
    });
    this.customer.enrolments.push({
      id,
      journeyKey: journey.key,
      version: journey.version,
      entryKey,
      trigger,
      enteredAt: ref.clock,
      enteredRef: ref,
      endedAt: null,
      open: true,
      superseded: false,
      exitRequestedAt: null,
      deliveries: 0,
      wait: null,
    });
  }

  private requestExit(
    enrolment: EnrolmentWork,
    request: StampedRef & { readonly reason: string; readonly exitId: string },
  ): void {
    enrolment.exitRequestedAt = request.clock;
    this.context.writes.exits.push({
      enrolment_id: enrolment.id,
      exit_request: request,
      superseded: false,
    });
    this.wake(enrolment);
  }

  private writeWait(
    enrolment: EnrolmentWork,
    wait: WaitWork,
    fired: { branch: string; position: number; ordinal: number; clock: number } | null,
  ): void {
    this.context.writes.waits.set(`${enrolment.id}.${wait.seq}`, {
      enrolment_id: enrolment.id,
      seq: wait.seq,
      deadline: wait.deadline === null ? null : instant(wait.deadline),
      restarts: wait.restarts,
      fired,
    });
  }

  private wake(enrolment: EnrolmentWork): void {
    this.context.writes.wakes.set(enrolment.id, enrolment.journeyKey);
  }
}
