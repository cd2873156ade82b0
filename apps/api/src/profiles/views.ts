import { z } from 'zod';
import type { ConsentRow } from '@throughline/store/consent';
import type { IdentifierRow } from '@throughline/store/identity';
import type { CustomerRow, TimelineEvent } from '@throughline/store/profiles';
import type { Membership } from '@throughline/store/segments';
import { iso, isoOrNull } from '../common/params.js';

const Time = z.iso.datetime();

export const ConsentView = z.object({
  purpose: z.string(),
  channel: z.string(),
  state: z.enum(['granted', 'denied', 'revoked']),
  since: Time,
  source: z.string().nullable(),
});

export function consentView(row: ConsentRow): z.infer<typeof ConsentView> {
  const { purpose, channel, state, eventTime, sourceKey } = row;
  return { purpose, channel, state, since: iso(eventTime), source: sourceKey };
}

export const ConsentChangeView = ConsentView.extend({ previous: z.string().nullable() });

export const CustomerView = z.object({
  id: z.uuid().describe('after a merge: the survivor, whichever id was asked for'),
  absorbed: z.array(z.uuid()).describe('ids that became this customer'),
  createdAt: Time,
  identifiers: z.array(z.object({ type: z.string(), value: z.string(), firstSeenAt: Time })),
  traits: z.record(
    z.string(),
    z.object({ value: z.unknown(), at: Time, source: z.string().nullable() }),
  ),
  consents: z.array(ConsentView),
  segments: z.array(z.object({ key: z.string(), since: Time })),
  appliedPosition: z.int().describe('the log position up to which this holds'),
});

export interface CustomerParts {
  readonly customer: CustomerRow;
  readonly identifiers: readonly IdentifierRow[];
  readonly consents: readonly ConsentRow[];
  readonly memberships: readonly Membership[];
}

export function customerView(parts: CustomerParts): z.infer<typeof CustomerView> {
  const { customer, identifiers, consents, memberships } = parts;
  return {
    id: customer.customerId,
    absorbed: [...customer.absorbed],
    createdAt: iso(customer.createdAt),
    identifiers: identifiers.map(({ type, value, firstSeenAt }) => ({
      type,
      value,
      firstSeenAt: iso(firstSeenAt),
    })),
    traits: Object.fromEntries(
      Object.entries(customer.traits).map(([name, { v, t, s }]) => [
        name,
        { value: v, at: iso(t), source: s },
      ]),
    ),
    consents: consents.map(consentView),
    segments: memberships.map(({ segment, since }) => ({ key: segment, since: iso(since) })),
    appliedPosition: customer.appliedPosition,
  };
}

export const CustomerSummaryView = z.object({ id: z.uuid(), createdAt: Time.optional() });

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

export function timelineView(row: TimelineEvent): z.infer<typeof TimelineEventView> {
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
    body: row.body,
  };
}
