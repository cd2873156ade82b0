/** A receiver of webhooks that refuses each message twice with 503 before it takes it, and honours `webhook-id`. */
import { createServer, type Server } from 'node:http';
import { choosePort, HOST } from '../servers/ports.js';

export interface HookReceiver {
  readonly url: string;
  /** webhook-id → how often it was offered, and whether it was taken */
  readonly offers: ReadonlyMap<string, { readonly times: number; readonly taken: boolean }>;
  stop(): Promise<void>;
}

export interface HookReceiverOptions {
  readonly port?: number;
  /** answers 503 this often before it takes a message */
  readonly refusals: number;
}

const MAX_BODY_BYTES = 1_000_000;

export async function startHookReceiver(options: HookReceiverOptions): Promise<HookReceiver> {
  const port = await choosePort({
    what: 'the webhook receiver',
    flag: '--hook-port',
    port: options.port ?? 0,
  });
  const offers = new Map<string, { times: number; taken: boolean }>();
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) request.destroy();
    });
    request.on('end', () => {
      const id = request.headers['webhook-id'];
      const key = typeof id === 'string' ? id : 'without id';
      const before = offers.get(key) ?? { times: 0, taken: false };
      const times = before.times + 1;
      const taken = times > options.refusals;
      offers.set(key, { times, taken });
      response.writeHead(taken ? 200 : 503, taken ? {} : { 'retry-after': '1' });
      response.end(taken ? 'ok' : 'try later');
    });
  });
  await listen(server, port);
  return { url: `http://${HOST}:${port}/hook`, offers, stop: () => close(server) };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
