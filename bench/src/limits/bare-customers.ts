/** What bodies of the door say, for those who compare with plain SQL: an upsert for each customer, a row for each event. */
import { field } from '../lab/child.js';
import { copyText } from './copy-in.js';

export const UPSERT_CUSTOMERS = `
  insert into bare_customer as c (customer_key, traits, events)
  select r.key, r.traits, r.events from json_to_recordset($1::json) as r(key text, traits jsonb, events int)
  on conflict (customer_key) do update set traits = c.traits || excluded.traits, events = c.events + excluded.events`;

export const BARE_CUSTOMER = `
  create table bare_customer (customer_key text primary key, traits jsonb not null, events int not null)
    with (fillfactor = 80);`;

export interface BareCustomer {
  readonly key: string;
  readonly traits: Record<string, unknown>;
  events: number;
}

export interface SaidInBodies {
  /** for COPY into (customer_key, name, body) */
  readonly rows: string;
  readonly customers: readonly BareCustomer[];
  /** who did what: customer and name of the event */
  readonly events: readonly (readonly [customer: string, name: string])[];
}

export function saidIn(bodies: readonly string[]): SaidInBodies {
  const customers = new Map<string, BareCustomer>();
  const events: (readonly [string, string])[] = [];
  let rows = '';
  for (const event of bodies.flatMap(eventsOf)) {
    const key = String(field(event, 'userId'));
    const name = String(field(event, 'event') ?? field(event, 'type'));
    rows += `${copyText(key)}\t${copyText(name)}\t${copyText(JSON.stringify(event))}\n`;
    events.push([key, name]);
    const customer = customers.get(key) ?? { key, traits: {}, events: 0 };
    customer.events += 1;
    Object.assign(customer.traits, field(event, 'traits'));
    customers.set(key, customer);
  }
  return { rows, customers: [...customers.values()], events };
}

/** Of a batch, or the one that the body is. */
function eventsOf(body: string): unknown[] {
  const parsed: unknown = JSON.parse(body);
  const batch = field(parsed, 'batch');
  return Array.isArray(batch) ? batch : [parsed];
}
