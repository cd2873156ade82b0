/**
 * Sends what is to cause an action, at a steady rate, and receives the action: one process, so that one clock times both ends.
 * The product is sent events, bare Temporal is sent starts and signals; both act by posting to the sink in here.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { numberIn, serveParent, textIn } from './lab/child.js';
import { startSink, type Sink } from './lab/sink.js';
import { HttpConnection } from './load/http-connection.js';
import { httpRequest } from './load/http-request.js';
import { Latencies, type Percentiles } from './load/loops.js';

const CONNECTIONS = 16;
const LAST_ACTION_MS = 60_000;

/** What is sent for the action of that id; returns when the other side has it. */
type Send = (id: string) => Promise<void>;

export interface ActionReport {
  readonly sent: number;
  readonly refused: number;
  readonly arrived: number;
  /** arrivals beyond one for each id */
  readonly doubled: number;
  readonly latencyMs: Percentiles;
}

await serveParent(async () => {
  const [, , address = '', namespace = '', taskQueue = ''] = process.argv;
  const sink = await startSink();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  return {
    ready: { port: sink.port },
    answer: (order) => answer(order, { sink, client, taskQueue }),
    end: async () => {
      await connection.close();
      await sink.stop();
    },
  };
});

interface Means {
  readonly sink: Sink;
  readonly client: Client;
  readonly taskQueue: string;
}

async function answer(order: unknown, means: Means): Promise<ActionReport> {
  const { send, close } = await senderFor(order, means);
  try {
    const ids = Array.from(
      { length: numberIn(order, 'count') },
      (_, i) => `${textIn(order, 'run')}-${i}`,
    );
    const waits = textIn(order, 'until') === 'arrived';
    return await sendAtRate(ids, { send, rate: numberIn(order, 'rate'), sink: means.sink, waits });
  } finally {
    close();
  }
}

interface Sender {
  readonly send: Send;
  readonly close: () => void;
}

async function senderFor(order: unknown, { client, taskQueue }: Means): Promise<Sender> {
  const close = (): void => undefined;
  const { workflow } = client;
  switch (textIn(order, 'by')) {
    case 'event':
      return eventSender(order);
    case 'start': {
      const type = textIn(order, 'workflow');
      const send: Send = async (id) => {
        await workflow.start(type, { workflowId: `bare/${id}`, taskQueue, args: [id] });
      };
      return { send, close };
    }
    case 'signal':
      return { send: (id) => workflow.getHandle(`bare/${id}`).signal('wake'), close };
    default:
      throw new TypeError('nobody knows how to send that');
  }
}

/** Track events over connections that are kept; the customer is new with each id. */
async function eventSender(order: unknown): Promise<Sender> {
  const port = numberIn(order, 'port');
  const authorization = textIn(order, 'authorization');
  const event = textIn(order, 'event');
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => HttpConnection.open(port)),
  );
  const idle = [...connections];
  const send: Send = async (id) => {
    const connection = idle.pop() ?? (await HttpConnection.open(port));
    const body = JSON.stringify({
      messageId: `${event}-${id}`,
      userId: `person-${id}`,
      event,
      properties: { id },
      timestamp: new Date().toISOString(),
    });
    const status = await connection.send(httpRequest({ path: '/v1/track', authorization }, body));
    idle.push(connection);
    if (status !== 200) throw new TypeError(`the door answered ${status}`);
  };
  return {
    send,
    close: () => {
      for (const connection of idle) connection.close();
    },
  };
}

interface Sending {
  readonly send: Send;
  readonly rate: number;
  readonly sink: Sink;
  /** false: nothing is to arrive yet */
  readonly waits: boolean;
}

/** Each wait counts from when its cause was meant to go, whether or not the sender kept up. */
async function sendAtRate(ids: readonly string[], sending: Sending): Promise<ActionReport> {
  const { send, rate, sink, waits } = sending;
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
      send(id).catch(() => {
        refused += 1;
      }),
    );
  }
  await Promise.all(underWay);
  if (waits) await arrivalsOf(ids.length - refused, intended, sink);
  return { ...accountOf(intended, sink), sent: ids.length, refused };
}

async function arrivalsOf(
  wanted: number,
  intended: ReadonlyMap<string, number>,
  sink: Sink,
): Promise<void> {
  const until = performance.now() + LAST_ACTION_MS;
  while (performance.now() < until) {
    const arrived = [...intended.keys()].filter((id) => sink.arrivals.has(id)).length;
    if (arrived >= wanted) return;
    await delay(50);
  }
}

function accountOf(
  intended: ReadonlyMap<string, number>,
  sink: Sink,
): Pick<ActionReport, 'arrived' | 'doubled' | 'latencyMs'> {
  const latencies = new Latencies();
  let arrived = 0;
  let doubled = 0;
  for (const [id, at] of intended) {
    const arrival = sink.arrivals.get(id);
    if (arrival === undefined) continue;
    arrived += 1;
    doubled += arrival.times - 1;
    latencies.add(arrival.at - at);
  }
  return { arrived, doubled, latencyMs: latencies.percentiles };
}
