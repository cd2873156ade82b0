/**
 * Sends what is to cause an action, at a steady rate, and receives the action: one process, so that one clock times both ends.
 * The product is sent events, bare Temporal is sent starts and signals; both act by posting to the sink in here.
 */
import { Client, Connection } from '@temporalio/client';
import { field, numberIn, serveParent, textIn } from './lab/child.js';
import { startSink, type Sink } from './lab/sink.js';
import { openEventSender, type EventSender } from './load/event-sender.js';
import { sendAtRate, type ActionReport, type Send } from './load/send-at-rate.js';

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
  const { arrivals } = means.sink;
  const waits = textIn(order, 'until') === 'arrived';
  const marks = field(order, 'marks');
  const patienceMs = field(order, 'patienceMs');
  try {
    const ids = Array.from(
      { length: numberIn(order, 'count') },
      (_, i) => `${textIn(order, 'run')}-${i}`,
    );
    return await sendAtRate(ids, {
      ...{ send, arrivals, waits, rate: numberIn(order, 'rate') },
      ...(Array.isArray(marks) ? { marks: marks.map(String) } : {}),
      ...(typeof patienceMs === 'number' ? { patienceMs } : {}),
    });
  } finally {
    close();
  }
}

async function senderFor(order: unknown, { client, taskQueue }: Means): Promise<EventSender> {
  const close = (): void => undefined;
  const { workflow } = client;
  const due = field(order, 'dueAt');
  const dueAt = typeof due === 'number' ? due : null;
  switch (textIn(order, 'by')) {
    case 'event':
      return openEventSender({
        port: numberIn(order, 'port'),
        authorization: textIn(order, 'authorization'),
        event: textIn(order, 'event'),
        dueAt,
      });
    case 'start': {
      const type = textIn(order, 'workflow');
      const send: Send = async (id) => {
        const args = dueAt === null ? [id] : [id, dueAt];
        await workflow.start(type, { workflowId: `bare/${id}`, taskQueue, args });
      };
      return { send, close };
    }
    case 'signal':
      return { send: (id) => workflow.getHandle(`bare/${id}`).signal('wake'), close };
    default:
      throw new TypeError('nobody knows how to send that');
  }
}
