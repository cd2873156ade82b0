import { z } from 'zod';
import type { ChainDelivery, EnrolmentChain, Explanation } from '@throughline/store/journeys';
import type { whoAmIView } from '../segments/views.js';
import { WhoAmIView } from '../segments/views.js';
import { iso, isoOrNull } from '../common/params.js';
import { describeDelivery } from './explain-words.js';

const Time = z.iso.datetime();

const ChainView = z.object({
  enrolment: z.uuid(),
  version: z.int(),
  enteredAt: Time,
  endedAt: Time.nullable(),
  outcome: z.string().nullable(),
  heldReason: z.string().nullable(),
  exitAskedAt: Time.nullable(),
  trigger: z.object({ name: z.string(), messageId: z.string().nullable(), at: Time }),
  trail: z.array(
    z.object({
      at: Time,
      kind: z.string(),
      step: z.string().nullable(),
      visit: z.int().nullable(),
      detail: z.record(z.string(), z.unknown()),
    }),
  ),
  deliveries: z.array(
    z.object({
      key: z.string(),
      step: z.string(),
      visit: z.int(),
      connection: z.string(),
      state: z.string(),
      reason: z.string().nullable(),
      blockedBy: z.string().nullable(),
      attempts: z.int(),
      reservedAt: Time,
      settledAt: Time.nullable(),
      sentence: z.string(),
    }),
  ),
});

const VerdictView = z.object({
  at: Time,
  position: z.int(),
  ordinal: z.int(),
  obstacle: z.string().describe('closed list; the sentence explains it'),
  sentence: z.string(),
  failed: z.array(
    z.object({
      property: z.string(),
      op: z.string(),
      wanted: z.unknown(),
      found: z.unknown().describe('null: missing'),
    }),
  ),
});

export const ExplanationView = z.object({
  customerId: z.uuid().describe('after a merge: the survivor'),
  journey: z.string(),
  at: Time,
  version: z.int().nullable().describe('the newest that was published by then'),
  entered: z.boolean(),
  sentence: z.string().describe('the answer in short'),
  enrolments: z.array(ChainView).describe('newest first'),
  notEntered: z
    .array(VerdictView)
    .describe('what might have led in since the last entry, newest first, and why it did not'),
  neverTriggered: z.object({ kind: z.string(), sentence: z.string() }).nullable(),
  condition: WhoAmIView.nullable().describe(
    'of a segment that was never entered: the person against its condition, now',
  ),
});

type Condition = ReturnType<typeof whoAmIView> & { asOf: string; behind: number };

export function explanationView(
  explanation: Explanation,
  condition: Condition | null,
): z.infer<typeof ExplanationView> {
  const { customerId, journey, at, version, enrolments, verdicts, neverTriggered } = explanation;
  return {
    customerId,
    journey,
    at: iso(at),
    version,
    entered: enrolments.length > 0,
    sentence: inShort(explanation),
    enrolments: enrolments.map(chainView),
    notEntered: verdicts.map(({ ref, obstacle, sentence, failed }) => ({
      at: iso(ref.clock),
      position: ref.position,
      ordinal: ref.ordinal,
      obstacle,
      sentence,
      failed: [...failed],
    })),
    neverTriggered:
      neverTriggered === null
        ? null
        : { kind: neverTriggered.kind, sentence: neverTriggered.sentence },
    condition,
  };
}

function inShort({ enrolments, verdicts, neverTriggered }: Explanation): string {
  const [newest] = enrolments;
  if (newest !== undefined) return enteredSentence(newest);
  return neverTriggered?.sentence ?? verdicts[0]?.sentence ?? 'Nothing led the person in.';
}

function enteredSentence({ enteredAt, endedAt, outcome, heldReason }: EnrolmentChain): string {
  const entered = `Entered at ${iso(enteredAt)}`;
  if (outcome === 'holdout') return `${entered} and was left out, to compare the others with.`;
  if (endedAt !== null) return `${entered} and left at ${iso(endedAt)}: ${outcome ?? 'ended'}.`;
  return heldReason === null
    ? `${entered} and is inside.`
    : `${entered} and is held: ${heldReason}.`;
}

function chainView(chain: EnrolmentChain): z.infer<typeof ChainView> {
  const { trigger, trail, deliveries } = chain;
  return {
    enrolment: chain.enrolmentId,
    version: chain.version,
    enteredAt: iso(chain.enteredAt),
    endedAt: isoOrNull(chain.endedAt),
    outcome: chain.outcome,
    heldReason: chain.heldReason,
    exitAskedAt: isoOrNull(chain.exitAskedAt),
    trigger: {
      name: trigger.name,
      messageId: trigger.messageId,
      at: iso(trigger.eventTime),
    },
    trail: trail.map((entry) => ({ ...entry, at: iso(entry.at) })),
    deliveries: deliveries.map(deliveryView),
  };
}

function deliveryView(delivery: ChainDelivery) {
  return {
    ...delivery,
    reservedAt: iso(delivery.reservedAt),
    settledAt: isoOrNull(delivery.settledAt),
    sentence: describeDelivery(delivery),
  };
}
