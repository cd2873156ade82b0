import { describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { Failure } from '../failure.js';
import { choosePort, freePort, freePorts, HOST, isFree, portHolder } from './ports.js';

function occupy(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(port, HOST, () => {
      resolve(server);
    });
  });
}

function release(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

describe('choosing a port', () => {
  it('takes the one that was asked for when it is free', async () => {
    const port = await freePort();
    expect(await choosePort({ port, what: 'the API', flag: '--api-port' })).toBe(port);
  });

  it.each([undefined, 0])('takes any free one when none was asked for (%p)', async (port) => {
    const wish = { what: 'the API', flag: '--api-port' };
    const chosen = await choosePort(port === undefined ? wish : { ...wish, port });
    expect(await isFree(chosen)).toBe(true);
  });

  it('names the port, the option and the process when it is busy', async () => {
    const port = await freePort();
    const server = await occupy(port);
    const refusal = await choosePort({ port, what: 'the API', flag: '--api-port' }).catch(
      (error: unknown) => error,
    );
    await release(server);
    expect(refusal).toBeInstanceOf(Failure);
    expect(refusal).toMatchObject({
      code: 'port_busy',
      command: `npm start -- --api-port ${port + 1}`,
    });
    expect(String(refusal)).toContain(`Port ${port} for the API is in use`);
  });

  it('tells who listens where the system has a tool for it', async () => {
    const port = await freePort();
    const server = await occupy(port);
    const holder = portHolder(port);
    await release(server);
    // Neither lsof nor ss is a must; with either, it has to be this very process.
    if (holder !== undefined) expect(holder.pid).toBe(process.pid);
    expect(portHolder(port)).toBeUndefined();
  });

  it('hands out several that differ', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
  });
});
