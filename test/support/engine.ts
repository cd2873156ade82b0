/**
 * A whole engine inside a test: log, lane, relay, workers on the real Temporal server, a mail server and a webhook receiver.
 * Its parts start and stop one by one, so that a test can have an input arrive while one of them is down.
 */
import type { ActivityDependencies } from '@throughline/activities';
import { createActivities } from '@throughline/activities';
import type { DeliverActivities, JourneyLocalActivities } from '@throughline/workflows/contract';
import { journeyWorkflowId } from '@throughline/workflows/contract';
import { doorCheck } from '@throughline/domain/ingestion';
import type { JsonObject } from '@throughline/domain/shared';
import { runLanes, type LaneRunner, type LaneStage } from '@throughline/store/ingestion';
import { openEnginePool, type EnginePool, type RelayPool } from '@throughline/store/journeys';
import { inWorkspace, openPool, type Queryable } from '@throughline/store/shared';
import type { WorkflowHandle } from '@temporalio/client';
import type pg from 'pg';
import { OutsideKit } from '../../activities/src/testing/outside-kit.js';
import { RunKit } from '../../activities/src/testing/run-kit.js';
import { Log } from '../../apps/worker/src/log.js';
import { OutboxRelay } from '../../apps/worker/src/relay.js';
import {
  openLaneKit,
  type LaneKit,
  type TestEvent,
} from '../../store/src/ingestion/testing/lane-kit.js';
import { eventually } from './eventually.js';

type Activities = JourneyLocalActivities & DeliverActivities;

export interface EngineOptions {
  readonly engineConnections?: number;
}

/** Where a test stands in the way of the engine; nobody does, unless it says so. */
export interface Hooks {
  /** between the reservation of a mail and the guards just before its call */
  beforeRender: () => Promise<void>;
  /** before a step begins its transaction */
  beforeStep: Around;
  /** after a step has committed, before its answer is given */
  afterStep: Around;
  /** inside a transaction of the lane */
  onLaneStage: (stage: LaneStage) => Promise<void>;
}

type Around = (request: {
  readonly enrolmentId: string;
  readonly seq: number;
  readonly generation: number;
}) => Promise<void>;

const NOTHING = (): Promise<void> => Promise.resolve();

export interface EnrolmentState {
  readonly enrolment_id: string;
  readonly journey_key: string;
  readonly subject_id: string;
  readonly state: 'active' | 'held' | 'ended';
  readonly outcome: string | null;
  readonly held_reason: string | null;
  readonly seq: number;
  readonly generation: number;
  readonly version: number;
}

export class Engine {
  readonly hooks: Hooks = idle();
  private lanes: LaneRunner | null = null;
  private relay: OutboxRelay | null = null;
  private working = false;

  private constructor(
    readonly kit: LaneKit,
    readonly outside: OutsideKit,
    readonly runs: RunKit,
    readonly pool: EnginePool,
    readonly relayPool: RelayPool,
    private readonly app: ReturnType<typeof openPool>,
  ) {}

  static async open({ engineConnections = 12 }: EngineOptions = {}): Promise<Engine> {
    const [kit, outside, runs] = await Promise.all([
      openLaneKit(),
      OutsideKit.open(),
      RunKit.open(),
    ]);
    const pool = openEnginePool({ url: kit.url, max: engineConnections });
    const relayPool = openPool({ url: kit.url, role: 'tl_relay', max: 4 });
    const app = openPool({ url: kit.url, role: 'tl_app', max: 2 });
    return new Engine(kit, outside, runs, pool, relayPool, app);
  }

  get workspaceId(): string {
    return this.kit.workspaceId;
  }

  async start(): Promise<void> {
    this.startLanes();
    this.startRelay();
    await this.startWorkers();
  }

  startLanes(): void {
    const onStage = (stage: LaneStage): Promise<void> => this.hooks.onLaneStage(stage);
    const onProgress = (): void => this.relay?.ring();
    this.lanes ??= runLanes({ url: this.kit.url, onStage, onProgress });
  }

  async stopLanes(): Promise<void> {
    await this.lanes?.close();
    this.lanes = null;
  }

  startRelay(): void {
    this.relay ??= new OutboxRelay({
      pool: this.relayPool,
      client: this.runs.client,
      taskQueue: `${this.runs.prefix}journeys`,
      publicUrl: 'http://127.0.0.1',
      concurrency: 50,
      log: new Log('silent'),
    });
    this.relay.onApplicationBootstrap();
  }

  async stopRelay(): Promise<void> {
    await this.relay?.beforeApplicationShutdown();
    this.relay = null;
  }

  async startWorkers(): Promise<void> {
    if (this.working) return;
    this.working = true;
    await this.runs.startWorkers(this.hooked(createActivities(this.dependencies())));
  }

  async stopWorkers(): Promise<void> {
    await this.runs.stopWorkers();
    this.working = false;
  }

  /** Every part up, and nobody in the way: what each test begins with. */
  async allUp(): Promise<void> {
    Object.assign(this.hooks, idle());
    await this.start();
  }

  dependencies(): ActivityDependencies {
    const outside = this.outside.dependencies(this.pool);
    const { renderer } = outside;
    const hooked: ActivityDependencies['renderer'] = {
      render: async (...args) => {
        await this.hooks.beforeRender();
        return renderer.render(...args);
      },
      close: () => renderer.close(),
    };
    return { ...outside, renderer: hooked };
  }

  private hooked(activities: Activities): Activities {
    return {
      ...activities,
      step: async (request) => {
        await this.hooks.beforeStep(request);
        const command = await activities.step(request);
        await this.hooks.afterStep(request);
        return command;
      },
    };
  }

  /** Connections to the mail server and the receiver, and the template of a mail. */
  async defineOutside(): Promise<void> {
    await this.define('connection', 'mail', {
      connector: 'smtp-email',
      settings: { host: '127.0.0.1', port: this.outside.smtpPort, from: 'Shop <shop@example.com>' },
    });
    await this.define('connection', 'hook', {
      connector: 'webhook',
      settings: { url: this.outside.hookUrl },
    });
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    await this.rows(
      `insert into connection_secret (workspace_id, connection_key, key_id, sealed) values ($1, 'hook', 'k', $2)`,
      [this.workspaceId, Buffer.from(JSON.stringify({ secret }))],
    );
    await this.define('template', 'cart', { subject: 'Your cart', text: 'It is waiting.' });
  }

  async define(kind: 'connection' | 'template', key: string, body: JsonObject): Promise<void> {
    await this.rows(
      `insert into definition (workspace_id, kind, key, body, live_version, state) values ($1, $2, $3, $4, 1, 'live')`,
      [this.workspaceId, kind, key, JSON.stringify(body)],
    );
  }

  /** As the door does: one request, and what it revokes is pending from its commit on. */
  async send(...events: readonly TestEvent[]): Promise<number> {
    const body = JSON.stringify({ batch: events });
    const checked = doorCheck('batch', body);
    if ('code' in checked) throw new TypeError(`the door would refuse it: ${checked.code}`);
    const { workspaceId } = this;
    const request = { workspaceId, sourceKey: 'web', endpoint: 'batch', body, ...checked };
    return (await this.kit.appender.append(request)).position;
  }

  /** As a person of this workspace, through the API's role. */
  asOperator<T>(work: (client: Queryable) => Promise<T>): Promise<T> {
    return inWorkspace(this.app, this.workspaceId, work);
  }

  rows<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    return this.kit.rows<T>(sql, values);
  }

  handle({ journey_key, enrolment_id }: EnrolmentState): WorkflowHandle {
    return this.runs.client.workflow.getHandle(journeyWorkflowId(journey_key, enrolment_id));
  }

  enrolments(journey: string): Promise<EnrolmentState[]> {
    return this.rows<EnrolmentState>(
      `select enrolment_id, journey_key, subject_id, state, outcome, held_reason, seq, generation, version from enrolment
        where journey_key = $1 order by entered_position, entered_ordinal`,
      [journey],
    );
  }

  /** All that the lane has not applied and the relay has not carried is none. */
  async caughtUp(deadlineMs = 10_000): Promise<void> {
    const check = async (): Promise<void> => {
      const [left] = await this.rows<{ behind: number; outbox: number }>(
        `select (select a.position - l.position from lane_append a join lane l using (workspace_id)) as behind,
                (select count(*) from outbox) as outbox`,
      );
      if (left?.behind !== 0 || (this.relay !== null && left.outbox !== 0))
        throw new TypeError(`still to do: ${JSON.stringify(left)}`);
    };
    await eventually(check, { deadlineMs });
  }

  /** The database's clock is later than a deadline: whatever is appended from now on has missed it. */
  async past(deadline: number): Promise<void> {
    await eventually(async () => {
      const [row] = await this.rows<{ past: boolean }>(
        `select date_trunc('milliseconds', clock_timestamp()) > to_timestamp($1::float8 / 1000) as past`,
        [deadline],
      );
      if (row?.past !== true) throw new TypeError('the deadline has not passed');
    });
  }

  mailsTo(email: string): number {
    return this.outside.mails.filter(({ to }) => JSON.stringify(to).includes(email)).length;
  }

  async close(): Promise<void> {
    Object.assign(this.hooks, idle());
    await this.stopLanes();
    await this.stopRelay();
    await this.runs.close();
    await Promise.all([this.relayPool.end(), this.pool.end(), this.app.end()]);
    await this.outside.close();
    await this.kit.close();
  }
}

function idle(): Hooks {
  return { beforeRender: NOTHING, beforeStep: NOTHING, afterStep: NOTHING, onLaneStage: NOTHING };
}
