/** The contacts of a request. HubSpot refuses one that names somebody twice, so items about one contact become one input. */
import { z } from 'zod';
import type { DeliveryItem } from '../kit/results.js';
import { safeKey } from '../kit/safe-key.js';
import { PropertyName } from './hubspot.settings.js';

const PropertyValue = z.union([z.string().max(65_536), z.number(), z.boolean(), z.null()]);

export const ContactInput = z.object({
  id: z.string().trim().min(1).max(255).meta({
    title: 'Identifying value',
    description: 'Value of the identifying property, such as the e-mail address.',
  }),
  properties: z.record(PropertyName, PropertyValue).default({}).meta({
    title: 'Properties',
    description: 'By internal name. An empty text leaves a property alone, null empties it.',
  }),
  dates: z
    .record(PropertyName, z.union([z.iso.date(), z.literal('')]))
    .optional()
    .meta({ title: 'Date properties', description: 'As YYYY-MM-DD.' }),
});
export type ContactInput = z.output<typeof ContactInput>;

export interface ContactGroup {
  /** As HubSpot compares it: e-mail addresses without regard to case. */
  readonly match: string;
  readonly id: string;
  /** Of the first item: HubSpot names a contact by it in results and errors. */
  readonly traceId: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** One group for each contact, in the order in which they first come; what a later item says of a property holds. */
export function groupContacts(
  items: readonly DeliveryItem<ContactInput>[],
  idProperty: string,
): readonly ContactGroup[] {
  const groups = new Map<string, ContactGroup>();
  for (const { key, input } of items) {
    const match = matchOf(input.id, idProperty);
    const known = groups.get(match);
    groups.set(match, {
      match,
      id: known?.id ?? input.id,
      traceId: known?.traceId ?? safeKey(key, ':'),
      properties: { ...known?.properties, ...propertiesOf(input) },
    });
  }
  return [...groups.values()];
}

export function matchOf(id: string, idProperty: string): string {
  return idProperty === 'email' ? id.trim().toLowerCase() : id;
}

function propertiesOf({ properties, dates }: ContactInput): Record<string, string> {
  const written = Object.entries(properties).flatMap(([name, value]) =>
    value === '' ? [] : [[name, value === null ? '' : String(value)] as const],
  );
  // A date property holds the midnight of its day in UTC, whatever zone the person is in.
  const days = Object.entries(dates ?? {}).flatMap(([name, day]) =>
    day === '' ? [] : [[name, String(Date.parse(`${day}T00:00:00Z`))] as const],
  );
  return Object.fromEntries([...written, ...days]);
}
