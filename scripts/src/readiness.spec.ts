import { describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { freePort, HOST } from './servers/ports.js';
import { awaitReady, canConnect, waitForHttp } from './readiness.js';

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => {
    server.listen(port, HOST, resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => {
      resolve();
    });
  });
}

describe('waiting for a server', () => {
  it('ends when it answers, although it refused and failed at first', async () => {
    const port = await freePort();
    let answers = 0;
    const server = createServer((_request, response) => {
      answers += 1;
      response.statusCode = answers < 3 ? 503 : 200;
      response.end();
    });
    const waiting = waitForHttp(`http://${HOST}:${port}/readyz`, {
      what: 'The API',
      deadlineMs: 10_000,
      everyMs: 10,
    });
    await listen(server, port);
    await waiting;
    expect(answers).toBe(3);
    await close(server);
  });

  it('fails at its deadline and names the last reason', async () => {
    const port = await freePort();
    const waiting = waitForHttp(`http://${HOST}:${port}/`, {
      what: 'The API',
      deadlineMs: 60,
      everyMs: 10,
    });
    await expect(waiting).rejects.toThrow(/^The API was not ready after 0\.06 s/);
  });

  it('fails at once when the process behind it has ended', async () => {
    const waiting = awaitReady(
      {
        what: 'The worker',
        deadlineMs: 60_000,
        process: { exit: () => ({ code: 1, signal: null }) },
      },
      () => Promise.reject(new Error('refused')),
    );
    await expect(waiting).rejects.toThrow('The worker ended with 1 before it was ready.');
  });

  it('names the signal or the reason when there was no code', async () => {
    const exits = [
      { code: null, signal: 'SIGKILL' as const },
      { code: null, signal: null, error: 'ENOENT' },
    ];
    for (const exit of exits) {
      const waiting = awaitReady({ what: 'It', deadlineMs: 1, process: { exit: () => exit } }, () =>
        Promise.resolve(),
      );
      await expect(waiting).rejects.toThrow(exit.error ?? 'SIGKILL');
    }
  });
});

describe('asking whether a port is open', () => {
  it('tells an open one from a closed one', async () => {
    const port = await freePort();
    expect(await canConnect(HOST, port, 1_000)).toBe(false);
    const server = createServer();
    await listen(server, port);
    expect(await canConnect(HOST, port, 1_000)).toBe(true);
    await close(server);
  });
});
