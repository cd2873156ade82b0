/**
 * The limit of the pipeline: for each batch one transaction of plain SQL, which COPYs the events and merges what they say of
 * customers by one upsert. No identity, no segments, no de-duplication, no journeys.
 */
import pg from 'pg';
import { field, serveParent } from './lab/child.js';
import { startBareServer } from './limits/bare-server.js';
import { copyIn, copyText } from './limits/copy-in.js';
import { GroupCommit, type Flush } from './limits/group-commit.js';

const MAX_FLUSH_BYTES = 600_000;

const UPSERT = `
  insert into bare_customer as c (customer_key, traits, events)
  select r.key, r.traits, r.events from json_to_recordset($1::json) as r(key text, traits jsonb, events int)
  on conflict (customer_key) do update set traits = c.traits || excluded.traits, events = c.events + excluded.events`;

await serveParent(async () => {
  const [, , url = ''] = process.argv;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const commits = new GroupCommit([flushBy(client)], MAX_FLUSH_BYTES);
  const server = await startBareServer((body) => commits.add(body));
  return {
    ready: { port: server.port },
    end: async () => {
      await server.stop();
      await client.end();
    },
  };
});

function flushBy(client: pg.Client): Flush {
  return async (bodies) => {
    const { rows, customers } = applied(bodies);
    await client.query('begin');
    try {
      await copyIn(client, 'copy bare_event (customer_key, name, body) from stdin', rows);
      await client.query({ name: 'upsert', text: UPSERT, values: [JSON.stringify(customers)] });
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
  };
}

interface BareCustomer {
  readonly key: string;
  readonly traits: Record<string, unknown>;
  events: number;
}

function applied(bodies: readonly string[]): { rows: string; customers: BareCustomer[] } {
  const customers = new Map<string, BareCustomer>();
  let rows = '';
  for (const event of bodies.flatMap(eventsOf)) {
    const key = String(field(event, 'userId'));
    const name = String(field(event, 'event') ?? field(event, 'type'));
    rows += `${copyText(key)}\t${copyText(name)}\t${copyText(JSON.stringify(event))}\n`;
    const customer = customers.get(key) ?? { key, traits: {}, events: 0 };
    customer.events += 1;
    Object.assign(customer.traits, field(event, 'traits'));
    customers.set(key, customer);
  }
  return { rows, customers: [...customers.values()] };
}

function eventsOf(body: string): unknown[] {
  const batch = field(JSON.parse(body), 'batch');
  return Array.isArray(batch) ? batch : [];
}
