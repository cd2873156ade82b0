import {
  assertNever,
  instantOf,
  minuteOfDay,
  nextLocalTime,
  addDays,
  parseTime,
} from '../../shared/index.js';
import { dayOf, offsetDays, offsetMs, traitOf, ZONE_TRAIT, zoneOf } from '../clock.js';
import { describeMoment, describeWait } from '../describe.js';
import { lengthOf } from '../lookup.js';
import type { DateMoment, DelayStep, IfPast } from '../types.js';
import {
  defineStep,
  wayTo,
  type Here,
  type WaitPlan,
  type WaitView,
  type Way,
} from './behaviour.js';
import { edge } from './outline.js';

/** The way on where a date is over, or there is none; a name that no branch of a definition has. */
const PAST_BRANCH = 'past';
/** The reason with which people leave whose date is over. */
const PAST_REASON = 'date_passed';

/**
 * A length of time, counted from the input that led here; or a moment of the person's own clock, which moves with their zone and
 * their date (replan-wait.ts).
 */
export const delayStep = defineStep('delay', {
  behaviour: (step) => ({
    mode: 'waits',
    plan: (view, here) => planOf(step, view, here),
    subscriptions: () => [],
    branches:
      step.until?.kind === 'date'
        ? new Map([[PAST_BRANCH, pastWay(step.until.ifPast, step.next)]])
        : new Map(),
    timeout: step.next,
    restartMs: null,
    plannedBy: plannedBy(step),
    summary:
      step.until === undefined
        ? describeWait(lengthOf(step.duration ?? 'PT0S'), [])
        : describeMoment(step.until),
  }),
  outline: (step) => ({
    edges: [
      // A date that is over leads on at once.
      ...edge('next', step.next, step.until?.kind === 'date' && step.until.ifPast === 'continue'),
      ...(step.until?.kind === 'date' && typeof step.until.ifPast === 'object'
        ? edge('until.ifPast.branch', step.until.ifPast.branch, true)
        : []),
    ],
    lengths: step.duration === undefined ? [] : [{ path: 'duration', duration: step.duration }],
    ends: step.until?.kind === 'date' && step.until.ifPast === 'exit',
  }),
});

function planOf(step: DelayStep, view: WaitView, here: Here): WaitPlan {
  const { until } = step;
  if (until === undefined) return at(here.instant + lengthOf(step.duration ?? 'PT0S'));
  switch (until.kind) {
    case 'localTime':
      return at(nextLocalTime(here.instant, until, zoneOf(view.traits, here.definition)));
    case 'date': {
      const target = momentOf(until, view, here);
      const isOver = target === undefined || target < here.instant;
      return isOver ? { kind: 'branch', branch: PAST_BRANCH } : at(target);
    }
    default:
      return assertNever(until);
  }
}

/** With a time of day, the offset is calendar days, which a change of the clocks does not shift; without, elapsed time. */
function momentOf(
  { trait, at: time, offset }: DateMoment,
  { traits }: WaitView,
  { definition }: Here,
): number | undefined {
  const zone = zoneOf(traits, definition);
  const value = traitOf(traits, trait);
  const day = dayOf(value, zone);
  if (day === undefined) return undefined;
  if (time !== undefined)
    return instantOf(addDays(day, offsetDays(offset)), minuteOfDay(time) ?? 0, zone);
  const isDay = typeof value === 'string' && value.length === 'yyyy-mm-dd'.length;
  const instant = isDay ? instantOf(day, 0, zone) : (parseTime(value) ?? 0);
  return instant + offsetMs(offset);
}

function pastWay(ifPast: IfPast, next: string): Way {
  if (ifPast === 'continue') return wayTo(next);
  return ifPast === 'exit' ? { kind: 'exit', reason: PAST_REASON } : wayTo(ifPast.branch);
}

function plannedBy({ until }: DelayStep): readonly string[] {
  if (until === undefined) return [];
  return until.kind === 'date' ? [ZONE_TRAIT, until.trait] : [ZONE_TRAIT];
}

function at(deadline: number): WaitPlan {
  return { kind: 'until', deadline };
}
