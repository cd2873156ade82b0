/**
 * One workspace in a database of its own, in which a test plays the lane: it writes the rows that the lane would write, at the
 * clock that the test wants, and moves the lane's position and clock as it goes.
 */
import pg from 'pg';
import { initialState } from '@throughline/domain/journeys';
import type { JsonObject } from '@throughline/domain/shared';
import { createTestDatabase } from '../../../../test/support/database.js';
import { newId } from '../../shared/index.js';
import { openEnginePool } from '../customer-lock.js';
import { stepEnrolment } from '../step.js';
import { timestampText } from '../timestamp.js';
import type { DriverCommand, EnginePool } from '../types.js';

export const MINUTE = 60_000;
export const HOUR = 3_600_000;

export interface Enrolled {
  readonly enrolmentId: string;
  readonly customerId: string;
  readonly clock: number;
}

export class JourneyWorld {
  private constructor(
    readonly workspaceId: string,
    readonly url: string,
    readonly admin: pg.Pool,
    readonly engine: EnginePool,
    private readonly drop: () => Promise<void>,
  ) {}

  static async create(): Promise<JourneyWorld> {
    const database = await createTestDatabase();
    const admin = new pg.Pool({ connectionString: database.url, max: 4 });
    admin.on('error', () => undefined);
    const engine = openEnginePool({ url: database.url, max: 6 });
    const workspaceId = newId();
    const world = new JourneyWorld(workspaceId, database.url, admin, engine, database.drop);
    await world.sql(`insert into workspace (workspace_id, key, name) values ($1, 'shop', 'Shop')`);
    await world.sql('insert into lane (workspace_id) values ($1)');
    await world.sql('insert into lane_append (workspace_id) values ($1)');
    return world;
  }

  async close(): Promise<void> {
    await this.engine.end();
    await this.admin.end();
    await this.drop();
  }

  /** A statement of the superuser; $1 is the workspace. */
  async sql<T extends pg.QueryResultRow>(text: string, ...values: unknown[]): Promise<T[]> {
    return (await this.admin.query<T>(text, [this.workspaceId, ...values])).rows;
  }

  async journey(definition: JsonObject & { key: string }, state = 'live'): Promise<void> {
    const body = JSON.stringify(definition);
    await this.sql(
      `insert into definition (workspace_id, kind, key, body, live_version, state) values ($1, 'journey', $2, $3, 1, $4)
       on conflict (workspace_id, kind, key) do update set state = excluded.state`,
      definition.key,
      body,
      state,
    );
    await this.sql(
      `insert into definition_version (workspace_id, kind, key, version, body, published_by)
       values ($1, 'journey', $2, 1, $3, 'test') on conflict do nothing`,
      definition.key,
      body,
    );
  }

  async journeyState(key: string, state: 'live' | 'paused' | 'stopped'): Promise<void> {
    await this.sql(
      `update definition set state = $3 where workspace_id = $1 and kind = 'journey' and key = $2`,
      key,
      state,
    );
  }

  async customer(traits: Record<string, unknown> = {}): Promise<string> {
    const customerId = newId();
    const held = Object.fromEntries(
      Object.entries(traits).map(([name, v]) => [name, { v, t: 1, p: 0, o: 0, s: 'test' }]),
    );
    await this.sql(
      `insert into customer (workspace_id, customer_id, created_at, first_position, first_ordinal, traits, applied_position)
       values ($1, $2, now(), 0, 0, $3, 0)`,
      customerId,
      JSON.stringify(held),
    );
    return customerId;
  }

  /** The survivor takes over the other's enrolments, as the lane does. */
  async merge(survivorId: string, absorbedId: string): Promise<void> {
    await this.sql(
      'update customer set merged_into = $2 where workspace_id = $1 and customer_id = $3',
      survivorId,
      absorbedId,
    );
    await this.sql(
      'update enrolment set subject_id = $2 where workspace_id = $1 and subject_id = $3',
      survivorId,
      absorbedId,
    );
  }

  async enrol(options: {
    journey: string;
    customerId: string;
    clock: number;
    entryKey?: string;
    properties?: JsonObject;
  }): Promise<Enrolled> {
    const { journey, customerId, clock, entryKey = newId(), properties = {} } = options;
    const position = await this.moveLane(clock);
    const enrolmentId = newId();
    const trigger = {
      name: 'Cart Updated',
      properties,
      eventTime: clock,
      messageId: newId(),
      ref: { position, ordinal: 0, clock },
    };
    await this.sql(
      `insert into enrolment (workspace_id, enrolment_id, journey_key, version, customer_id, subject_id, entry_key, state, run_state,
         trigger, entered_at, entered_position, entered_ordinal, consumed_position, consumed_ordinal, consumed_clock)
       values ($1, $2, $3, 1, $4, $4, $5, 'active', $6, $7, $8, $9, 0, $9, 0, '-infinity')`,
      enrolmentId,
      journey,
      customerId,
      entryKey,
      JSON.stringify(initialState()),
      JSON.stringify(trigger),
      timestampText(clock),
      position,
    );
    return { enrolmentId, customerId, clock };
  }

  /** An event as the lane leaves it. Answers where it stands in the log. */
  async happen(options: {
    customerId: string;
    name: string;
    clock: number;
    properties?: JsonObject;
    ordinal?: number;
    samePosition?: boolean;
  }): Promise<{ position: number; ordinal: number; clock: number }> {
    const { customerId, name, clock, properties = {}, ordinal = 0, samePosition = false } = options;
    const position = samePosition ? await this.position() : await this.moveLane(clock);
    await this.sql(
      `insert into event (workspace_id, customer_id, position, ordinal, clock, event_time, message_id, type, name, body)
       values ($1, $2, $3, $4, $5, $5, $6, 'track', $7, $8)`,
      customerId,
      position,
      ordinal,
      timestampText(clock),
      newId(),
      name,
      JSON.stringify({ identifiers: [], traits: {}, properties, context: {}, imported: false }),
    );
    return { position, ordinal, clock };
  }

  /** One more row applied: position and clock go on. */
  async moveLane(clock: number): Promise<number> {
    const rows = await this.sql<{ position: number }>(
      `with a as (update lane_append set position = position + 1, clock = greatest(clock, $2) where workspace_id = $1 returning position)
       update lane set position = a.position, clock = $2 from a where lane.workspace_id = $1 returning lane.position`,
      timestampText(clock),
    );
    return Number(rows[0]?.position);
  }

  async position(): Promise<number> {
    const rows = await this.sql<{ position: number }>(
      'select position from lane where workspace_id = $1',
    );
    return Number(rows[0]?.position);
  }

  /** What the lane does to an open wait. */
  async fire(
    enrolmentId: string,
    fired: { branch: string; position: number; ordinal: number; clock: number },
  ): Promise<void> {
    await this.sql(
      'update wait set fired = $3 where workspace_id = $1 and enrolment_id = $2 and closed_at is null',
      enrolmentId,
      JSON.stringify(fired),
    );
  }

  async requestExit(enrolmentId: string, request: JsonObject): Promise<void> {
    await this.sql(
      'update enrolment set exit_request = $3 where workspace_id = $1 and enrolment_id = $2',
      enrolmentId,
      JSON.stringify(request),
    );
  }

  async ask(enrolmentId: string, kind: string, args: JsonObject = {}): Promise<string> {
    const requestId = newId();
    await this.sql(
      `insert into operator_request (workspace_id, enrolment_id, request_id, kind, args, actor) values ($1, $2, $3, $4, $5, 'ops')`,
      enrolmentId,
      requestId,
      kind,
      JSON.stringify(args),
    );
    return requestId;
  }

  async verdict(requestId: string): Promise<unknown> {
    const rows = await this.sql<{ verdict: unknown }>(
      'select verdict from operator_request where workspace_id = $1 and request_id = $2',
      requestId,
    );
    return rows[0]?.verdict;
  }

  step(enrolment: Enrolled, seq: number, generation = 1): Promise<DriverCommand> {
    const { workspaceId } = this;
    return stepEnrolment(this.engine, {
      workspaceId,
      enrolmentId: enrolment.enrolmentId,
      seq,
      generation,
    });
  }

  async trail(enrolment: Enrolled): Promise<string[]> {
    const rows = await this.sql<{ kind: string; step_id: string | null }>(
      'select kind, step_id from trail where workspace_id = $1 and enrolment_id = $2 order by seq, entry',
      enrolment.enrolmentId,
    );
    return rows.map(({ kind, step_id }) => (step_id === null ? kind : `${kind} ${step_id}`));
  }

  async enrolment(enrolment: Enrolled): Promise<pg.QueryResultRow> {
    const rows = await this.sql(
      'select * from enrolment where workspace_id = $1 and enrolment_id = $2',
      enrolment.enrolmentId,
    );
    return rows[0] ?? {};
  }
}
