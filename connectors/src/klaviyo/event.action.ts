/** Records one event of a person. Klaviyo keeps the first of a profile, metric and `unique_id`, so a repeat is dropped there. */
import { z } from 'zod';
import { ambiguous, resultOfFault } from '../kit/faults.js';
import type { HttpActionSpec } from '../kit/http-action.js';
import { filled } from '../kit/inputs.js';
import type { DeliveryItem } from '../kit/results.js';
import { safeKey } from '../kit/safe-key.js';
import { faultOfKlaviyo, klaviyoPost } from './klaviyo-api.js';
import {
  identifiersOf,
  isIdentified,
  NEEDS_IDENTIFIER,
  PersonFields,
  type KlaviyoSettings,
} from './klaviyo.settings.js';

/** Says that the event was checked and taken in; every other 2xx is somebody else's answer. */
const ACCEPTED = 202;

export const EventInput = z
  .object({
    ...PersonFields,
    metric: z.string().min(1).max(127).meta({ title: 'Metric', description: 'Name of the event.' }),
    properties: z.record(z.string().min(1), z.json()).optional().meta({ title: 'Properties' }),
    value: z.number().optional().meta({ title: 'Value' }),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be a code of ISO 4217')
      .optional()
      .meta({ title: 'Currency' }),
    occurredAt: z.iso.datetime({ offset: true }).optional().meta({
      title: 'Occurred at',
      description: 'When it happened; the time of receipt, if not given.',
    }),
  })
  .refine(isIdentified, NEEDS_IDENTIFIER);
export type EventInput = z.infer<typeof EventInput>;

export const eventSpec: HttpActionSpec<KlaviyoSettings, EventInput> = {
  title: 'Record an event',
  input: EventInput,
  build: (items, { settings }) =>
    items.map((item, index) => klaviyoPost(settings, '/api/events', { data: dataOf(item), index })),
  read: (response, items, { nowMs, idempotency }) => {
    const fault =
      faultOfKlaviyo(response, nowMs) ??
      (response.status === ACCEPTED
        ? undefined
        : ambiguous('response_unreadable', `HTTP ${response.status} instead of ${ACCEPTED}`));
    return items.map(() =>
      fault === undefined ? { status: 'delivered' } : resultOfFault(fault, idempotency),
    );
  },
};

function dataOf({ key, input }: DeliveryItem<EventInput>): unknown {
  const { metric, properties, value, currency, occurredAt } = input;
  return {
    type: 'event',
    attributes: {
      ...filled({ time: occurredAt, value, value_currency: currency }),
      unique_id: safeKey(key, ':'),
      properties: properties ?? {},
      metric: { data: { type: 'metric', attributes: { name: metric } } },
      profile: { data: { type: 'profile', attributes: identifiersOf(input) } },
    },
  };
}
