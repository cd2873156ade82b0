/** A server that answers like the management API, from a table: what the demo asks and how it reads the answers is real. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HOST } from '../../servers/ports.js';

export interface Asked {
  readonly method: string;
  /** path and query */
  readonly target: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  /** undefined where it is no JSON */
  readonly body: unknown;
  readonly text: string;
}

export interface FakeAnswer {
  readonly status?: number;
  /** sent as it is when it is text */
  readonly body: unknown;
}

/** null: nothing is known of this, as 404. */
export type FakeRoutes = (asked: Asked) => FakeAnswer | null;

export class FakeApi {
  readonly asked: Asked[] = [];
  routes: FakeRoutes = () => null;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(): Promise<FakeApi> {
    const holder: { api?: FakeApi } = {};
    const server = createServer((request, response) => {
      void read(request).then((asked) => {
        holder.api?.asked.push(asked);
        const { status = 200, body } = holder.api?.routes(asked) ?? NOT_FOUND;
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, HOST, resolve);
    });
    const api = new FakeApi(server, `http://${HOST}:${portOf(server.address())}`);
    holder.api = api;
    return api;
  }

  /** Forgets what was asked, and answers like this from now on. */
  answer(routes: FakeRoutes): void {
    this.asked.length = 0;
    this.routes = routes;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const NOT_FOUND: FakeAnswer = { status: 404, body: { code: 'not_found' } };

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    authorization: request.headers.authorization,
    contentType: request.headers['content-type'],
    body: parsed(text),
    text,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return address.port;
}
