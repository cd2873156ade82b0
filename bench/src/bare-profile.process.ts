/** The limit of the profile API: Fastify, a pool, one prepared statement by primary key, its row as the answer. */
import Fastify from 'fastify';
import pg from 'pg';
import { serveParent, textIn } from './lab/child.js';

const CONNECTIONS = 8;

await serveParent(async () => {
  const [, , url = '', workspaceId = ''] = process.argv;
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  const server = Fastify();
  server.get('/profile/:id', async (request, reply) => {
    const { rows } = await pool.query<{ traits: unknown }>({
      name: 'profile',
      text: 'select customer_id, traits from customer where workspace_id = $1 and customer_id = $2',
      values: [workspaceId, textIn(request.params, 'id')],
    });
    const [row] = rows;
    return row ?? reply.code(404).send({});
  });
  const address = await server.listen({ port: 0, host: '127.0.0.1' });
  return {
    ready: { port: Number(new URL(address).port) },
    end: async () => {
      await server.close();
      await pool.end();
    },
  };
});
