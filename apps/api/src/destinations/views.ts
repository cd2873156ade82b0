import { z } from 'zod';
import type { ConnectionHealth, Definition, Delivery } from '@throughline/store/workspaces';
import { definitionView, type DefinitionView } from '../common/definition.view.js';
import { iso, isoOrNull } from '../common/params.js';
import { shownConnection } from './connections.js';

const Time = z.iso.datetime();

export const HealthView = z.object({
  state: z.enum(['ok', 'needs_attention', 'disabled']),
  code: z.string().nullable(),
  at: Time.nullable(),
  stopped: z.boolean().describe('sending over this connection is stopped'),
});

export function healthView(
  row: ConnectionHealth | null,
  stopped: boolean,
): z.infer<typeof HealthView> {
  if (row === null) return { state: 'ok', code: null, at: null, stopped };
  return { state: row.state, code: row.code, at: iso(row.at), stopped };
}

/** Secrets are masked before anything else happens to the row. */
export function connectionView(row: Definition): DefinitionView {
  return { ...definitionView(row), definition: { ...shownConnection(row) } };
}

export const DestinationView = z.object({
  key: z.string(),
  name: z.string(),
  category: z.string(),
  docsUrl: z.string(),
  idempotency: z.enum(['key', 'none']),
  settings: z
    .record(z.string(), z.unknown())
    .describe('JSON Schema of the settings form; secrets carry "secret": true'),
  actions: z.array(
    z.object({ name: z.string(), title: z.string(), input: z.record(z.string(), z.unknown()) }),
  ),
});

export const CheckView = z.object({ ok: z.boolean(), code: z.string().optional() });

export const DeliveryView = z.object({
  key: z.string(),
  enrolmentId: z.uuid(),
  journey: z.string(),
  version: z.int(),
  step: z.string(),
  visit: z.int(),
  customerId: z.uuid(),
  connection: z.string(),
  connector: z.string(),
  action: z.string(),
  channel: z.string().nullable(),
  purpose: z.string().nullable(),
  state: z.enum(['reserved', 'sending', 'accepted', 'failed', 'unknown', 'skipped']),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  attempts: z.int(),
  blockedBy: z.string().nullable(),
  providerId: z.string().nullable(),
  expiresAt: Time,
  reservedAt: Time,
  sendingAt: Time.nullable(),
  settledAt: Time.nullable(),
});

export function deliveryView(row: Delivery): z.infer<typeof DeliveryView> {
  return {
    key: row.deliveryKey,
    enrolmentId: row.enrolmentId,
    journey: row.journeyKey,
    version: row.version,
    step: row.stepId,
    visit: row.visit,
    customerId: row.subjectId,
    connection: row.connectionKey,
    connector: row.connectorKey,
    action: row.action,
    channel: row.channel,
    purpose: row.purpose,
    state: row.state,
    reason: row.reason,
    detail: row.detail,
    attempts: row.attempts,
    blockedBy: row.blockedBy,
    providerId: row.providerId,
    expiresAt: iso(row.expiresAt),
    reservedAt: iso(row.reservedAt),
    sendingAt: isoOrNull(row.sendingAt),
    settledAt: isoOrNull(row.settledAt),
  };
}

export const PreviewView = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('rendered'),
    subject: z.string(),
    html: z.string().optional(),
    text: z.string().optional(),
  }),
  z.object({ status: z.literal('skipped'), reason: z.string(), name: z.string() }),
  z.object({ status: z.literal('failed'), code: z.string(), message: z.string() }),
]);
