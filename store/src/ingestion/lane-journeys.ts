import {
  decideEntry,
  decideExit,
  initialState,
  isRepeat,
  matchWait,
  reachedGoals,
  type Happening,
  type JourneyDefinition,
  type TriggerContext,
} from '@throughline/domain/journeys';
import { durationMs } from '@throughline/domain/shared';
import { derivedId } from '../shared/index.js';
import type { ApplyContext } from './lane-apply.js';
import { goalWindowMs, type LiveJourney } from './lane-definitions.js';
import { instant, type CustomerWork, type EnrolmentWork, type WaitWork } from './lane-work.js';

const MAX_RESTARTS = 100;

/** What a happening does to a customer's journeys: waits end, exits and goals are noted, new enrolments begin. Rows only. */
export class JourneyReactions {
  constructor(
    private readonly context: ApplyContext,
    private readonly customer: CustomerWork,
  ) {}

  react(happening: Happening): void {
    for (const enrolment of this.customer.enrolments) {
      const definition = this.context.definitions.journey(enrolment.journeyKey, enrolment.version);
      if (definition) this.reactEnrolled(enrolment, definition, happening);
    }
    for (const journey of this.triggeredBy(happening)) this.reactTrigger(journey, happening);
  }

  private triggeredBy(happening: Happening): readonly LiveJourney[] {
    const { byEvent, bySegment } = this.context.definitions;
    const listening =
      happening.kind === 'event' ? byEvent.get(happening.name) : bySegment.get(happening.segment);
    return listening ?? [];
  }

  private reactEnrolled(
    enrolment: EnrolmentWork,
    definition: JourneyDefinition,
    happening: Happening,
  ): void {
    this.noteGoals(enrolment, definition, happening);
    if (!enrolment.open || enrolment.exitRequested) return;
    const exit = decideExit(definition, enrolment.trigger, happening);
    if (exit)
      this.requestExit(enrolment, { reason: exit.reason, exitId: exit.exitId, ...happening.ref });
    if (enrolment.wait) this.fireWait(enrolment, enrolment.wait, happening);
  }

  /** The first match in log order wins, and only one whose clock lies within the deadline. */
  private fireWait(enrolment: EnrolmentWork, wait: WaitWork, happening: Happening): void {
    if (wait.fired || (wait.deadline !== null && happening.ref.clock > wait.deadline)) return;
    const branch = matchWait(wait.subscriptions, happening);
    if (branch === null) return;
    wait.fired = true;
    this.writeWait(enrolment, wait, { branch, ...happening.ref });
    this.wake(enrolment);
  }

  private noteGoals(
    enrolment: EnrolmentWork,
    definition: JourneyDefinition,
    happening: Happening,
  ): void {
    for (const goalId of reachedGoals(definition, enrolment.trigger, happening)) {
      const goal = definition.goals.find(({ id }) => id === goalId);
      if (!goal || happening.ref.clock > enrolment.enteredAt + goalWindowMs(goal)) continue;
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
    const prior = this.customer.enrolments.filter(({ journeyKey }) => journeyKey === journey.key);
    const decision = decideEntry(
      journey.definition,
      happening,
      prior.map(({ id, entryKey, open, endedAt }) => ({
        enrolmentId: id,
        entryKey,
        open,
        endedAt,
      })),
      happening.ref.clock,
    );
    if (decision.kind === 'enter') this.enter(journey, happening, decision.entryKey);
    if (decision.kind === 'repeat') {
      const enrolment = prior.find(({ id }) => id === decision.enrolmentId);
      if (enrolment) this.restartWait(enrolment, happening);
    }
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
      this.customer.id,
      entryKey,
    );
    writes.enrolments.push({
      enrolment_id: id,
      journey_key: journey.key,
      version: journey.version,
      customer_id: this.customer.id,
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
      exitRequested: false,
      deliveries: 0,
      wait: null,
    });
  }

  /** "The newest cart event counts": the deadline moves, the run's old timer finds the wait not yet due. */
  private restartWait(enrolment: EnrolmentWork, happening: Happening): void {
    const { wait } = enrolment;
    const definition = this.context.definitions.journey(enrolment.journeyKey, enrolment.version);
    const step = wait ? definition?.steps[wait.stepId] : undefined;
    if (
      !wait ||
      wait.fired ||
      !definition ||
      step?.kind !== 'waitFor' ||
      step.restartOnRepeat !== true
    )
      return;
    if (wait.restarts >= MAX_RESTARTS || !isRepeat(definition, enrolment.trigger, happening))
      return;
    if (wait.deadline !== null && happening.ref.clock > wait.deadline) return;
    wait.restarts += 1;
    wait.deadline = happening.ref.clock + (durationMs(step.timeout.after) ?? 0);
    this.writeWait(enrolment, wait, null);
  }

  private requestExit(enrolment: EnrolmentWork, request: Record<string, unknown>): void {
    enrolment.exitRequested = true;
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

function triggerOf(happening: Happening): TriggerContext {
  if (happening.kind === 'event') {
    const { name, properties, eventTime, messageId, ref } = happening;
    return { name, properties, eventTime, messageId, ref };
  }
  return {
    name: `Segment ${happening.change === 'entered' ? 'Entered' : 'Left'}`,
    properties: { segment: happening.segment },
    eventTime: happening.ref.clock,
    messageId: null,
    ref: happening.ref,
  };
}
