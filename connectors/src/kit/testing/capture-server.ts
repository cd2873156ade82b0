/** A real HTTP server on loopback that stands in for any vendor: it keeps what it got and answers as told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface CapturedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Reply =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Reads the request and says nothing. */
  | { readonly kind: 'silence' }
  /** Reads the request and breaks the connection. */
  | { readonly kind: 'reset' }
  /** Begins to answer 200 and breaks the connection in the middle of the body. */
  | { readonly kind: 'cut' };

export interface CaptureServer {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly CapturedRequest[];
  readonly close: () => Promise<void>;
}

export function answer(status: number, body = '', headers: Record<string, string> = {}): Reply {
  return { kind: 'answer', status, body, headers };
}

export async function startCaptureServer(
  reply: (request: CapturedRequest, count: number) => Reply,
): Promise<CaptureServer> {
  const requests: CapturedRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      const captured = capture(request, body);
      requests.push(captured);
      respond(response, reply(captured, requests.length));
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = addressOf(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}

export function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new TypeError('not listening on TCP');
  return address;
}

function capture(request: IncomingMessage, body: string): CapturedRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
  return { method: request.method ?? '', path: request.url ?? '', headers, body };
}

function respond(response: ServerResponse, reply: Reply): void {
  switch (reply.kind) {
    case 'answer':
      response.writeHead(reply.status, { ...reply.headers });
      response.end(reply.body);
      return;
    case 'silence':
      return;
    case 'reset':
      response.socket?.destroy();
      return;
    case 'cut':
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"half":', () => response.socket?.destroy());
      return;
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request)
    if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
