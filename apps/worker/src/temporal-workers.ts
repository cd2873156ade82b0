import { readFile } from 'node:fs/promises';
import { Worker, type WorkerOptions, type WorkerStatus } from '@temporalio/worker';
import {
  createActivities,
  createBatchActivities,
  createEraseActivities,
  createRetentionActivities,
  type ActivityDependencies,
} from '@throughline/activities';
import type { PrivacyPool, RetentionPolicy } from '@throughline/store/consent';
import {
  TASK_QUEUES,
  type DeliverRequest,
  type JourneyLocalActivities,
} from '@throughline/workflows/contract';
import type { Log } from './log.js';
import { runKeeperOf } from './run-keeper.js';
import type { TemporalLink } from './temporal-link.js';

export interface WorkersOptions {
  readonly link: TemporalLink;
  readonly activities: ActivityDependencies;
  readonly privacy: PrivacyPool;
  readonly retention: RetentionPolicy;
  readonly queuePrefix: string;
  readonly workflowBundle: string;
  readonly deliverConcurrency: number;
  readonly cachedWorkflows: number;
  readonly log: Log;
  /** a worker that ends by itself cannot be mended here: the process must go, and whoever runs it starts another */
  readonly onFatal: (error: unknown) => void;
}

/** How long what is under way may take to end: a delivery's connector gives up sooner. */
const GRACE_MS = 20_000;
const FORCE_MS = 25_000;
/** Files share the pool of database connections with journeys, which must never wait for them. */
const BATCH_CONCURRENCY = 4;

/** One Worker for each task queue, all over one connection. */
export class TemporalWorkers {
  private workers: readonly Worker[] = [];
  private runs: readonly Promise<void>[] = [];
  private stopping = false;

  constructor(private readonly options: WorkersOptions) {}

  async onApplicationBootstrap(): Promise<void> {
    this.workers = await createWorkers(this.options);
    this.runs = this.workers.map((worker) => this.run(worker));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    for (const worker of this.workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.all(this.runs);
  }

  status(): Record<string, WorkerStatus['runState']> {
    return Object.fromEntries(
      this.workers.map(
        (worker) => [worker.options.taskQueue, worker.getStatus().runState] as const,
      ),
    );
  }

  get healthy(): boolean {
    return (
      this.workers.length > 0 && this.workers.every((worker) => worker.getState() === 'RUNNING')
    );
  }

  private async run(worker: Worker): Promise<void> {
    try {
      await worker.run();
      if (!this.stopping)
        this.options.onFatal(new TypeError('a worker ended that nobody had stopped'));
    } catch (error) {
      this.options.log.failure(
        error,
        { taskQueue: worker.options.taskQueue },
        'a Temporal worker failed',
      );
      if (!this.stopping) this.options.onFatal(error);
    }
  }
}

async function createWorkers(options: WorkersOptions): Promise<Worker[]> {
  const { link, queuePrefix, workflowBundle, deliverConcurrency, cachedWorkflows } = options;
  const activities = createActivities(options.activities);
  const bundle = { code: await readFile(workflowBundle, 'utf8') };
  const common = {
    connection: link.native,
    namespace: link.namespace,
    shutdownGraceTime: GRACE_MS,
    shutdownForceTime: FORCE_MS,
  } satisfies Partial<WorkerOptions>;
  return Promise.all([
    Worker.create({
      ...common,
      taskQueue: `${queuePrefix}${TASK_QUEUES.journeys}`,
      workflowBundle: bundle,
      activities: localActivities(activities),
      maxCachedWorkflows: cachedWorkflows,
      maxConcurrentWorkflowTaskExecutions: 40,
      workflowTaskPollerBehavior: { type: 'autoscaling' },
    }),
    Worker.create({
      ...common,
      taskQueue: `${queuePrefix}${TASK_QUEUES.deliver}`,
      activities: { deliver: (request: DeliverRequest) => activities.deliver(request) },
      maxConcurrentActivityTaskExecutions: deliverConcurrency,
      activityTaskPollerBehavior: { type: 'autoscaling' },
    }),
    Worker.create({
      ...common,
      taskQueue: `${queuePrefix}${TASK_QUEUES.batch}`,
      workflowBundle: bundle,
      activities: batchActivities(options),
      maxCachedWorkflows: 50,
      maxConcurrentActivityTaskExecutions: BATCH_CONCURRENCY,
    }),
  ]);
}

/** Long work of every kind shares one queue. */
function batchActivities({
  link,
  activities,
  privacy: pool,
  retention: policy,
  log,
}: WorkersOptions) {
  return {
    ...createBatchActivities(activities),
    ...createEraseActivities({ ...activities, pool, runs: runKeeperOf(link.client) }),
    ...createRetentionActivities({ pool, policy, log }),
  };
}

/** Each queue's worker knows only what may run there: a delivery must never run as a local activity. */
function localActivities(activities: JourneyLocalActivities): JourneyLocalActivities {
  return {
    step: (request) => activities.step(request),
    recordRequest: (request) => activities.recordRequest(request),
    readVerdict: (request) => activities.readVerdict(request),
  };
}
