import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { eventually } from '../../../test/support/eventually.js';
import { BARE_CUSTOMER } from './bare-customers.js';
import { BARE_MEMBERS, BareFollower } from './bare-follower.js';

const CHANNEL = 'bare_follower_spec';

describe('the follower of a bare log', () => {
  let database: TestDatabase;
  let writer: pg.Client;
  let listener: pg.Client;
  let follower: BareFollower;

  beforeAll(async () => {
    database = await createTestDatabase();
    writer = new pg.Client({ connectionString: database.url });
    listener = new pg.Client({ connectionString: database.url });
    await writer.connect();
    await listener.connect();
    await writer.query(BARE_MEMBERS + BARE_CUSTOMER);
    follower = new BareFollower(listener, { channel: CHANNEL, probe: 'Probe' });
    await follower.listen();
  });
  afterAll(async () => {
    await follower.idle;
    await writer.end();
    await listener.end();
    await database.drop();
  });

  async function append(...events: readonly object[]): Promise<void> {
    for (const event of events)
      await writer.query('insert into bare_input (body) values ($1)', [JSON.stringify(event)]);
    await writer.query(`notify ${CHANNEL}`);
  }

  const keys = async (): Promise<unknown[]> => {
    const { rows } = await writer.query<{ key: string }>(
      'select customer_key as key from bare_member order by n',
    );
    return rows.map(({ key }) => key);
  };

  it('makes a member of whoever did what it looks for, once, and a customer of everybody', async () => {
    await append({ event: 'Probe', userId: 'a' }, { event: 'Other', userId: 'b' });
    await eventually(async () => {
      expect(await keys()).toEqual(['a']);
    });
    await append({ event: 'Probe', userId: 'c' }, { event: 'Probe', userId: 'a' });
    await eventually(async () => {
      expect(await keys()).toEqual(['a', 'c']);
    });
    await follower.idle;
    const { rows } = await writer.query(
      'select customer_key as key, events from bare_customer order by 1',
    );
    expect(rows).toEqual([
      { key: 'a', events: 2 },
      { key: 'b', events: 1 },
      { key: 'c', events: 1 },
    ]);
  });
});
