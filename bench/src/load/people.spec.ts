import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { openPool } from '@throughline/store/shared';
import { asReader, recomputeMembers } from '@throughline/store/segments';
import { createWorkspace } from '@throughline/store/workspaces';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { putLane, putMembers, putPeople, type PeopleOrder } from './people.js';
import { SHAPES, VIP } from './recompute-shapes.js';

const PEOPLE = 400;
const NOW = Date.now();

describe('people who were put into the tables', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let order: PeopleOrder;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    order = { workspaceId: await open('all-at-once'), people: PEOPLE, now: NOW, days: 120 };
    await putPeople(client, order);
    await putMembers(client, order, VIP);
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  async function open(key: string): Promise<string> {
    const app = openPool({ url: database.url, role: 'tl_app', max: 1 });
    try {
      return (await createWorkspace(app, { key, name: key })).workspaceId;
    } finally {
      await app.end();
    }
  }

  const numbers = async (sql: string, workspaceId: string): Promise<number[]> => {
    const { rows } = await client.query<string[]>({
      text: sql,
      values: [workspaceId],
      rowMode: 'array',
    });
    return (rows[0] ?? []).map(Number);
  };

  async function members(ask: () => AsyncIterable<readonly string[]>): Promise<string[]> {
    await client.query('begin');
    try {
      await asReader(client);
      const found: string[] = [];
      for await (const page of ask()) found.push(...page);
      return found.sort();
    } finally {
      await client.query('rollback');
    }
  }

  it.each(SHAPES)('are the same members by hand and by the condition: $name', async (shape) => {
    const { workspaceId, now } = order;
    const product = await members(() =>
      recomputeMembers(client, shape.condition, { workspaceId, now }),
    );
    const byHand = await members(async function* () {
      const values = shape.byHand.includes('$2') ? [workspaceId, new Date(now)] : [workspaceId];
      const { rows } = await client.query<{ customer_id: string }>(shape.byHand, values);
      yield rows.map((row) => row.customer_id);
    });
    expect(product).toEqual(byHand);
    expect(product.length).toBeGreaterThan(0);
    expect(product.length).toBeLessThan(PEOPLE);
  });

  it('have done something, all of it before now, and are all received at once', async () => {
    const [events, people, late, clocks] = await numbers(
      `select count(*), count(distinct customer_id), count(*) filter (where event_time > to_timestamp(${NOW} / 1000.0)),
              count(distinct clock) from event where workspace_id = $1`,
      order.workspaceId,
    );
    expect([events, people, late, clocks]).toEqual([PEOPLE * 5, PEOPLE, 0, 1]);
  });

  it('may be received as they lived, in the order of their positions, with a lane that has seen all', async () => {
    const workspaceId = await open('lived');
    const lived = { ...order, workspaceId, days: 30, lived: true };
    await putPeople(client, lived);
    await putLane(client, lived);
    const [disorder, apart, behind, old] = await numbers(
      `select (select count(*) from (select clock < lag(clock) over (order by position) as back from event
                where workspace_id = $1) e where back),
              (select count(*) from event where workspace_id = $1 and clock <> event_time),
              (select a.position - l.position from lane l join lane_append a using (workspace_id) where workspace_id = $1),
              (select count(*) from event where workspace_id = $1 and clock < to_timestamp(${NOW} / 1000.0) - interval '30 days')`,
      workspaceId,
    );
    expect([disorder, apart, behind, old]).toEqual([0, 0, 0, 0]);
  });
});
