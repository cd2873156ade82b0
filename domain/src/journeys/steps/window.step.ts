import { hoursBegin, hoursEnd, ZONE_TRAIT, zoneOf } from '../clock.js';
import { describeHours } from '../describe.js';
import type { WindowStep } from '../types.js';
import { defineStep, wayTo, type Here, type WaitPlan, type WaitView } from './behaviour.js';
import { edge } from './outline.js';

const INSIDE = 'inside';
const OUTSIDE = 'outside';

/** Goes on within its hours. Outside of them it waits for their beginning, or goes another way at once. */
export const windowStep = defineStep('window', {
  behaviour: (step) => ({
    mode: 'waits',
    plan: (view, here) => planOf(step, view, here),
    subscriptions: () => [],
    branches: new Map([
      [INSIDE, wayTo(step.next)],
      ...(step.outside === undefined ? [] : ([[OUTSIDE, wayTo(step.outside)]] as const)),
    ]),
    timeout: step.next,
    restartMs: null,
    plannedBy: [ZONE_TRAIT],
    summary: `wait for ${describeHours(step.hours)}`,
  }),
  outline: (step) => ({
    edges: [...edge('next', step.next, true), ...edge('outside', step.outside, true)],
    hours: [{ path: 'hours', hours: step.hours }],
  }),
});

function planOf(
  { hours, outside }: WindowStep,
  { traits }: WaitView,
  { instant, definition }: Here,
): WaitPlan {
  const zone = zoneOf(traits, definition);
  if (hoursEnd(hours, instant, zone) !== null) return { kind: 'branch', branch: INSIDE };
  if (outside !== undefined) return { kind: 'branch', branch: OUTSIDE };
  return { kind: 'until', deadline: hoursBegin(hours, instant, zone) };
}
