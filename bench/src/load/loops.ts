/** The two ways to load a server: a closed loop finds what it can do, an open loop how long people wait. */
import { setTimeout as delay } from 'node:timers/promises';
import { HttpConnection } from './http-connection.js';
import type { RequestSource } from './http-request.js';
import { Latencies, type Percentiles } from './latencies.js';

export interface LoadResult {
  /** requests and events that were answered with 2xx, warm-up included: what must be in the database */
  readonly requests: number;
  readonly events: number;
  /** anything else; a load that is refused measures the refusal */
  readonly failures: number;
  /** of the measured time alone */
  readonly measured: { readonly events: number; readonly seconds: number };
  readonly latencyMs: Percentiles;
}

export interface LoopOptions {
  readonly port: number;
  readonly source: RequestSource;
  readonly connections: number;
  readonly seconds: number;
  readonly warmSeconds: number;
}

/** Holds senders back while whoever works the load off is behind, or sends them home. */
export class Gate {
  /** nothing more is to be sent */
  ended = false;

  private opened: Promise<void> | null = null;
  private open: () => void = () => undefined;

  shut(): void {
    this.opened ??= new Promise((resolve) => {
      this.open = resolve;
    });
  }

  release(): void {
    this.opened = null;
    this.open();
  }

  end(): void {
    this.ended = true;
    this.release();
  }

  /** null: go on. */
  get closed(): Promise<void> | null {
    return this.opened;
  }
}

/** Each connection sends its next request when the last was answered. */
export async function closedLoop(options: LoopOptions, gate = new Gate()): Promise<LoadResult> {
  const count = new Counter();
  const connections = await openAll(options);
  const begin = performance.now();
  const warmUntil = begin + options.warmSeconds * 1_000;
  const until = warmUntil + options.seconds * 1_000;
  const send = async (connection: HttpConnection): Promise<void> => {
    while (performance.now() < until && !gate.ended) {
      const { closed } = gate;
      if (closed !== null) {
        await Promise.race([closed, delay(until - performance.now())]);
        continue;
      }
      const { bytes, events } = options.source.next();
      const sentAt = performance.now();
      const status = await statusOf(connection, bytes);
      const now = performance.now();
      if (!count.answered(status, events)) {
        if (status === UNANSWERED) return;
        continue;
      }
      if (now > warmUntil && now <= until) count.measure(events, now - sentAt);
    }
  };
  await Promise.all(connections.map(send));
  closeAll(connections);
  return count.result(options.seconds);
}

export interface OpenLoopOptions extends LoopOptions {
  /** requests a second */
  readonly rate: number;
}

/**
 * Sends at its rate whether or not the server keeps up; each wait counts from when the request was meant to go, so a stalled
 * server cannot hide behind requests that were never sent.
 */
export async function openLoop(options: OpenLoopOptions, gate = new Gate()): Promise<LoadResult> {
  const count = new Counter();
  const idle = await openAll(options);
  const connections = [...idle];
  const due: number[] = [];
  const underWay = new Set<Promise<void>>();
  const { begin, total, intervalMs } = schedule(options);
  const warmUntil = begin + options.warmSeconds * 1_000;
  const launch = (connection: HttpConnection, intendedAt: number): void => {
    const { bytes, events } = options.source.next();
    const sent = statusOf(connection, bytes).then((status) => {
      underWay.delete(sent);
      const done = count.answered(status, events);
      if (done && intendedAt >= warmUntil) count.measure(events, performance.now() - intendedAt);
      const waiting = due.shift();
      if (waiting === undefined) idle.push(connection);
      else launch(connection, waiting);
    });
    underWay.add(sent);
  };
  for (let next = 0; next < total && !gate.ended;) {
    const now = performance.now();
    for (; next < total && begin + next * intervalMs <= now; next += 1) {
      // In turns: a connection that nobody uses is closed by the server after some seconds.
      const connection = idle.shift();
      const intendedAt = begin + next * intervalMs;
      if (connection === undefined) due.push(intendedAt);
      else launch(connection, intendedAt);
    }
    await delay(1);
  }
  while (underWay.size > 0) await Promise.all(underWay);
  closeAll(connections);
  return count.result(options.seconds);
}

function schedule(options: OpenLoopOptions): { begin: number; total: number; intervalMs: number } {
  const { rate, seconds, warmSeconds } = options;
  return {
    begin: performance.now() + 5,
    total: Math.max(1, Math.round(rate * (seconds + warmSeconds))),
    intervalMs: 1_000 / rate,
  };
}

class Counter {
  private readonly latencies = new Latencies();
  private requests = 0;
  private events = 0;
  private failures = 0;
  private measured = 0;

  answered(status: number, events: number): boolean {
    if (status < 200 || status > 299) {
      this.failures += 1;
      return false;
    }
    this.requests += 1;
    this.events += events;
    return true;
  }

  measure(events: number, ms: number): void {
    this.measured += events;
    this.latencies.add(ms);
  }

  result(seconds: number): LoadResult {
    return {
      requests: this.requests,
      events: this.events,
      failures: this.failures,
      measured: { events: this.measured, seconds },
      latencyMs: this.latencies.percentiles,
    };
  }
}

/** Instead of a status: the connection is gone, and nothing more can be sent over it. */
const UNANSWERED = 0;

function statusOf(connection: HttpConnection, bytes: Buffer): Promise<number> {
  return connection.send(bytes).catch(() => UNANSWERED);
}

function openAll({ port, connections }: LoopOptions): Promise<HttpConnection[]> {
  return Promise.all(Array.from({ length: connections }, () => HttpConnection.open(port)));
}

function closeAll(connections: readonly HttpConnection[]): void {
  for (const connection of connections) connection.close();
}
