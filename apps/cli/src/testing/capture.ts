import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isJsonObject, type JsonObject } from '@throughline/domain/shared';
import type { Config } from '../config.js';
import type { ExitCode } from '../exit-codes.js';
import { run } from '../program.js';

export interface Run {
  readonly exit: ExitCode;
  readonly out: string;
  readonly err: string;
}

const NOWHERE: Config = {
  url: 'http://127.0.0.1:1',
  key: 'k',
  writeKey: 'w',
  secret: () => undefined,
};

/** Runs the command line as a terminal would, and keeps what it says. */
export async function runCli(
  args: readonly string[],
  config: Partial<Config> = {},
  stdin: readonly string[] = [],
): Promise<Run> {
  const said = { out: '', err: '' };
  const exit = await run(args, {
    config: { ...NOWHERE, ...config },
    stdin: piped(stdin),
    stdout: {
      write: (text) => {
        said.out += text;
      },
    },
    stderr: {
      write: (text) => {
        said.err += text;
      },
    },
  });
  return { exit, ...said };
}

async function* piped(chunks: readonly string[]): AsyncGenerator<string> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

/** A folder with these files; objects become JSON. */
export async function folderOf(files: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-cli-'));
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: JsonObject;
}

export interface FakeServer {
  readonly url: string;
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

export type Answer = { readonly status?: number; readonly body?: unknown; readonly etag?: string };

/** A server that notes what it is asked: for what the command sends. The real one is asked in apps/api/src/examples.spec.ts. */
export async function fakeServer(answer: (seen: Seen) => Answer): Promise<FakeServer> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: parsed(Buffer.concat(chunks)),
      };
      seen.push(one);
      const { status = 200, body = {}, etag } = answer(one);
      if (etag !== undefined) response.setHeader('etag', etag);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  const port = await listening(server);
  return { url: `http://127.0.0.1:${port}`, seen, close: () => closed(server) };
}

function parsed(text: Buffer): JsonObject {
  if (text.length === 0) return {};
  const value: unknown = JSON.parse(text.toString());
  return isJsonObject(value) ? value : {};
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => {
      resolve();
    });
  });
}
