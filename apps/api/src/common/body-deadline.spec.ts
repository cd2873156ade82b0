import { connect } from 'node:net';
import { once } from 'node:events';
import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import { useBodyDeadline } from './body-deadline.js';

describe('a body that takes its time', () => {
  let server: FastifyInstance | undefined;
  afterEach(() => server?.close());

  async function listen(): Promise<number> {
    const made = fastify({ forceCloseConnections: true });
    server = made;
    useBodyDeadline(made, {
      ms: 150,
      everyMs: 20,
      except: ['/file'],
      expire: (socket) => socket.end('HTTP/1.1 408 Request Timeout\r\n\r\n'),
    });
    for (const path of ['/file', '/other']) made.post(path, () => 'taken');
    await made.listen({ port: 0, host: '127.0.0.1' });
    const address = made.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Sends the beginning, and the rest when it has waited longer than it may. */
  async function slowly(path: string): Promise<string> {
    const socket = connect(await listen(), '127.0.0.1');
    const head = `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\n`;
    socket.write(`${head}ab`);
    const late = setTimeout(() => socket.write('cd'), 500);
    let said = '';
    socket.on('data', (bytes) => (said += bytes.toString()));
    socket.on('error', () => undefined);
    await once(socket, 'close');
    clearTimeout(late);
    return said;
  }

  it('is answered 408 and hung up on', async () => {
    expect(await slowly('/other')).toMatch(/^HTTP\/1.1 408/);
  });

  it('may do so where it is a file', async () => {
    expect(await slowly('/file')).toMatch(/^HTTP\/1.1 200[\s\S]*taken$/);
  });
});
