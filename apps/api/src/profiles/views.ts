import { z } from 'zod';
import type { Traits } from '@throughline/domain/profiles';
import type { Profile, ProfileConsent, TimelineEvent } from '@throughline/store/profiles';
import { iso, isoOrNull } from '../common/params.js';
import { maskedBody, maskedIdentifier, maskedObject, type Personal } from './mask.js';

const Time = z.iso.datetime();

export const ConsentView = z.object({
  purpose: z.string(),
  channel: z.string(),
  state: z.enum(['granted', 'denied', 'revoked']),
  since: Time,
  source: z.string().nullable(),
});

export function consentView(row: ProfileConsent): z.infer<typeof ConsentView> {
  const { purpose, channel, state, eventTime, sourceKey } = row;
  return { purpose, channel, state, since: iso(eventTime), source: sourceKey };
}

export const ConsentChangeView = ConsentView.extend({ previous: z.string().nullable() });

export const CustomerView = z.object({
  id: z.uuid().describe('after a merge: the survivor, whichever id was asked for'),
  absorbed: z.array(z.uuid()).describe('ids that became this customer'),
  createdAt: Time,
  identifiers: z
    .array(z.object({ type: z.string(), value: z.string(), firstSeenAt: Time }))
    .optional(),
  traits: z
    .record(z.string(), z.object({ value: z.unknown(), at: Time, source: z.string().nullable() }))
    .optional(),
  consents: z.array(ConsentView).optional(),
  segments: z.array(z.object({ key: z.string(), since: Time })).optional(),
  asOf: Time.optional().describe('where the past was asked for'),
  appliedPosition: z.int().describe('the log position up to which this holds'),
});

interface Shown {
  /** what must be masked */
  readonly personal: Personal | null;
  readonly asOf: number | null;
}

export function customerView(
  profile: Profile,
  { personal, asOf }: Shown,
): z.infer<typeof CustomerView> {
  const { identifiers, traits, consents, segments } = profile;
  return {
    id: profile.customerId,
    absorbed: [...profile.absorbed],
    createdAt: iso(profile.createdAt),
    ...(identifiers && { identifiers: identifiersView(identifiers, personal) }),
    ...(traits && { traits: traitsView(traits, personal) }),
    ...(consents && { consents: consents.map(consentView) }),
    ...(segments && {
      segments: segments.map(({ segment, since }) => ({ key: segment, since: iso(since) })),
    }),
    ...(asOf !== null && { asOf: iso(asOf) }),
    appliedPosition: profile.appliedPosition,
  };
}

function identifiersView(
  identifiers: NonNullable<Profile['identifiers']>,
  personal: Personal | null,
) {
  return identifiers.map(({ type, value, firstSeenAt }) => ({
    ...(personal === null ? { type, value } : maskedIdentifier({ type, value }, personal)),
    firstSeenAt: iso(firstSeenAt),
  }));
}

function traitsView(traits: Traits, personal: Personal | null) {
  const values = Object.fromEntries(Object.entries(traits).map(([name, { v }]) => [name, v]));
  const seen = personal === null ? values : maskedObject(values, personal);
  return Object.fromEntries(
    Object.entries(traits).map(([name, { t, s }]) => [
      name,
      { value: seen[name], at: iso(t), source: s },
    ]),
  );
}

export const CustomerSummaryView = z.object({
  id: z.uuid(),
  createdAt: Time.optional(),
  matched: z
    .array(z.object({ type: z.string(), value: z.string() }))
    .optional()
    .describe('of a search: the identifiers that begin so'),
});

export const TimelineEventView = z.object({
  position: z.int(),
  ordinal: z.int(),
  type: z.string(),
  name: z.string(),
  messageId: z.string(),
  at: Time.describe('event time, corrected'),
  originalAt: Time.nullable().describe('as the sender wrote it, where it differs'),
  receivedAt: Time,
  source: z.string().nullable(),
  customerId: z.uuid().describe('who it was applied to; differs after a merge'),
  body: z.record(z.string(), z.unknown()),
});

export function timelineView(
  row: TimelineEvent,
  personal: Personal | null,
): z.infer<typeof TimelineEventView> {
  return {
    position: row.position,
    ordinal: row.ordinal,
    type: row.type,
    name: row.name,
    messageId: row.messageId,
    at: iso(row.eventTime),
    originalAt: isoOrNull(row.originalTime),
    receivedAt: iso(row.receivedAt),
    source: row.sourceKey,
    customerId: row.customerId,
    body: personal === null ? row.body : maskedBody(row.body, personal),
  };
}
