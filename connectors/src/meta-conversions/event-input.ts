/** The input of an event, with what Meta demands of some of them; it refuses a whole request for one event that lacks it. */
import { z } from 'zod';
import { isFilled, optionalInput } from '../kit/inputs.js';
import { metaEventName } from './event-name.js';
import { UserFields } from './user-data.js';

/** Events of apps and messages need more than this connector knows of them. */
const SOURCES = [
  'website',
  'email',
  'phone_call',
  'chat',
  'physical_store',
  'system_generated',
  'other',
] as const;

const Fields = z.object({
  ...UserFields,
  event: z.string().min(1).max(50).meta({
    title: 'Event',
    description: 'Such as Purchase; the usual names of shops are translated.',
  }),
  occurredAt: z.iso.datetime({ offset: true }).optional().meta({
    title: 'Occurred at',
    description: 'Within the last 7 days; now, if not given.',
  }),
  actionSource: z.enum(SOURCES).meta({ title: 'Where it happened' }),
  sourceUrl: optionalInput(z.url({ protocol: /^https?$/ }).max(2_000)).meta({
    title: 'Page',
    description: 'Where it happened on a website.',
  }),
  eventId: optionalInput(z.string().max(100)).meta({
    title: 'Event id',
    description: 'Of the same event from the browser; the delivery’s own, if not given.',
  }),
  value: z.number().nonnegative().optional().meta({ title: 'Value' }),
  currency: optionalInput(z.string().regex(/^[A-Za-z]{3}$/, 'must be a code of ISO 4217')).meta({
    title: 'Currency',
  }),
  custom: z.record(z.string().min(1), z.json()).optional().meta({
    title: 'Further data',
    description: 'Goes into custom_data, such as content_ids or order_id.',
  }),
  optOut: z.boolean().optional().meta({
    title: 'Not for optimisation',
    description: 'The event counts for attribution only.',
  }),
});

export const EventInput = Fields.refine(isFullFromWebsite, {
  message: 'an event of a website needs its page and the user agent',
}).refine(isFullPurchase, { message: 'a purchase needs value and currency' });
export type EventInput = z.infer<typeof Fields>;

function isFullFromWebsite({ actionSource, sourceUrl, userAgent }: EventInput): boolean {
  return actionSource !== 'website' || (isFilled(sourceUrl) && isFilled(userAgent));
}

function isFullPurchase({ event, value, currency }: EventInput): boolean {
  return metaEventName(event) !== 'Purchase' || (value !== undefined && isFilled(currency));
}
