import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { createEgress, type Egress } from './egress.js';
import type { HttpPlan } from './http-plan.js';
import { sendPlan, type SendOutcome } from './send-plan.js';
import type { EgressPolicy } from './ssrf-guard.js';
import { addressOf, answer, startCaptureServer } from './testing/capture-server.js';
import { testContext } from './testing/test-context.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

function egressOf(policy: EgressPolicy): Egress {
  const egress = createEgress(policy);
  closers.push(() => egress.close());
  return egress;
}

function plan(url: string): HttpPlan {
  return { method: 'POST', url, headers: {}, body: { kind: 'json', value: {} }, items: [0] };
}

async function send(url: string, policy: EgressPolicy): Promise<SendOutcome> {
  const { ctx, close } = testContext({}, { allowPrivateAddresses: false });
  closers.push(close);
  return sendPlan(plan(url), { ...ctx, egress: egressOf(policy) }, 5_000);
}

describe('egress', () => {
  it('connects to the address that was checked and asks for it once, so that a rebinding name gains nothing', async () => {
    const server = await startCaptureServer(() => answer(200));
    closers.push(server.close);
    const answers = ['127.0.0.1', '10.0.0.1', '10.0.0.2'];
    let asked = 0;
    const policy: EgressPolicy = {
      allowPrivateAddresses: true,
      resolve: () => Promise.resolve([answers[asked++] ?? '10.0.0.3']),
    };
    const outcome = await send(`http://hooks.example.test:${server.port}/a`, policy);
    expect(outcome).toMatchObject({ kind: 'answered', response: { status: 200 } });
    expect(asked).toBe(1);
    expect(server.requests[0]?.headers['host']).toBe(`hooks.example.test:${server.port}`);
  });

  it('refuses at the socket a name that leads into our network, and writes nothing', async () => {
    const server = await startCaptureServer(() => answer(200));
    closers.push(server.close);
    const outcome = await send(`https://hooks.example.test:${server.port}/`, {
      allowPrivateAddresses: false,
      resolve: () => Promise.resolve(['8.8.8.8', '127.0.0.1']),
    });
    expect(outcome).toMatchObject({ kind: 'fault', fault: { code: 'address_refused' } });
    expect(server.requests).toEqual([]);
  });

  it('guards addresses that are written out, which are never looked up', async () => {
    const outcome = await send('https://127.0.0.1:1/', { allowPrivateAddresses: false });
    expect(outcome).toMatchObject({ kind: 'fault', fault: { code: 'address_refused' } });
  });

  it('guards requests that reach the agent past sendPlan as well', async () => {
    const server = await startCaptureServer(() => answer(200));
    closers.push(server.close);
    const egress = egressOf({ allowPrivateAddresses: false });
    await expect(
      egress.dispatcher.request({ origin: server.url, path: '/', method: 'GET' }),
    ).rejects.toMatchObject({ code: 'egress_refused' });
    expect(server.requests).toEqual([]);
  });

  it('tells TLS the name although it dials the address', async () => {
    const hello = await firstBytes();
    const policy: EgressPolicy = {
      allowPrivateAddresses: true,
      resolve: () => Promise.resolve(['127.0.0.1']),
    };
    const outcome = await send(`https://hooks.example.test:${hello.port}/`, policy);
    expect(outcome).toMatchObject({ kind: 'fault', fault: { class: 'retryable' } });
    expect((await hello.bytes).toString('latin1')).toContain('hooks.example.test');
  });

  it('tries the next checked address when the first does not answer', async () => {
    const server = await startCaptureServer(() => answer(200));
    closers.push(server.close);
    const outcome = await send(`http://hooks.example.test:${server.port}/`, {
      allowPrivateAddresses: true,
      resolve: () => Promise.resolve(['127.0.0.9', '127.0.0.1']),
    });
    expect(outcome).toMatchObject({ kind: 'answered' });
  });

  it('calls a name that does not resolve a failure of DNS that may pass', async () => {
    const missing = Object.assign(new TypeError('no such name'), { code: 'ENOTFOUND' });
    const outcome = await send('https://nowhere.example.test/', {
      allowPrivateAddresses: false,
      resolve: () => Promise.reject(missing),
    });
    expect(outcome).toEqual({
      kind: 'fault',
      fault: { class: 'retryable', code: 'dns_failure', message: 'ENOTFOUND' },
    });
  });
});

/** A server that keeps the first bytes it gets and hangs up. */
async function firstBytes(): Promise<{ port: number; bytes: Promise<Buffer> }> {
  const server: Server = createServer();
  const bytes = new Promise<Buffer>((resolve) => {
    server.once('connection', (socket) => {
      socket.once('data', (chunk) => {
        resolve(chunk);
        socket.destroy();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  );
  return { port: addressOf(server.address()).port, bytes };
}
