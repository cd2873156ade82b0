/** Node's own HTTP server and nothing else: what the product's door is compared with. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

const ACCEPTED = '{"success":true}';
const MAX_BODY_BYTES = 1_000_000;

export interface BareServer {
  readonly port: number;
  /** as a server does with those that nobody has used for a while */
  readonly dropConnections: () => void;
  stop(): Promise<void>;
}

/** Answers 200 when `take` has done its work on the body. */
export async function startBareServer(take: (body: string) => Promise<void>): Promise<BareServer> {
  const server = createServer((request, response) => {
    void receive(request)
      .then(take)
      .then(
        () => {
          answer(response, 200, ACCEPTED);
        },
        () => {
          answer(response, 500, '{"success":false}');
        },
      );
  });
  const port = await listen(server);
  return {
    port,
    dropConnections: () => {
      server.closeAllConnections();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function receive(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) request.destroy();
      else chunks.push(chunk);
    });
    request.on('error', reject);
    request.on('end', () => {
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new TypeError('the server has no port'));
    });
  });
}
