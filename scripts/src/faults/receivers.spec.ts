/** The receivers over real sockets: what they count is what the oracle believes. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import type { HookManner } from './plan.js';
import { startReceivers, type Receivers } from './receivers.js';

let receivers: Receivers | null = null;
afterEach(async () => {
  await receivers?.stop();
  receivers = null;
});

async function open(manner: HookManner = 'takes', ms = 0): Promise<Receivers> {
  receivers = await startReceivers({ mailMs: () => ms, hook: () => ({ manner, ms }) });
  return receivers;
}

async function post(url: string, key: string, cart = 'cart-1'): Promise<number | 'broken'> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'webhook-id': key },
      body: JSON.stringify({ type: 'cart.left', data: { cart, step: 'tell' } }),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 'broken';
  }
}

describe('the webhook receiver', () => {
  it('does its work once for a key, however often it is offered', async () => {
    const { hookUrl, hooks } = await open();
    expect([await post(hookUrl, 'k1'), await post(hookUrl, 'k1')]).toEqual([200, 200]);
    expect(hooks()).toEqual([
      { key: 'k1', cart: 'cart-1', step: 'tell', offers: 2, effects: 1, bodies: 1 },
    ]);
  });

  it('notices other contents under a known key', async () => {
    const { hookUrl, hooks } = await open();
    await post(hookUrl, 'k1', 'cart-1');
    await post(hookUrl, 'k1', 'cart-2');
    expect(hooks()[0]?.bodies).toBe(2);
  });

  it('refuses once where it should, without having done anything', async () => {
    const { hookUrl, hooks } = await open('refuses once');
    expect(await post(hookUrl, 'k1')).toBe(503);
    expect(hooks()[0]?.effects).toBe(0);
    expect(await post(hookUrl, 'k1')).toBe(200);
    expect(hooks()[0]?.effects).toBe(1);
  });

  it('loses its answer after the work was done', async () => {
    const { hookUrl, hooks } = await open('loses the answer');
    expect(await post(hookUrl, 'k1')).toBe('broken');
    expect(hooks()[0]).toMatchObject({ offers: 1, effects: 1 });
    expect(await post(hookUrl, 'k1')).toBe(200);
    expect(hooks()[0]).toMatchObject({ offers: 2, effects: 1 });
  });

  it('refuses whoever is held until released', async () => {
    const { hookUrl, hold, release, offersTo, hooks } = await open();
    hold('cart-1');
    expect([await post(hookUrl, 'k1'), await post(hookUrl, 'k1')]).toEqual([503, 503]);
    expect(offersTo('cart-1')).toBe(2);
    expect(offersTo('cart-2')).toBe(0);
    release('cart-1');
    expect(await post(hookUrl, 'k1')).toBe(200);
    expect(hooks()[0]?.effects).toBe(1);
  });
});

/** Says its lines one after the other, each when the one before was answered. */
function speak(port: number, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const waiting = [...lines];
    let heard = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      heard += chunk;
      if (!/^\d{3} .*\r\n$/m.test(chunk)) return;
      const next = waiting.shift();
      if (next === undefined) socket.end();
      else socket.write(next);
    });
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(heard);
    });
  });
}

describe('the mail server', () => {
  it('counts a mail by its Message-ID and its reader', async () => {
    const { smtpPort, mails } = await open();
    const heard = await speak(smtpPort, [
      'EHLO here\r\n',
      'MAIL FROM:<shop@shop.example>\r\n',
      'RCPT TO:<s1@shop.example>\r\n',
      'DATA\r\n',
      'Subject: Hi\r\nMessage-ID: <e1+remind+1@shop.example>\r\n\r\nYour cart.\r\n.\r\n',
      'QUIT\r\n',
    ]);
    expect(heard).toContain('250 2.0.0 taken');
    expect(mails()).toEqual([{ messageId: '<e1+remind+1@shop.example>', to: 's1@shop.example' }]);
  });
});
