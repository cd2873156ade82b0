import pg from 'pg';
import { classifyStoreError } from '../shared/index.js';
import { LANE_CHANNEL } from './append.js';
import { Bell } from './bell.js';
import {
  isIdle,
  LaneLost,
  LaneProcessor,
  type LaneOptions,
  type LaneProgress,
} from './lane-processor.js';

export interface LaneRunnerOptions {
  readonly url: string;
  readonly maxEvents?: number;
  readonly onStage?: LaneOptions['onStage'];
  readonly onProgress?: (workspaceId: string, progress: LaneProgress) => void;
  /** code and sentence only: never data */
  readonly onProblem?: (problem: LaneProblem) => void;
}

export interface LaneProblem {
  readonly workspaceId: string | null;
  readonly kind: 'outage' | 'lost' | 'stopped';
  readonly error: unknown;
}

export interface LaneRunner {
  /** workspace id → stopped by our bug; such a lane stays down until the process is restarted */
  readonly stopped: ReadonlySet<string>;
  close(): Promise<void>;
}

const POLL_MS = 250;
const DISCOVERY_MS = 2_000;
const OUTAGE_PAUSE_MS = 500;

/** Runs every workspace's lane that no other process holds; new workspaces are found within two seconds. */
export function runLanes(options: LaneRunnerOptions): LaneRunner {
  const bell = new Bell();
  const abort = new AbortController();
  const stopped = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const startLane = (workspaceId: string): void => {
    const lane = runLane(options, { workspaceId, bell, signal: abort.signal, stopped }).finally(
      () => {
        running.delete(workspaceId);
      },
    );
    running.set(workspaceId, lane);
  };
  const discovery = discover(options, {
    bell,
    signal: abort.signal,
    onWorkspace: (id) => {
      if (!running.has(id) && !stopped.has(id)) startLane(id);
    },
  });
  return {
    stopped,
    async close() {
      abort.abort();
      bell.ring();
      await discovery;
      await Promise.all(running.values());
    },
  };
}

interface LaneLoop {
  readonly workspaceId: string;
  readonly bell: Bell;
  readonly signal: AbortSignal;
  readonly stopped: Set<string>;
}

async function runLane(options: LaneRunnerOptions, loop: LaneLoop): Promise<void> {
  const { workspaceId, signal } = loop;
  while (!signal.aborted && !loop.stopped.has(workspaceId)) {
    try {
      await withClient(options.url, (client) => holdLane(client, options, loop));
    } catch (error) {
      const lost = error instanceof LaneLost;
      const outage = lost || classifyStoreError(error) === 'outage';
      options.onProblem?.({
        workspaceId,
        kind: lost ? 'lost' : outage ? 'outage' : 'stopped',
        error,
      });
      if (!outage) {
        loop.stopped.add(workspaceId);
        await noteStopped(options.url, workspaceId, error);
      }
      await loop.bell.wait(OUTAGE_PAUSE_MS, signal);
    }
  }
}

/** For everybody who asks whether all is well: the reason's name only, never data. Best effort, because the worker says it too. */
async function noteStopped(url: string, workspaceId: string, error: unknown): Promise<void> {
  const reason = error instanceof Error ? error.name : 'unknown';
  await withClient(url, async (client) => {
    await client.query('update lane set stopped_reason = $2 where workspace_id = $1', [
      workspaceId,
      reason,
    ]);
  }).catch(() => undefined);
}

async function holdLane(
  client: pg.Client,
  options: LaneRunnerOptions,
  { workspaceId, bell, signal }: LaneLoop,
): Promise<void> {
  const lane = await LaneProcessor.take(client, {
    workspaceId,
    ...(options.maxEvents === undefined ? {} : { maxEvents: options.maxEvents }),
    ...(options.onStage === undefined ? {} : { onStage: options.onStage }),
  });
  if (!lane) {
    await bell.wait(OUTAGE_PAUSE_MS, signal);
    return;
  }
  while (!signal.aborted) {
    const ticket = bell.ticket();
    const progress = await lane.processOnce();
    if (!isIdle(progress)) {
      options.onProgress?.(workspaceId, progress);
      continue;
    }
    if (!(await lane.tickIfDue())) await bell.wait(POLL_MS, signal, ticket);
  }
}

interface Discovery {
  readonly bell: Bell;
  readonly signal: AbortSignal;
  readonly onWorkspace: (workspaceId: string) => void;
}

/** One connection listens for all lanes and looks for new ones; when it breaks, the lanes poll on. */
async function discover(
  options: LaneRunnerOptions,
  { bell, signal, onWorkspace }: Discovery,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await withClient(options.url, async (client) => {
        client.on('notification', () => {
          bell.ring();
        });
        await client.query(`listen ${LANE_CHANNEL}`);
        while (!signal.aborted) {
          const { rows } = await client.query<{ workspace_id: string }>(
            'select workspace_id from lane',
          );
          for (const row of rows) onWorkspace(row.workspace_id);
          await pause(DISCOVERY_MS, signal);
        }
      });
    } catch (error) {
      options.onProblem?.({ workspaceId: null, kind: 'outage', error });
      await pause(OUTAGE_PAUSE_MS, signal);
    }
  }
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    options: '-c role=tl_lane',
    application_name: 'throughline lane',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // A connection that breaks while no query runs must not end the process; the next query fails and the lane is taken anew.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
