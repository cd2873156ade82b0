/** The limit of ingestion: a bare server that looks at a body once and COPYs it, two connections, answered after commit. */
import pg from 'pg';
import { serveParent } from './lab/child.js';
import { startBareServer } from './limits/bare-server.js';
import { copyIn, copyText } from './limits/copy-in.js';
import { GroupCommit, type Flush } from './limits/group-commit.js';

const CONNECTIONS = 2;
const MAX_FLUSH_BYTES = 4 * 1024 * 1024;

await serveParent(async () => {
  const [, , url = ''] = process.argv;
  const clients = Array.from(
    { length: CONNECTIONS },
    () => new pg.Client({ connectionString: url }),
  );
  await Promise.all(clients.map((client) => client.connect()));
  const commits = new GroupCommit(clients.map(flushBy), MAX_FLUSH_BYTES);
  const server = await startBareServer((body) => {
    JSON.parse(body);
    return commits.add(body);
  });
  return {
    ready: { port: server.port },
    end: async () => {
      await server.stop();
      await Promise.all(clients.map((client) => client.end()));
    },
  };
});

function flushBy(client: pg.Client): Flush {
  return (bodies) =>
    copyIn(
      client,
      'copy bare_log (body) from stdin',
      bodies.map((body) => `${copyText(body)}\n`).join(''),
    );
}
