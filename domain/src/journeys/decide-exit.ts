import { compareRefs } from '../shared/index.js';
import { lengthOf } from './lookup.js';
import { isSame, keyAt, matchHappening, sameValueOf } from './match-wait.js';
import type { Goal, Happening, JourneyDefinition, Match, TriggerContext } from './types.js';

/** Exits are global: the first rule in the order of the definition that the happening meets, wherever the run stands. */
export function decideExit(
  definition: JourneyDefinition,
  trigger: TriggerContext,
  happening: Happening,
): { readonly exitId: string; readonly reason: string } | null {
  const rule = definition.exits.find((exit) => isMet(exit, trigger, happening));
  return rule === undefined ? null : { exitId: rule.id, reason: rule.reason ?? rule.id };
}

/** How long after entry a goal counts unless it says otherwise, whether the journey has ended by then or not. */
export const GOAL_WINDOW_MS = 7 * 86_400_000;

/** Ids of all goals that the happening reaches. */
export function reachedGoals(
  definition: JourneyDefinition,
  trigger: TriggerContext,
  happening: Happening,
): readonly string[] {
  const age = happening.ref.clock - trigger.ref.clock;
  return definition.goals
    .filter((goal) => age <= windowOf(goal) && isMet(goal, trigger, happening))
    .map((goal) => goal.id);
}

function windowOf({ window }: Goal): number {
  return window === undefined ? GOAL_WINDOW_MS : lengthOf(window);
}

/** The trigger once more: same event, same filter, same key. Journeys without a key know no repeats. */
export function isRepeat(
  definition: JourneyDefinition,
  trigger: TriggerContext,
  happening: Happening,
): boolean {
  const { trigger: cause, entry } = definition;
  if (cause.kind !== 'event' || entry.reentry !== 'perKey' || happening.kind !== 'event')
    return false;
  if (!isLater(trigger, happening) || !matchHappening(cause, happening)) return false;
  const key = keyAt(trigger.properties, entry.path);
  return key !== undefined && isSame(key, keyAt(happening.properties, entry.path));
}

function isMet(match: Match, trigger: TriggerContext, happening: Happening): boolean {
  return (
    isLater(trigger, happening) && matchHappening(match, happening, sameValueOf(match, trigger))
  );
}

/** What led in does not lead out: an input, and all that it changed, is over for the enrolment that it began. */
function isLater(trigger: TriggerContext, happening: Happening): boolean {
  return compareRefs(happening.ref, trigger.ref) > 0;
}
