/** The parent's side of the load generator. */
import { numberIn, field, startChild } from './child.js';
import type { Percentiles } from '../load/latencies.js';
import type { LoadResult } from '../load/loops.js';

export interface LoadOrder {
  readonly port: number;
  readonly authorization: string;
  /** pooled: track bodies made beforehand; standard: the standard load, made on the way */
  readonly bodies: 'pooled' | 'standard';
  readonly seed: number;
  /** events in a request */
  readonly batch: number;
  readonly connections: number;
  readonly seconds: number;
  readonly warmSeconds: number;
  /** requests a second: an open loop; a closed one without */
  readonly rate?: number;
  /** standard only */
  readonly triggersBefore?: number;
  /** reads of these instead of bodies, the first most often */
  readonly paths?: readonly string[];
}

export interface GeneratorResult extends LoadResult {
  readonly cpuSeconds: number;
}

export interface Generator {
  readonly pid: number;
  run(order: LoadOrder): Promise<GeneratorResult>;
  /** holds a closed loop back, until told to go on */
  hold(back: boolean): void;
  /** ends the load under way before its time */
  end(): void;
  stop(): Promise<void>;
}

export async function startGenerator(): Promise<Generator> {
  const child = await startChild('generator');
  return {
    pid: child.pid,
    run: async (order) => readResult(await child.ask({ triggersBefore: 0, ...order })),
    hold: (back) => {
      child.tell(back ? 'wait' : 'go');
    },
    end: () => {
      child.tell('end');
    },
    stop: () => child.stop(),
  };
}

function readResult(answer: unknown): GeneratorResult {
  const measured = field(answer, 'measured');
  return {
    requests: numberIn(answer, 'requests'),
    events: numberIn(answer, 'events'),
    failures: numberIn(answer, 'failures'),
    measured: { events: numberIn(measured, 'events'), seconds: numberIn(measured, 'seconds') },
    latencyMs: readPercentiles(field(answer, 'latencyMs')),
    cpuSeconds: numberIn(answer, 'cpuSeconds'),
  };
}

export function readPercentiles(value: unknown): Percentiles {
  return {
    p50: numberIn(value, 'p50'),
    p99: numberIn(value, 'p99'),
    max: numberIn(value, 'max'),
    count: numberIn(value, 'count'),
  };
}
