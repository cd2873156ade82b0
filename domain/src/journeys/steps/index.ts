import type { Step, StepKind } from '../types.js';
import type { StepBehaviour, StepDefinition } from './behaviour.js';
import { delayStep } from './delay.step.js';
import { exitStep } from './exit.step.js';
import { messageStep } from './message.step.js';
import type { StepOutline } from './outline.js';
import { randomSplitStep } from './random-split.step.js';
import { sendToDestinationStep } from './send-to-destination.step.js';
import { splitStep } from './split.step.js';
import { updateProfileStep } from './update-profile.step.js';
import { waitForStep } from './wait-for.step.js';
import { windowStep } from './window.step.js';

/** Every kind of step. A new kind that is missing here, or stands under another's name, does not compile. */
const STEPS: { readonly [K in StepKind]: StepDefinition<K> } = {
  delay: delayStep,
  window: windowStep,
  waitFor: waitForStep,
  split: splitStep,
  randomSplit: randomSplitStep,
  message: messageStep,
  sendToDestination: sendToDestinationStep,
  updateProfile: updateProfileStep,
  exit: exitStep,
};

export function behaviourOf(step: Step): StepBehaviour {
  return STEPS[step.kind].behaviourOf(step);
}

export function outlineOf(step: Step): StepOutline {
  return STEPS[step.kind].outlineOf(step);
}
