/** Creates or updates contacts, up to a hundred in one request. Sending one again writes the same values, so a repeat is harmless. */
import { urlOn } from '../kit/base-url.js';
import { refusedTogether } from '../kit/alone.js';
import { ambiguous, resultOfFault } from '../kit/faults.js';
import type { HttpActionSpec } from '../kit/http-action.js';
import { ContactInput, groupContacts } from './contact-groups.js';
import { faultOfHubspot } from './hubspot-fault.js';
import type { HubspotSettings } from './hubspot.settings.js';
import { readUpserted } from './read-upserted.js';

const HOST = 'https://api.hubapi.com';

export function hubspotUrl({ baseUrl }: HubspotSettings, path: string): string {
  return urlOn(baseUrl ?? HOST, path);
}

export function hubspotHeaders({ accessToken }: HubspotSettings): Record<string, string> {
  return { authorization: `Bearer ${accessToken}`, accept: 'application/json' };
}

export const contactsSpec: HttpActionSpec<HubspotSettings, ContactInput> = {
  title: 'Create or update a contact',
  input: ContactInput,
  build: (items, { settings }) => {
    const { idProperty } = settings;
    const inputs = groupContacts(items, idProperty).map(({ id, traceId, properties }) => ({
      id,
      idProperty,
      objectWriteTraceId: traceId,
      properties,
    }));
    if (inputs.length === 0) return [];
    return [
      {
        method: 'POST',
        url: hubspotUrl(settings, '/crm/v3/objects/contacts/batch/upsert'),
        headers: hubspotHeaders(settings),
        body: { kind: 'json', value: { inputs } },
        items: items.map((_item, index) => index),
      },
    ];
  },
  read: (response, items, { settings, nowMs, idempotency }) => {
    const fault = faultOfHubspot(response, nowMs);
    // A request is refused as a whole for one wrong value in it.
    if (fault?.class === 'invalidItem') {
      return items.map(() => refusedTogether(items.length, fault.message));
    }
    if (fault !== undefined) return items.map(() => resultOfFault(fault, idempotency));
    const results = readUpserted(response, items, settings.idProperty);
    if (results !== undefined) return results;
    const unreadable = ambiguous('response_unreadable', `HTTP ${response.status} without results`);
    return items.map(() => resultOfFault(unreadable, idempotency));
  },
};
