/**
 * One run per enrolment: asks `step` for a command, carries it out, asks for the next. It holds no definition, no profile and no
 * rule, so that a change of the product never breaks a replay; what happened is in rows, and a signal only says "look again".
 */
import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  FAILURES,
  OPERATOR_UPDATES,
  TASK_QUEUES,
  WAKE_SIGNAL,
  type CustomerJourneyInput,
  type DeliverActivities,
  type JourneyCommand,
  type JourneyLocalActivities,
  type OperatorArgs,
  type OperatorUpdateName,
  type OperatorVerdict,
} from './contract.js';
import { Face } from './face.js';

/** Short transactions that may be repeated for as long as it takes: a database that is away is an outage, not an outcome. */
const local = proxyLocalActivities<JourneyLocalActivities>({
  startToCloseTimeout: '4 s',
  localRetryThreshold: '1 s',
  retry: {
    initialInterval: '100 ms',
    backoffCoefficient: 2,
    maximumInterval: '10 s',
    nonRetryableErrorTypes: [FAILURES.superseded],
  },
});

/**
 * Unlimited attempts until the message is worthless: what stops them is the type of the failure or the time. Another
 * installation in this namespace has queues of its own, named by a prefix; its runs keep to them.
 */
function outside() {
  const prefix = workflowInfo().taskQueue.slice(0, -TASK_QUEUES.journeys.length);
  return proxyActivities<DeliverActivities>({
    taskQueue: `${prefix}${TASK_QUEUES.deliver}`,
    startToCloseTimeout: '60 s',
    retry: {
      initialInterval: '1 s',
      backoffCoefficient: 2,
      maximumInterval: '5 min',
      nonRetryableErrorTypes: [FAILURES.superseded],
    },
  });
}

/** The server suggests a new page at 4,096 events; a replay of half as many is still quick. */
const LONG_HISTORY = 2_000;
/** A message that is late already gets one attempt, which then says so. */
const SHORTEST_DELIVERY_MS = 60_000;
const ASK_AGAIN_MS = 1_000;

type WaitCommand = Extract<JourneyCommand, { kind: 'wait' }>;
type DeliverCommand = Extract<JourneyCommand, { kind: 'deliver' }>;

export async function customerJourney(input: CustomerJourneyInput): Promise<string> {
  const run = new Run(input);
  run.listen();
  // A cancelled run leaves by the front door: the exit is asked for like an operator's, and what is under way ends first.
  CancellationScope.current().cancelRequested.catch(() => run.leaveCancelled());
  return CancellationScope.nonCancellable(() => run.drive());
}

class Run {
  private seq: number;
  private wake = false;
  /** answers of `step` so far: an operator's verdict comes with one of them */
  private passes = 0;
  private closed = false;
  private current: JourneyCommand | null = null;
  private lastDue = '';
  private readonly face = new Face();
  private readonly outside = outside();

  constructor(private readonly input: CustomerJourneyInput) {
    this.seq = input.seq;
  }

  listen(): void {
    setHandler(defineSignal(WAKE_SIGNAL), () => {
      this.wake = true;
    });
    for (const name of OPERATOR_UPDATES) {
      setHandler(
        defineUpdate<OperatorVerdict, [OperatorArgs]>(name),
        (args) => this.operate(name, args),
        {
          validator: (args: OperatorArgs) => {
            this.check(args);
          },
        },
      );
    }
  }

  async drive(): Promise<string> {
    // A further page repeats the command that it carries; a new run asks for the first.
    let ask = Math.max(1, this.seq);
    for (;;) {
      this.wake = false;
      const command = await this.step(ask);
      if (command === null) return this.close('superseded');
      this.passes += 1;
      this.seq = command.seq;
      this.current = command;
      ask = command.seq + 1;
      if (command.kind === 'end') return this.close(command.outcome);
      if (command.kind === 'deliver') await this.deliver(command);
      else await this.rest(command);
    }
  }

  /** Null when this run is not, or no longer, the run of its enrolment. */
  private async step(seq: number): Promise<JourneyCommand | null> {
    const { workspaceId, enrolmentId, generation } = this.input;
    try {
      return await local.step({ workspaceId, enrolmentId, generation, seq });
    } catch (error) {
      if (failureType(error) === FAILURES.superseded) return null;
      throw error;
    }
  }

  /** A wake does not cancel a delivery that is under way; it is looked at right after. */
  private async deliver(command: DeliverCommand): Promise<void> {
    const { workspaceId, enrolmentId, generation } = this.input;
    const { seq, step, visit, expiresAt, summary } = command;
    this.face.showDelivery(command);
    try {
      await this.outside.deliver.executeWithOptions(
        {
          activityId: `${step}#${visit}`,
          summary,
          scheduleToCloseTimeout: Math.max(expiresAt - now(), SHORTEST_DELIVERY_MS),
        },
        [{ workspaceId, enrolmentId, generation, seq, step, visit }],
      );
    } catch (error) {
      // Giving up is an outcome: `step` reads from the ledger how far the last attempt came.
      if (!(error instanceof ActivityFailure)) throw error;
    }
  }

  private async rest(command: WaitCommand): Promise<void> {
    this.face.showWait(command);
    await this.turnPage();
    const { seq, until, spreadMs, summary } = command;
    if (until === null) {
      await condition(() => this.wake);
      return;
    }
    // Told the same again, our clock is ahead of the database's: asking at once would ask without end.
    const due = `${seq}/${until}`;
    const least = this.lastDue === due ? ASK_AGAIN_MS : 0;
    this.lastDue = due;
    const ms = Math.max(until + spreadMs - now(), least);
    if (ms > 0) await condition(() => this.wake, ms, { summary });
  }

  /** Only where nothing is under way: an operator's request that waits for its verdict keeps the page open. */
  private async turnPage(): Promise<void> {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (!continueAsNewSuggested && historyLength <= LONG_HISTORY) return;
    if (this.wake || !allHandlersFinished()) return;
    await continueAsNew<typeof customerJourney>({ ...this.input, seq: this.seq });
  }

  private check({ step, visit }: OperatorArgs): void {
    if (this.closed) throw ApplicationFailure.nonRetryable('the run has ended', 'Ended');
    const { current } = this;
    if (current === null || current.kind === 'end') return;
    const isElsewhere =
      (step !== undefined && step !== current.step) ||
      (visit !== undefined && current.kind === 'deliver' && visit !== current.visit);
    if (isElsewhere)
      throw ApplicationFailure.nonRetryable(`the run is at ${current.step}`, 'Elsewhere');
  }

  private async operate(kind: OperatorUpdateName, args: OperatorArgs): Promise<OperatorVerdict> {
    const { workspaceId, enrolmentId, generation } = this.input;
    const { requestId, actor, ...rest } = args;
    await local.recordRequest({
      workspaceId,
      enrolmentId,
      generation,
      requestId,
      kind,
      args: rest,
      actor,
    });
    this.wake = true;
    for (;;) {
      const seen = this.passes;
      await condition(() => this.passes > seen || this.closed);
      const verdict = await local.readVerdict({ workspaceId, enrolmentId, requestId });
      if (verdict !== null) return verdict;
      if (this.closed) return { accepted: false, reason: 'ended' };
    }
  }

  async leaveCancelled(): Promise<void> {
    const { workspaceId, enrolmentId, generation } = this.input;
    const requestId = `cancelled/${workflowInfo().runId}`;
    await CancellationScope.nonCancellable(() =>
      local.recordRequest({
        workspaceId,
        enrolmentId,
        generation,
        requestId,
        kind: 'forceExit',
        args: { reason: 'cancelled' },
        actor: 'temporal',
      }),
    );
    this.wake = true;
  }

  private async close(outcome: string): Promise<string> {
    this.closed = true;
    this.face.showEnd(outcome);
    await condition(allHandlersFinished);
    return outcome;
  }
}

/** A local activity's failure comes bare, a regular one's wrapped. */
function failureType(error: unknown): string | null {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  return failure instanceof ApplicationFailure ? (failure.type ?? null) : null;
}

/** The sandbox's clock: the time of the workflow task, the same on every replay. */
function now(): number {
  return globalThis.Date.now();
}
