/**
 * Real runs: the workflow bundle and the activities on a real Temporal server over a real database. The test plays the lane (see
 * the store's JourneyWorld) and the relay; queues of its own keep it apart from whatever else uses the namespace.
 */
import { randomBytes } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import {
  journeyWorkflowId,
  TASK_QUEUES,
  type DeliverActivities,
  type JourneyLocalActivities,
  type OperatorArgs,
  type OperatorUpdateName,
  type RetentionActivities,
} from '@throughline/workflows/contract';
import type { BatchActivities } from '../batch-activities.js';
import { testTemporal, testWorkflows } from '../../../test/support/temporal.js';

/** Recorded histories carry it: the same on every machine. */
const IDENTITY = 'test';

export interface RunRef {
  readonly workspaceId: string;
  readonly enrolmentId: string;
  readonly journeyKey: string;
}

type Activities = JourneyLocalActivities & DeliverActivities;

export class RunKit {
  readonly prefix = `t${randomBytes(5).toString('hex')}-`;
  private workers: { worker: Worker; run: Promise<void> }[] = [];

  private constructor(
    readonly client: Client,
    private readonly connection: Connection,
    private readonly native: NativeConnection,
  ) {}

  static async open(): Promise<RunKit> {
    Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
    const { address, namespace } = testTemporal();
    const connection = await Connection.connect({ address });
    const native = await NativeConnection.connect({ address });
    return new RunKit(
      new Client({ connection, namespace, identity: IDENTITY }),
      connection,
      native,
    );
  }

  async startWorkers(
    activities: Activities,
    options: { maxCachedWorkflows?: number } = {},
  ): Promise<void> {
    const common = {
      connection: this.native,
      namespace: this.client.options.namespace,
      shutdownGraceTime: 2_000,
      identity: IDENTITY,
    };
    const workers = await Promise.all([
      Worker.create({
        ...common,
        taskQueue: `${this.prefix}${TASK_QUEUES.journeys}`,
        workflowBundle: { codePath: testWorkflows() },
        maxCachedWorkflows: options.maxCachedWorkflows ?? 100,
        activities: {
          step: (request: Parameters<Activities['step']>[0]) => activities.step(request),
          recordRequest: (request: Parameters<Activities['recordRequest']>[0]) =>
            activities.recordRequest(request),
          readVerdict: (request: Parameters<Activities['readVerdict']>[0]) =>
            activities.readVerdict(request),
        },
      }),
      Worker.create({
        ...common,
        taskQueue: `${this.prefix}${TASK_QUEUES.deliver}`,
        activities: {
          deliver: (request: Parameters<Activities['deliver']>[0]) => activities.deliver(request),
        },
      }),
    ]);
    this.workers.push(...workers.map((worker) => ({ worker, run: worker.run() })));
  }

  /** The queue of long work, beside or without the others; `activities` is whatever the test registers. */
  async startBatchWorker(
    activities: Partial<BatchActivities & RetentionActivities>,
    options: { maxCachedWorkflows?: number } = {},
  ): Promise<void> {
    const worker = await Worker.create({
      connection: this.native,
      namespace: this.client.options.namespace,
      shutdownGraceTime: 2_000,
      identity: IDENTITY,
      taskQueue: this.batchQueue,
      workflowBundle: { codePath: testWorkflows() },
      maxCachedWorkflows: options.maxCachedWorkflows ?? 100,
      activities,
    });
    this.workers.push({ worker, run: worker.run() });
  }

  get batchQueue(): string {
    return `${this.prefix}${TASK_QUEUES.batch}`;
  }

  async stopWorkers(): Promise<void> {
    for (const { worker } of this.workers) worker.shutdown();
    await Promise.all(this.workers.map(({ run }) => run));
    this.workers = [];
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await this.native.close();
    await this.connection.close();
  }

  start({ workspaceId, enrolmentId, journeyKey }: RunRef, generation = 1): Promise<WorkflowHandle> {
    return this.client.workflow.start('customerJourney', {
      workflowId: journeyWorkflowId(journeyKey, enrolmentId),
      taskQueue: `${this.prefix}${TASK_QUEUES.journeys}`,
      args: [{ workspaceId, enrolmentId, journeyKey, generation, seq: 0 }],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: generation > 1 ? 'TERMINATE_EXISTING' : 'FAIL',
    });
  }

  operate(
    handle: WorkflowHandle,
    name: OperatorUpdateName,
    args: Partial<OperatorArgs> = {},
  ): Promise<unknown> {
    const requestId = randomBytes(8).toString('hex');
    return handle.executeUpdate<unknown, [OperatorArgs]>(name, {
      args: [{ requestId, actor: 'ops', ...args }],
      updateId: requestId,
    });
  }
}
