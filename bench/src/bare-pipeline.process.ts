/**
 * The limit of the pipeline: for each batch one transaction of plain SQL, which COPYs the events and merges what they say of
 * customers by one upsert. No identity, no segments, no de-duplication, no journeys.
 */
import pg from 'pg';
import { serveParent } from './lab/child.js';
import { saidIn, UPSERT_CUSTOMERS } from './limits/bare-customers.js';
import { startBareServer } from './limits/bare-server.js';
import { copyIn } from './limits/copy-in.js';
import { GroupCommit, type Flush } from './limits/group-commit.js';

const MAX_FLUSH_BYTES = 600_000;

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
    const { rows, customers } = saidIn(bodies);
    await client.query('begin');
    try {
      await copyIn(client, 'copy bare_event (customer_key, name, body) from stdin', rows);
      await client.query({
        name: 'upsert',
        text: UPSERT_CUSTOMERS,
        values: [JSON.stringify(customers)],
      });
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
  };
}
