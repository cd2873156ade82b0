/** Our own events about deliveries: what the lane, journeys and timelines hear of them. */
import type { InternalEvent } from '@throughline/domain/ingestion';
import { addressHash } from './hashes.js';
import type { Settlement, Ticket } from './types.js';

/** Whose delivery it is, and how many times our own events have led to one another by then. */
export interface Origin {
  readonly customer_id: string;
  readonly hop: number | null;
  readonly settled_at: number;
}

/** The hop of the trigger that an enrolment `e` came by. */
export const HOP = `(select v.hop from event v
      where v.workspace_id = $1 and v.position = e.entered_position and v.ordinal = e.entered_ordinal
        and v.clock >= e.entered_at and v.clock < e.entered_at + interval '1 ms')`;

/** Only messages to people make events; what a system was told concerns nobody's timeline. */
export function eventOf(
  ticket: Ticket,
  settlement: Settlement,
  settled: Origin,
): InternalEvent | null {
  const { channel, address, request, journey, connection } = ticket;
  if (channel === null) return null;
  const common = {
    type: 'track',
    customerId: settled.customer_id,
    at: settled.settled_at,
    hop: (settled.hop ?? 0) + 1,
  } as const;
  const properties = {
    journey: journey.key,
    version: journey.version,
    step: request.step,
    visit: request.visit,
    delivery: request.key,
    connection: connection.key,
    channel,
  };
  if (settlement.state === 'accepted') {
    return { ...common, messageId: `${request.key}:sent`, name: 'Message Sent', properties };
  }
  if (settlement.state !== 'failed' || settlement.deadAddress !== true || address === null)
    return null;
  return {
    ...common,
    // Each way may bounce, and each bounce is one of its own.
    messageId:
      ticket.route === 0 ? `${request.key}:bounced` : `${request.key}:${ticket.route}:bounced`,
    name: 'Message Bounced',
    properties: {
      ...properties,
      permanent: true,
      code: settlement.code,
      addressHash: addressHash(channel, address).toString('hex'),
    },
  };
}
