/** Sends events to a dataset. Meta drops a repeat of the same `event_id` and name, so trying again is harmless. */
import { z } from 'zod';
import { refusedTogether } from '../kit/alone.js';
import { urlOn } from '../kit/base-url.js';
import { ambiguous, resultOfFault } from '../kit/faults.js';
import type { HttpActionSpec } from '../kit/http-action.js';
import { filled } from '../kit/inputs.js';
import { jsonOf, statusMessage } from '../kit/read-json.js';
import type { DeliveryItem } from '../kit/results.js';
import { safeKey } from '../kit/safe-key.js';
import { GRAPH_HOST } from '../meta-graph/graph.settings.js';
import { faultOfDataset } from './dataset-fault.js';
import { EventInput } from './event-input.js';
import { metaEventName } from './event-name.js';
import type { MetaConversionsSettings } from './meta.settings.js';
import { canMatch, userData } from './user-data.js';

const OLDEST_MS = 7 * 24 * 60 * 60 * 1_000;
const AHEAD_MS = 60 * 1_000;

export function datasetUrl(settings: MetaConversionsSettings, rest: string): string {
  const { apiVersion, datasetId, baseUrl } = settings;
  return urlOn(baseUrl ?? GRAPH_HOST, `/${apiVersion}/${datasetId}${rest}`);
}

export function metaHeaders({ accessToken }: MetaConversionsSettings): Record<string, string> {
  return { authorization: `Bearer ${accessToken}` };
}

type Spec = HttpActionSpec<MetaConversionsSettings, EventInput>;

const Taken = z.object({ events_received: z.number() });

const read: Spec['read'] = (response, items, { nowMs, idempotency }) => {
  const fault = faultOfDataset(response, nowMs);
  if (fault?.class === 'invalidItem') {
    return items.map(() => refusedTogether(items.length, fault.message));
  }
  if (fault !== undefined) return items.map(() => resultOfFault(fault, idempotency));
  const taken = jsonOf(response, Taken);
  if (taken === undefined) {
    const unreadable = ambiguous('response_unreadable', `HTTP ${response.status} without a count`);
    return items.map(() => resultOfFault(unreadable, idempotency));
  }
  if (taken.events_received >= items.length) return items.map(() => ({ status: 'delivered' }));
  // Which of them Meta left out it does not say; those that it took are dropped when they come alone.
  const message = `${statusMessage(response, [])}: ${taken.events_received} events received`;
  return items.map(() => refusedTogether(items.length, message));
};

export const eventSpec: Spec = {
  title: 'Send a conversion event',
  input: EventInput,
  // One event that is too old would cost all events of its request.
  skip: ({ input }, { nowMs }) => {
    if (!isTimely(input, nowMs)) {
      const message = 'occurredAt: must be within the last 7 days';
      return { status: 'failed', code: 'item_invalid', message };
    }
    return canMatch(input) ? undefined : { status: 'skipped', reason: 'no_address' };
  },
  build: (items, { settings, nowMs }) => {
    if (items.length === 0) return [];
    const { testEventCode } = settings;
    const data = items.map((item) => eventOf(item, nowMs));
    return [
      {
        method: 'POST',
        url: datasetUrl(settings, '/events'),
        headers: metaHeaders(settings),
        body: { kind: 'json', value: filled({ data, test_event_code: testEventCode }) },
        items: items.map((_item, index) => index),
      },
    ];
  },
  read,
};

function isTimely({ occurredAt }: EventInput, nowMs: number): boolean {
  if (occurredAt === undefined) return true;
  const age = nowMs - Date.parse(occurredAt);
  return age <= OLDEST_MS && age >= -AHEAD_MS;
}

function eventOf({ key, input }: DeliveryItem<EventInput>, nowMs: number): unknown {
  const { event, occurredAt, actionSource, sourceUrl, eventId, optOut } = input;
  const at = occurredAt === undefined ? nowMs : Date.parse(occurredAt);
  const { value, currency, custom } = input;
  return {
    event_name: metaEventName(event),
    event_time: Math.floor(at / 1_000),
    action_source: actionSource,
    user_data: userData(input),
    ...filled({
      event_id: eventId === undefined || eventId === '' ? safeKey(key, ':') : eventId,
      event_source_url: sourceUrl,
      opt_out: optOut,
      custom_data: { ...custom, ...filled({ value, currency: currency?.toUpperCase() }) },
    }),
  };
}
