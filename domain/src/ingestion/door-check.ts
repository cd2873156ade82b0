import { CONSENT_CHANGED, consentsOf, UNSUBSCRIBED } from '../consent/index.js';
import {
  isJsonList,
  isJsonObject,
  parseJson,
  type ErrorCode,
  type Json,
  type JsonObject,
} from '../shared/index.js';
import { typeOf } from './event-type.js';
import { identifiersOf } from './identifiers.js';
import { EVENT_LIMITS } from './limits.js';
import type { Endpoint, ParsedEvent } from './types.js';
import { mergedContext, whatHappened } from './what-happened.js';

/** Somebody said no: reservations must hear of it before the lane has come to it. */
export interface Revocation {
  /** of an identifier, or `customer` with the customer's id */
  readonly type: string;
  readonly value: string;
  readonly purpose: string;
  readonly channel: string;
}

export interface Admitted {
  readonly events: number;
  readonly revocations: readonly Revocation[];
}

export interface Refused {
  readonly code: ErrorCode & ('malformed_json' | 'too_many_events' | 'invalid_request');
  readonly detail: string;
}

/**
 * What the door looks at before it appends a body: whether it is a body at all. Faults of single events are none of its
 * business; they are found by the lane and go to quarantine, while their neighbours are applied.
 */
export function doorCheck(endpoint: Endpoint, rawText: string): Admitted | Refused {
  const body = parseJson(rawText);
  if (body === undefined) return { code: 'malformed_json', detail: 'The body is not valid JSON.' };
  if (!isJsonObject(body))
    return { code: 'invalid_request', detail: 'The body is not a JSON object.' };
  if (endpoint !== 'batch')
    return { events: 1, revocations: revocationsIn(body, endpoint, NOTHING) };
  const batch = Object.hasOwn(body, 'batch') ? body['batch'] : undefined;
  if (!isJsonList(batch))
    return { code: 'invalid_request', detail: 'The body has no list "batch".' };
  if (batch.length > EVENT_LIMITS.eventsInBody) {
    return {
      code: 'too_many_events',
      detail: `The batch holds more than ${EVENT_LIMITS.eventsInBody} events.`,
    };
  }
  const revocations = batch.flatMap((event) => revocationsIn(event, endpoint, body));
  return { events: batch.length, revocations };
}

/** The revocations that a parsed event holds: what the door has noted of it, and what our own events say by customer. */
export function revocationsOf(
  event: Pick<ParsedEvent, 'consents' | 'identifiers' | 'customerId'>,
): Revocation[] {
  const who =
    event.customerId === null ? event.identifiers : [{ type: 'customer', value: event.customerId }];
  return event.consents
    .filter((consent) => consent.state !== 'granted')
    .flatMap(({ purpose, channel }) =>
      who.map(({ type, value }) => ({ type, value, purpose, channel })),
    );
}

const NOTHING: JsonObject = {};
const NONE: readonly Revocation[] = [];

/**
 * Looks at two fields of an ordinary event and at nothing else. An event that turns out to be faulty may still be taken for a
 * revocation here: not to send while it is being looked at is the harmless mistake.
 */
function revocationsIn(
  event: Json,
  endpoint: Endpoint,
  envelope: JsonObject,
): readonly Revocation[] {
  if (!isJsonObject(event) || !speaksOfConsent(event, envelope)) return NONE;
  const context = mergedContext(event, envelope);
  if ('code' in context) return NONE;
  const type = typeOf(event, endpoint);
  if (typeof type !== 'string') return NONE;
  const happened = whatHappened(type, event, context.object);
  if ('code' in happened) return NONE;
  const { userId, anonymousId } = event;
  const { traits } = happened;
  const identifiers = identifiersOf({ userId, anonymousId, context: context.object, traits });
  const consents = consentsOf({ ...happened, context: context.object });
  if ('code' in identifiers || 'detail' in consents) return NONE;
  return revocationsOf({ consents, identifiers, customerId: null });
}

function speaksOfConsent(event: JsonObject, envelope: JsonObject): boolean {
  const name = event['event'];
  return (
    name === CONSENT_CHANGED ||
    name === UNSUBSCRIBED ||
    hasPreferences(event['context']) ||
    hasPreferences(envelope['context'])
  );
}

function hasPreferences(context: Json | undefined): boolean {
  return isJsonObject(context) && Object.hasOwn(context, 'consent');
}
