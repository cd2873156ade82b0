import { afterEach, describe, expect, it } from '@jest/globals';
import { Failure } from '../failure.js';
import { startHookReceiver, type HookReceiver } from './hook-receiver.js';

describe('the receiver of webhooks', () => {
  const open: HookReceiver[] = [];
  afterEach(async () => {
    for (const receiver of open.splice(0)) await receiver.stop();
  });

  async function start(refusals: number): Promise<HookReceiver> {
    const receiver = await startHookReceiver({ refusals });
    open.push(receiver);
    return receiver;
  }

  const offer = async ({ url }: HookReceiver, id?: string, body = '{}') => {
    const headers: Record<string, string> = id === undefined ? {} : { 'webhook-id': id };
    const answer = await fetch(url, { method: 'POST', headers, body });
    await answer.arrayBuffer();
    return { status: answer.status, retryAfter: answer.headers.get('retry-after') };
  };

  it('refuses each message as often as it was told, then takes it, and goes on taking it', async () => {
    const receiver = await start(2);
    const answers = [];
    for (let attempt = 0; attempt < 4; attempt += 1) answers.push(await offer(receiver, 'w-1'));
    expect(answers).toEqual([
      { status: 503, retryAfter: '1' },
      { status: 503, retryAfter: '1' },
      { status: 200, retryAfter: null },
      { status: 200, retryAfter: null },
    ]);
    expect(receiver.offers.get('w-1')).toEqual({ times: 4, taken: true });
  });

  it('tells messages apart by their id', async () => {
    const receiver = await start(1);
    await offer(receiver, 'w-1');
    expect((await offer(receiver, 'w-2')).status).toBe(503);
    expect((await offer(receiver, 'w-1')).status).toBe(200);
    expect([...receiver.offers]).toEqual([
      ['w-1', { times: 2, taken: true }],
      ['w-2', { times: 1, taken: false }],
    ]);
  });

  it('keeps an account of messages without an id too', async () => {
    const receiver = await start(0);
    expect((await offer(receiver)).status).toBe(200);
    expect(receiver.offers.get('without id')).toEqual({ times: 1, taken: true });
  });

  it('cuts off a body that does not end, and takes nothing of it', async () => {
    const receiver = await start(0);
    await expect(offer(receiver, 'w-big', 'x'.repeat(3_000_000))).rejects.toThrow();
    expect(receiver.offers.has('w-big')).toBe(false);
    expect((await offer(receiver, 'w-small')).status).toBe(200);
  });

  it('says whose port it is that is taken', async () => {
    const first = await start(0);
    const port = Number(new URL(first.url).port);
    const second: unknown = await startHookReceiver({ refusals: 0, port }).catch(
      (error: unknown) => error,
    );
    expect(second).toBeInstanceOf(Failure);
    expect(second).toMatchObject({ code: 'port_busy' });
    expect(String(second)).toContain('--hook-port');
  });

  it('is gone at once when it is stopped, whoever is still connected', async () => {
    const receiver = await start(0);
    await offer(receiver, 'w-1');
    await receiver.stop();
    await expect(offer(receiver, 'w-1')).rejects.toThrow();
  });
});
