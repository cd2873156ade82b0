/** Where actions arrive, stamped on arrival: a receiver of webhooks that counts each id it is sent. */
import { startBareServer, type BareServer } from '../limits/bare-server.js';
import type { Arrival } from '../load/send-at-rate.js';
import { field } from './child.js';

export interface Sink {
  readonly port: number;
  readonly arrivals: ReadonlyMap<string, Arrival>;
  stop(): Promise<void>;
}

/** Bodies in the shape of the product's webhook: `{ data: { id } }`. */
export async function startSink(): Promise<Sink> {
  const arrivals = new Map<string, Arrival>();
  const server: BareServer = await startBareServer((body) => {
    const at = performance.now();
    const id = String(field(field(JSON.parse(body), 'data'), 'id'));
    const before = arrivals.get(id);
    arrivals.set(id, { at: before?.at ?? at, times: (before?.times ?? 0) + 1 });
    return Promise.resolve();
  });
  return { port: server.port, arrivals, stop: () => server.stop() };
}
