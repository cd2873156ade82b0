/** A workspace with its lane on a database of its own: what every test of ingestion begins with. */
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { inWorkspace, newId, openPool } from '../../shared/index.js';
import { createWorkspace } from '../../workspaces/index.js';
import { appendCommand, appendDefinitions } from '../append.js';
import { createAppender, type Appender } from '../appender.js';
import type { LaneCommand } from '../lane-commands.js';
import { isIdle, LaneProcessor, type LaneProgress, type LaneStage } from '../lane-processor.js';

export type TestEvent = Readonly<Record<string, unknown>>;

export async function openLaneKit(): Promise<LaneKit> {
  const database = await createTestDatabase();
  const app = openPool({ url: database.url, role: 'tl_app' });
  const key = `shop-${newId().slice(-6)}`;
  const { workspaceId } = await createWorkspace(app, { key, name: 'Shop' });
  return new LaneKit(database, workspaceId, app);
}

export class LaneKit {
  readonly url: string;
  readonly appender: Appender;
  private readonly admin: pg.Pool;
  private readonly clients: pg.Client[] = [];

  constructor(
    private readonly database: TestDatabase,
    readonly workspaceId: string,
    private readonly app: pg.Pool,
  ) {
    this.url = database.url;
    this.appender = createAppender({ url: this.url });
    this.admin = new pg.Pool({ connectionString: this.url, max: 4 });
    this.admin.on('error', () => undefined);
  }

  /** A connection of the lane's role, closed with the kit. */
  async laneClient(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url, options: '-c role=tl_lane' });
    client.on('error', () => undefined);
    await client.connect();
    this.clients.push(client);
    return client;
  }

  async sendRaw(endpoint: string, body: string, events = 1): Promise<number> {
    const { workspaceId } = this;
    const request = { workspaceId, sourceKey: 'web', endpoint, body, events };
    return (await this.appender.append(request)).position;
  }

  /** Appends one event as a request of its own. */
  send(event: TestEvent): Promise<number> {
    const endpoint = typeof event['type'] === 'string' ? event['type'] : 'track';
    return this.sendRaw(endpoint, JSON.stringify(event));
  }

  sendBatch(events: readonly TestEvent[]): Promise<number> {
    return this.sendRaw('batch', JSON.stringify({ batch: events }), events.length);
  }

  /** Works the lane off, this many events a transaction. */
  async drain(maxEvents = 1_000): Promise<LaneProgress[]> {
    const client = await this.laneClient();
    try {
      return await drainWith(client, { workspaceId: this.workspaceId, maxEvents });
    } finally {
      await client.end();
    }
  }

  publish(kind: 'segment' | 'journey' | 'identity', body: Definition): Promise<number> {
    return publish(this.app, this.workspaceId, { kind, body });
  }

  /** Appends an input that is no event; answers its position. */
  command(command: LaneCommand): Promise<number> {
    const { workspaceId } = this;
    return inWorkspace(this.app, workspaceId, (client) =>
      appendCommand(client, workspaceId, command),
    );
  }

  async rows<T extends pg.QueryResultRow = Record<string, unknown>>(
    sql: string,
    values: unknown[] = [],
  ): Promise<T[]> {
    return (await this.admin.query<T>(sql, values)).rows;
  }

  async close(): Promise<void> {
    await this.appender.close();
    await Promise.all(this.clients.map((client) => client.end().catch(() => undefined)));
    await this.app.end();
    await this.admin.end();
    await this.database.drop();
  }
}

type Definition = { readonly key: string } & Record<string, unknown>;

export async function drainWith(
  client: pg.Client,
  options: {
    workspaceId: string;
    maxEvents?: number;
    onStage?: (stage: LaneStage) => Promise<void>;
  },
): Promise<LaneProgress[]> {
  const lane = await LaneProcessor.take(client, options);
  if (!lane) throw new TypeError('the lane of this test has another holder');
  const done: LaneProgress[] = [];
  for (;;) {
    const progress = await lane.processOnce();
    if (isIdle(progress)) return done;
    done.push(progress);
  }
}

interface Publication {
  readonly kind: 'segment' | 'journey' | 'identity';
  readonly body: Definition;
}

async function publish(
  app: pg.Pool,
  workspaceId: string,
  { kind, body }: Publication,
): Promise<number> {
  return inWorkspace(app, workspaceId, async (client) => {
    const { rows } = await client.query<{ version: number }>(
      `insert into definition (workspace_id, kind, key, body, live_version, state) values ($1, $2, $3, $4, 1, 'live')
       on conflict (workspace_id, kind, key) do update
          set body = excluded.body, live_version = coalesce(definition.live_version, 0) + 1, state = 'live'
       returning live_version as version`,
      [workspaceId, kind, body.key, JSON.stringify(body)],
    );
    await client.query(
      `insert into definition_version (workspace_id, kind, key, version, body, published_by) values ($1, $2, $3, $4, $5, 'test')`,
      [workspaceId, kind, body.key, rows[0]?.version, JSON.stringify(body)],
    );
    return appendDefinitions(client, workspaceId);
  });
}

/** A track call with what it must have. */
export function track(name: string, identity: TestEvent, extra: TestEvent = {}): TestEvent {
  return {
    type: 'track',
    event: name,
    messageId: newId(),
    timestamp: new Date().toISOString(),
    ...identity,
    ...extra,
  };
}

export function identify(identity: TestEvent, traits: TestEvent, extra: TestEvent = {}): TestEvent {
  return {
    type: 'identify',
    messageId: newId(),
    timestamp: new Date().toISOString(),
    ...identity,
    traits,
    ...extra,
  };
}
