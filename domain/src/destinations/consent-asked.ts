import type { JourneyDefinition, MessageStep, SendStep, Step } from '../journeys/types.js';

/** The channel that people are asked about today; what a send goes by unless its step says otherwise. */
const USUAL_CHANNEL = 'email';

export interface ConsentAsked {
  readonly purpose: string;
  readonly channel: string;
}

/** What is looked at of a step; those that send nothing ask for nothing. */
type Asking =
  | Pick<MessageStep, 'kind' | 'channel'>
  | Pick<SendStep, 'kind' | 'consent'>
  | Pick<Exclude<Step, MessageStep | SendStep>, 'kind'>;

/**
 * Whose word an effect waits for; null: nobody's. A journey with a purpose asks for it at every step that sends, to the person or
 * about them: who said no to a purpose has said no to their data leaving for it as well. A step that hands nothing of the person
 * on says `consent: 'none'`.
 */
export function consentAsked(
  { purpose }: Pick<JourneyDefinition, 'purpose'>,
  step: Asking,
): ConsentAsked | null {
  if (purpose === null) return null;
  if (step.kind === 'message') return { purpose, channel: step.channel };
  if (step.kind !== 'sendToDestination' || step.consent === 'none') return null;
  return { purpose, channel: step.consent?.channel ?? USUAL_CHANNEL };
}
