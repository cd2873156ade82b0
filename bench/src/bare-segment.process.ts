/**
 * The limit of an event that changes a segment: COPY the body and NOTIFY in one transaction, acknowledge; a listener reads what
 * came, merges it into its customers by one upsert and writes the membership, in one more.
 */
import pg from 'pg';
import { serveParent } from './lab/child.js';
import { saidIn, UPSERT_CUSTOMERS } from './limits/bare-customers.js';
import { startBareServer } from './limits/bare-server.js';
import { copyIn, copyText } from './limits/copy-in.js';
import { GroupCommit, type Flush } from './limits/group-commit.js';

const MAX_FLUSH_BYTES = 600_000;
const CHANNEL = 'bare_segment';
const BODIES_A_BATCH = 1_000;

const UPSERT_MEMBERS = `
  insert into bare_member (customer_key) select distinct key from json_array_elements_text($1::json) as r(key)
  on conflict do nothing`;

await serveParent(async () => {
  const [, , url = '', probe = ''] = process.argv;
  const clients = [
    new pg.Client({ connectionString: url }),
    new pg.Client({ connectionString: url }),
  ];
  for (const client of clients) await client.connect();
  const [writer, listener] = clients;
  if (writer === undefined || listener === undefined) throw new TypeError('two connections');
  const follower = new Follower(listener, probe);
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

class Follower {
  idle: Promise<void> = Promise.resolve();
  private cursor = 0;
  private rung = false;

  constructor(
    private readonly client: pg.Client,
    /** the event that makes a member */
    private readonly probe: string,
  ) {}

  async listen(): Promise<void> {
    this.client.on('notification', () => {
      if (this.rung) return;
      this.rung = true;
      this.idle = this.idle.then(() => this.drain());
    });
    await this.client.query(`listen ${CHANNEL}`);
  }

  private async drain(): Promise<void> {
    this.rung = false;
    while ((await this.applyNext()) > 0);
  }

  private async applyNext(): Promise<number> {
    const { rows } = await this.client.query<{ id: string; body: string }>({
      name: 'next',
      text: `select id, body from bare_input where id > $1 order by id limit ${BODIES_A_BATCH}`,
      values: [this.cursor],
    });
    const last = rows.at(-1);
    if (last === undefined) return 0;
    const { customers, events } = saidIn(rows.map(({ body }) => body));
    const members = events.flatMap(([key, name]) => (name === this.probe ? [key] : []));
    await this.client.query('begin');
    await this.client.query({
      name: 'customers',
      text: UPSERT_CUSTOMERS,
      values: [JSON.stringify(customers)],
    });
    await this.client.query({
      name: 'members',
      text: UPSERT_MEMBERS,
      values: [JSON.stringify(members)],
    });
    await this.client.query('commit');
    this.cursor = Number(last.id);
    return rows.length;
  }
}
