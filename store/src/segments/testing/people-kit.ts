/** A workspace full of people whose rows are put there directly: what tests of the SQL reader begin with. */
import pg from 'pg';
import type { Traits, TraitValue } from '@throughline/domain/profiles';
import type { Json, JsonObject } from '@throughline/domain/shared';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { inWorkspace, newId, openPool, type Queryable } from '../../shared/index.js';
import { createWorkspace } from '../../workspaces/index.js';
import { asReader } from '../reader.js';

export interface TestPerson {
  readonly customerId: string;
  readonly traits?: JsonObject;
  /** the same with provenance, as the lane writes them */
  readonly stamped?: Traits;
  /** absorbed by */
  readonly mergedInto?: string;
}

export interface TestEvent {
  readonly customerId: string;
  readonly name: string;
  readonly properties?: JsonObject;
  /** ms since epoch */
  readonly eventTime: number;
}

export async function openPeopleKit(): Promise<PeopleKit> {
  const database = await createTestDatabase();
  const app = openPool({ url: database.url, role: 'tl_app' });
  const { workspaceId } = await createWorkspace(app, { key: 'shop', name: 'Shop' });
  return new PeopleKit(database, workspaceId, app);
}

export class PeopleKit {
  private readonly admin: pg.Pool;
  private position = 0;

  constructor(
    private readonly database: TestDatabase,
    readonly workspaceId: string,
    private readonly app: pg.Pool,
  ) {
    this.admin = new pg.Pool({ connectionString: database.url, max: 2 });
  }

  /** As the product reads: the management role turned reader, in one transaction. */
  read<T>(work: (client: Queryable) => Promise<T>): Promise<T> {
    return inWorkspace(this.app, this.workspaceId, async (client) => {
      await asReader(client);
      return work(client);
    });
  }

  /** As the management role, which row-level security holds to its workspace. */
  manage<T>(work: (client: Queryable) => Promise<T>): Promise<T> {
    return inWorkspace(this.app, this.workspaceId, work);
  }

  async rows<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.admin.query<T>(sql, values)).rows;
  }

  async addPeople(people: readonly TestPerson[]): Promise<void> {
    const rows = people.map(({ customerId, traits = {}, stamped: whole, mergedInto }) => ({
      customer_id: customerId,
      traits:
        whole ?? Object.fromEntries(Object.entries(traits).map(([name, v]) => [name, stamped(v)])),
      merged_into: mergedInto ?? null,
    }));
    await this.insert(
      `insert into customer (workspace_id, customer_id, created_at, first_position, first_ordinal, traits, applied_position, merged_into)
       select $1, r.customer_id, now(), 1, 0, r.traits, 1, r.merged_into
         from json_to_recordset($2::json) as r(customer_id uuid, traits jsonb, merged_into uuid)`,
      rows,
    );
  }

  async addEvents(events: readonly TestEvent[]): Promise<void> {
    const rows = events.map(({ customerId, name, properties = {}, eventTime }) => ({
      customer_id: customerId,
      position: ++this.position,
      name,
      event_time: new Date(eventTime).toISOString(),
      message_id: newId(),
      body: { properties },
    }));
    await this.insert(
      `insert into event (workspace_id, customer_id, position, ordinal, clock, event_time, message_id, type, name, body)
       select $1, r.customer_id, r.position, 0, now(), r.event_time, r.message_id, 'track', r.name, r.body
         from json_to_recordset($2::json) as r(customer_id uuid, position bigint, name text, event_time timestamptz,
           message_id text, body jsonb)`,
      rows,
    );
  }

  async addMembers(segment: string, customerIds: readonly string[]): Promise<void> {
    const rows = customerIds.map((customer_id) => ({ customer_id, segment }));
    await this.insert(
      `insert into segment_membership (workspace_id, customer_id, segment_key, version, since, position, ordinal)
       select $1, r.customer_id, r.segment, 1, '2026-01-01Z', 1, 0
         from json_to_recordset($2::json) as r(customer_id uuid, segment text)`,
      rows,
    );
  }

  async close(): Promise<void> {
    await this.app.end();
    await this.admin.end();
    await this.database.drop();
  }

  private async insert(sql: string, rows: readonly unknown[]): Promise<void> {
    await this.admin.query(sql, [this.workspaceId, JSON.stringify(rows)]);
  }
}

function stamped(v: Json): TraitValue {
  return { v, t: 0, p: 1, o: 0, s: null };
}
