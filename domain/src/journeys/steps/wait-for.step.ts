import { describeWait } from '../describe.js';
import { lengthOf } from '../lookup.js';
import { subscribe } from '../match-wait.js';
import type { Match, WaitForStep } from '../types.js';
import { defineStep, wayTo, type WaitView } from './behaviour.js';
import { edge } from './outline.js';

/** The first of several happenings, or the timeout; each its own branch. */
export const waitForStep = defineStep('waitFor', {
  behaviour: (step) => ({
    mode: 'waits',
    plan: (view, { instant }) => {
      const branch = alreadyAt(step, view);
      return branch === null
        ? { kind: 'until', deadline: instant + lengthOf(step.timeout.after) }
        : { kind: 'branch', branch };
    },
    subscriptions: (trigger) => step.branches.map(({ id, on }) => subscribe(id, on, trigger)),
    branches: new Map(step.branches.map(({ id, next }) => [id, wayTo(next)])),
    timeout: step.timeout.next,
    restartMs: step.restartOnRepeat === true ? lengthOf(step.timeout.after) : null,
    plannedBy: [],
    summary: describeWait(
      lengthOf(step.timeout.after),
      step.branches.map(({ on }) => on),
    ),
  }),
  outline: (step) => ({
    edges: [
      ...step.branches.flatMap(({ on, next }, index) =>
        edge(`branches.${index}.next`, next, step.alreadyTrue === true && on.kind !== 'event'),
      ),
      ...edge('timeout.next', step.timeout.next, false),
    ],
    branchIds: step.branches.map(({ id }, index) => ({ path: `branches.${index}.id`, id })),
    matches: step.branches.map(({ on }, index) => ({ path: `branches.${index}.on`, on })),
    lengths: [{ path: 'timeout.after', duration: step.timeout.after }],
    restartsOnRepeat: step.restartOnRepeat ?? false,
  }),
});

function alreadyAt({ alreadyTrue, branches }: WaitForStep, view: WaitView): string | null {
  if (alreadyTrue !== true) return null;
  return branches.find(({ on }) => holds(on, view))?.id ?? null;
}

/** Events are moments and never hold; memberships do. */
function holds(match: Match, { segments }: WaitView): boolean {
  return match.kind === 'segment' && segments.has(match.segment) === (match.on === 'entered');
}
