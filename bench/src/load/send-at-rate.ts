/**
 * Sends causes at a steady rate and waits for what comes of each, whoever sees it arrive. One process does both, so that one
 * clock times both ends.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Latencies, type Percentiles } from './latencies.js';

export interface Arrival {
  /** performance.now() of the first time */
  readonly at: number;
  readonly times: number;
}

/** What is sent for that id, meant to go at `atMs` since epoch; returns when the other side has it. */
export type Send = (id: string, atMs: number) => Promise<void>;

export interface ActionReport {
  readonly sent: number;
  readonly refused: number;
  /** ids of which everything has arrived */
  readonly arrived: number;
  /** arrivals beyond one for each */
  readonly doubled: number;
  /** until the last arrival of each, from when its cause was meant to go */
  readonly latencyMs: Percentiles;
  /** ms since epoch: when the first cause was meant to go */
  readonly beganAt: number;
  /** ms since epoch: the last arrival of all; as `beganAt` where nothing arrived */
  readonly endedAt: number;
}

export interface Sending {
  readonly send: Send;
  /** causes a second */
  readonly rate: number;
  readonly arrivals: ReadonlyMap<string, Arrival>;
  /** false: nothing is to arrive yet */
  readonly waits: boolean;
  /** everything that arrives for one id is named by the id and one of these */
  readonly marks?: readonly string[];
  /** after the last was sent */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 60_000;
const ONE_ARRIVAL: readonly string[] = [''];

/** Each wait counts from when its cause was meant to go, whether or not the sender kept up. */
export async function sendAtRate(
  ids: readonly string[],
  { send, rate, arrivals, waits, marks = ONE_ARRIVAL, patienceMs = PATIENCE_MS }: Sending,
): Promise<ActionReport> {
  const intended = new Map<string, number>();
  const begin = performance.now() + 5;
  const underWay: Promise<void>[] = [];
  let refused = 0;
  for (const [index, id] of ids.entries()) {
    const at = begin + (index * 1_000) / rate;
    const early = at - performance.now();
    if (early > 0) await delay(early);
    intended.set(id, at);
    underWay.push(
      send(id, epochOf(at)).catch(() => {
        refused += 1;
      }),
    );
  }
  await Promise.all(underWay);
  const causes = { intended, marks };
  if (waits) await allArrived(ids.length - refused, causes, { arrivals, patienceMs });
  return { ...accountOf(causes, arrivals), sent: ids.length, refused, beganAt: epochOf(begin) };
}

function epochOf(at: number): number {
  return Math.round(performance.timeOrigin + at);
}

interface Causes {
  readonly intended: ReadonlyMap<string, number>;
  readonly marks: readonly string[];
}

async function allArrived(
  wanted: number,
  { intended, marks }: Causes,
  { arrivals, patienceMs }: Required<Pick<Sending, 'arrivals' | 'patienceMs'>>,
): Promise<void> {
  const until = performance.now() + patienceMs;
  while (performance.now() < until) {
    const arrived = [...intended.keys()].filter((id) =>
      marks.every((mark) => arrivals.has(id + mark)),
    ).length;
    if (arrived >= wanted) return;
    await delay(50);
  }
}

function accountOf(
  { intended, marks }: Causes,
  arrivals: ReadonlyMap<string, Arrival>,
): Pick<ActionReport, 'arrived' | 'doubled' | 'latencyMs' | 'endedAt'> {
  const latencies = new Latencies();
  let arrived = 0;
  let doubled = 0;
  let last = 0;
  for (const [id, at] of intended) {
    const found = marks.flatMap((mark) => arrivals.get(id + mark) ?? []);
    for (const { times } of found) doubled += times - 1;
    if (found.length < marks.length) continue;
    arrived += 1;
    const done = Math.max(...found.map((each) => each.at));
    last = Math.max(last, done);
    latencies.add(done - at);
  }
  const began = Math.min(...intended.values());
  const endedAt = epochOf(last > 0 ? last : Number.isFinite(began) ? began : 0);
  return { arrived, doubled, latencyMs: latencies.percentiles, endedAt };
}
