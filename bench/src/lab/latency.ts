/** The parent's side of whoever sends causes and sees what comes of them, and the bare worker beside it. */
import { allOf, equal, type Oracle } from '../figures.js';
import type { ActionReport } from '../load/send-at-rate.js';
import { field, numberIn, startChild, type Child } from './child.js';
import { readPercentiles } from './generator.js';
import type { Lab, Workspace } from './lab.js';

const TASK_QUEUE = 'bench-bare';

export interface Actors {
  readonly latency: Child;
  readonly sinkPort: number;
  stop(): Promise<void>;
}

/** One sender and sink for both sides, and a worker with nothing of the product in it. */
export async function startActors(lab: Lab): Promise<Actors> {
  const { address, namespace } = lab.stack.temporal;
  const latency = await startChild('latency', [address, namespace, TASK_QUEUE]);
  const sinkPort = numberIn(latency.ready, 'port');
  try {
    const worker = await startChild('bare-worker', [
      ...[address, namespace, TASK_QUEUE],
      String(sinkPort),
    ]);
    return {
      latency,
      sinkPort,
      stop: async () => {
        await worker.stop();
        await latency.stop();
      },
    };
  } catch (error) {
    await latency.stop();
    throw error;
  }
}

export type By =
  | { readonly by: 'event'; readonly event: string }
  | { readonly by: 'start'; readonly workflow: string }
  | { readonly by: 'signal' };

export interface Order {
  readonly run: string;
  readonly count: number;
  readonly rate: number;
  readonly until: 'sent' | 'arrived';
  /** see Sending.marks */
  readonly marks?: readonly string[];
  readonly patienceMs?: number;
  /** ms since epoch at which what is begun is to act */
  readonly dueAt?: number;
}

export interface Senders {
  readonly lab: Pick<Lab, 'apiPort'>;
  readonly workspace: Pick<Workspace, 'authorization'>;
  readonly latency: Child;
}

export async function send(
  { lab, workspace, latency }: Senders,
  means: By,
  order: Order,
): Promise<ActionReport> {
  const { authorization } = workspace;
  return readActionReport(
    await latency.ask({ ...means, ...order, port: lab.apiPort, authorization }),
  );
}

export function readActionReport(answer: unknown): ActionReport {
  return {
    sent: numberIn(answer, 'sent'),
    refused: numberIn(answer, 'refused'),
    arrived: numberIn(answer, 'arrived'),
    doubled: numberIn(answer, 'doubled'),
    latencyMs: readPercentiles(field(answer, 'latencyMs')),
    beganAt: numberIn(answer, 'beganAt'),
    endedAt: numberIn(answer, 'endedAt'),
  };
}

/** Every cause has exactly what is to come of it. */
export function onceEach(what: string, report: ActionReport): Oracle {
  return allOf(
    equal(what, report.arrived, report.sent),
    equal(`${what} doubled`, report.doubled + report.refused, 0),
  );
}
