import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Connection } from '@temporalio/client';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from './database.js';
import { eventually } from './eventually.js';
import { countTests, mergePromises, renderPromises } from './reporter.mjs';
import { testTemporal } from './temporal.js';

describe('the servers of a test run', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  it('give each file a migrated database of its own', async () => {
    const other = await createTestDatabase();
    expect(other.url).not.toBe(database.url);
    const client = new pg.Client({ connectionString: other.url });
    await client.connect();
    const tables = await client.query(
      "select 1 from information_schema.tables where table_name = 'workspace'",
    );
    await client.end();
    expect(tables.rowCount).toBe(1);
    await other.drop();
  });

  it('drop a database although a connection is still open', async () => {
    const other = await createTestDatabase();
    const client = new pg.Client({ connectionString: other.url });
    const closed = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    await other.drop();
    await closed;
  });

  it('hold a Temporal namespace that keeps closed runs for seven days', async () => {
    const { address, namespace } = testTemporal();
    const connection = await Connection.connect({ address });
    const answer = await connection.workflowService.describeNamespace({ namespace });
    await connection.close();
    expect(answer.config?.workflowExecutionRetentionTtl?.seconds?.toString()).toBe('604800');
  });
});

describe('eventually', () => {
  it('returns the first answer that does not throw', async () => {
    let calls = 0;
    const answer = await eventually(
      () => {
        calls += 1;
        if (calls < 3) throw new Error('not yet');
        return calls;
      },
      { everyMs: 1 },
    );
    expect(answer).toBe(3);
  });

  it('fails at the deadline with the last error and the time that was given', async () => {
    const failing = eventually(
      () => {
        throw new Error('still red');
      },
      { deadlineMs: 20, everyMs: 5 },
    );
    await expect(failing).rejects.toThrow('after 20 ms: still red');
  });
});

describe('promises', () => {
  it('are kept only when every test that speaks of one says so', () => {
    const merged = mergePromises([
      { promise: 'one mail per cart', held: true, detail: '12 kills' },
      { promise: 'nothing is lost', held: true, detail: '500 events' },
      { promise: 'one mail per cart', held: false, detail: '3 restarts' },
    ]);
    expect(renderPromises(merged).split('\n').slice(2)).toEqual([
      'one mail per cart  NOT HELD, 12 kills; 3 restarts',
      'nothing is lost    held, 500 events',
    ]);
  });

  it('count a file that could not be loaded, and a skipped test, as failures', () => {
    const results = {
      numPassedTests: 5,
      numFailedTests: 1,
      numRuntimeErrorTestSuites: 1,
      numPendingTests: 2,
    };
    expect(countTests(results)).toEqual({ passed: 5, failed: 4 });
  });
});
