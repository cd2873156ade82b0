/** Track events over connections that are kept; the customer is new with each id. */
import { HttpConnection } from './http-connection.js';
import { httpRequest } from './http-request.js';
import type { Send } from './send-at-rate.js';

const CONNECTIONS = 16;

export interface EventSender {
  readonly send: Send;
  readonly close: () => void;
}

export interface EventOrder {
  readonly port: number;
  readonly authorization: string;
  readonly event: string;
  /** ms since epoch that the customer is told to be due at, by a trait that comes with the event */
  readonly dueAt: number | null;
}

export async function openEventSender(order: EventOrder): Promise<EventSender> {
  const { port, authorization } = order;
  const idle = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => HttpConnection.open(port)),
  );
  return {
    send: async (id, atMs) => {
      const connection = longestIdle(idle) ?? (await HttpConnection.open(port));
      const { path, body } = eventRequest(order, id, atMs);
      const status = await connection.send(httpRequest({ path, authorization }, body));
      if (idle.length < CONNECTIONS) idle.push(connection);
      else connection.close();
      if (status !== 200) throw new TypeError(`the door answered ${status}`);
    },
    close: () => {
      for (const connection of idle) connection.close();
    },
  };
}

/** In turns: a connection that nobody uses is closed by the server after some seconds. */
function longestIdle(idle: HttpConnection[]): HttpConnection | undefined {
  for (let next = idle.shift(); next !== undefined; next = idle.shift())
    if (next.isOpen) return next;
  return undefined;
}

/** Who an id is, in the product. */
export const PERSON = 'person-';

export function eventRequest(
  { event, dueAt }: Pick<EventOrder, 'event' | 'dueAt'>,
  id: string,
  atMs: number,
): { readonly path: string; readonly body: string } {
  const common = { userId: `${PERSON}${id}`, timestamp: new Date(atMs).toISOString() };
  const track = {
    messageId: `${event}-${id}`,
    ...common,
    event,
    properties: { id, first: `${id}/1`, second: `${id}/2` },
  };
  if (dueAt === null) return { path: '/v1/track', body: JSON.stringify(track) };
  const traits = { due_at: new Date(dueAt).toISOString() };
  const identify = { type: 'identify', messageId: `due-${id}`, ...common, traits };
  const batch = [identify, { type: 'track', ...track }];
  return { path: '/v1/batch', body: JSON.stringify({ batch }) };
}
