/**
 * The standard load as fast as a lane can take it: senders are held back while it is behind, so that the lane is always busy
 * and what it finishes in a time is what it can do.
 */
import type { Generator, GeneratorResult } from './generator.js';
import type { Lab, Workspace } from './lab.js';
import { levelled, watchLane, type Sample } from './lane-watch.js';

/** Libraries send what they gathered, some tens at a time. */
export const BATCH = 50;
const CONNECTIONS = 8;
/** Rows of the log that may wait: some tenths of a second, so that the lane is always busy and never far behind. */
const MOST_ROWS_BEHIND = 60;
const LOOK_MS = 20;

export interface StandardOrder {
  readonly seed: number;
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly port: number;
  readonly triggersBefore: number;
  /** requests a second: an open loop; a closed one without */
  readonly rate?: number;
}

export function sendStandard(
  generator: Generator,
  { authorization }: Pick<Workspace, 'authorization'>,
  order: StandardOrder,
): Promise<GeneratorResult> {
  return generator.run({
    authorization,
    bodies: 'standard',
    batch: BATCH,
    connections: CONNECTIONS,
    ...order,
  });
}

export interface FullSpeed {
  readonly eventsPerSecond: number;
  /** everything that was sent, warm-up included */
  readonly events: number;
  readonly failures: number;
}

/** Returns when the lane is level again. */
export async function fullSpeed(
  { lab, workspace, generator }: FullSpeedMeans,
  order: Omit<StandardOrder, 'port' | 'rate'>,
): Promise<FullSpeed> {
  const { workspaceId } = workspace;
  const watch = watchLane(lab, workspaceId, {
    everyMs: LOOK_MS,
    onLook: ({ rowsBehind }) => {
      generator.hold(rowsBehind > MOST_ROWS_BEHIND);
    },
  });
  const { events, failures } = await sendStandard(generator, workspace, {
    ...order,
    port: lab.apiPort,
  });
  const samples = await watch.stop();
  await levelled(lab, workspaceId);
  const { warmSeconds, seconds } = order;
  return {
    eventsPerSecond: rateWithin(samples, warmSeconds, warmSeconds + seconds),
    events,
    failures,
  };
}

export interface FullSpeedMeans {
  readonly lab: Pick<Lab, 'admin' | 'apiPort'>;
  readonly workspace: Workspace;
  readonly generator: Generator;
}

/** Events that the lane finished between two moments, by the samples nearest to them. */
export function rateWithin(samples: readonly Sample[], from: number, to: number): number {
  const inside = samples.filter(({ at }) => at >= from && at <= to);
  const first = inside[0];
  const last = inside.at(-1);
  if (first === undefined || last === undefined || last.at === first.at) return 0;
  return (last.done - first.done) / (last.at - first.at);
}
