import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startBareServer, type BareServer } from '../limits/bare-server.js';
import { HttpConnection, readAnswer } from './http-connection.js';
import { httpRequest } from './http-request.js';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello';

describe('an answer', () => {
  it('is complete with its last byte, however it was cut', () => {
    const bytes = Buffer.from(ANSWER);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length }), (cut) => {
        expect(readAnswer(bytes.subarray(0, cut))).toBe(cut === bytes.length ? 200 : 'more');
      }),
    );
  });

  it('without a length is complete when it can have no body, and else unreadable', () => {
    expect(readAnswer(Buffer.from('HTTP/1.1 204 No Content\r\nx: y\r\n\r\n'))).toBe(204);
    const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
    expect(readAnswer(Buffer.from(chunked))).toBe('unreadable');
  });
});

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function serve(take: (body: string) => Promise<void>): Promise<BareServer> {
  const server = await startBareServer(take);
  stops.push(() => server.stop());
  return server;
}

async function open(port: number): Promise<HttpConnection> {
  const connection = await HttpConnection.open(port);
  stops.push(() => {
    connection.close();
    return Promise.resolve();
  });
  return connection;
}

const request = (body: string): Buffer => httpRequest({ path: '/', authorization: 'x' }, body);

describe('a connection', () => {
  it('sends one request after the other over the same socket and hears each status', async () => {
    const bodies: string[] = [];
    const { port } = await serve((body) => {
      bodies.push(body);
      return body === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve();
    });
    const connection = await open(port);
    expect(await connection.send(request('one'))).toBe(200);
    expect(await connection.send(request('bad'))).toBe(500);
    expect(await connection.send(request('x'.repeat(100_000)))).toBe(200);
    expect(bodies).toEqual(['one', 'bad', 'x'.repeat(100_000)]);
  });

  it('fails what is under way, and everything after it, when the server goes', async () => {
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.destroy();
      });
    });
    const port = await listen(server);
    stops.push(() => new Promise((resolve) => server.close(resolve)));
    const connection = await open(port);
    await expect(connection.send(request('one'))).rejects.toThrow(/closed|ECONNRESET/);
    await expect(connection.send(request('two'))).rejects.toThrow(/closed|ECONNRESET/);
  });

  it('cannot be opened where nobody listens', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    await expect(HttpConnection.open(port)).rejects.toThrow('ECONNREFUSED');
  });
});

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
