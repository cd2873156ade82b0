/**
 * The limit of an event that changes a segment: COPY the body and NOTIFY in one transaction, acknowledge; a listener reads what
 * came, merges it into its customers by one upsert and writes the membership, in one more.
 */
import pg from 'pg';
import { serveParent } from './lab/child.js';
import { BareFollower } from './limits/bare-follower.js';
import { startBareServer } from './limits/bare-server.js';
import { copyIn, copyText } from './limits/copy-in.js';
import { GroupCommit, type Flush } from './limits/group-commit.js';

const MAX_FLUSH_BYTES = 600_000;
const CHANNEL = 'bare_segment';

await serveParent(async () => {
  const [, , url = '', probe = ''] = process.argv;
  const clients = [
    new pg.Client({ connectionString: url }),
    new pg.Client({ connectionString: url }),
  ];
  for (const client of clients) await client.connect();
  const [writer, listener] = clients;
  if (writer === undefined || listener === undefined) throw new TypeError('two connections');
  const follower = new BareFollower(listener, { channel: CHANNEL, probe });
  await follower.listen();
  const commits = new GroupCommit([appendBy(writer)], MAX_FLUSH_BYTES);
  const server = await startBareServer((body) => commits.add(body));
  return {
    ready: { port: server.port },
    end: async () => {
      await server.stop();
      await follower.idle;
      for (const client of clients) await client.end();
    },
  };
});

/** One connection appends, so that positions are committed in their order. */
function appendBy(client: pg.Client): Flush {
  return async (bodies) => {
    await client.query('begin');
    try {
      const rows = bodies.map((body) => `${copyText(body)}\n`).join('');
      await copyIn(client, 'copy bare_input (body) from stdin', rows);
      await client.query(`notify ${CHANNEL}`);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
  };
}
