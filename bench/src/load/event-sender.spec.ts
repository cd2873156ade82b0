import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { startBareServer, type BareServer } from '../limits/bare-server.js';
import { eventRequest, openEventSender } from './event-sender.js';

const AT = Date.parse('2026-03-01T10:00:00.250Z');

describe('an event for an id', () => {
  it('is of a customer of its own and names what its actions are to bring', () => {
    const { path, body } = eventRequest({ event: 'Act', dueAt: null }, 'r1-7', AT);
    expect(path).toBe('/v1/track');
    expect(JSON.parse(body)).toEqual({
      messageId: 'Act-r1-7',
      userId: 'person-r1-7',
      timestamp: '2026-03-01T10:00:00.250Z',
      event: 'Act',
      properties: { id: 'r1-7', first: 'r1-7/1', second: 'r1-7/2' },
    });
  });

  it('says first when the customer is due, where that is asked for', () => {
    const dueAt = AT + 5_000;
    const { path, body } = eventRequest({ event: 'Act', dueAt }, 'r1-7', AT);
    expect(path).toBe('/v1/batch');
    expect(JSON.parse(body)).toMatchObject({
      batch: [
        {
          type: 'identify',
          userId: 'person-r1-7',
          traits: { due_at: '2026-03-01T10:00:05.250Z' },
        },
        { type: 'track', event: 'Act', userId: 'person-r1-7' },
      ],
    });
  });
});

describe('the sender of events', () => {
  const servers: BareServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });

  async function senderTo(take: (body: string) => Promise<void>) {
    const server = await startBareServer(take);
    servers.push(server);
    return openEventSender({ port: server.port, authorization: 'x', event: 'Act', dueAt: null });
  }

  it('returns when the door has answered, for more at once than it has connections', async () => {
    const bodies: string[] = [];
    const sender = await senderTo((body) => Promise.resolve(void bodies.push(body)));
    await Promise.all(Array.from({ length: 40 }, (_, i) => sender.send(String(i), AT)));
    sender.close();
    expect(new Set(bodies).size).toBe(40);
  });

  it('goes on over new connections where the server has closed those that it had', async () => {
    const seen: string[] = [];
    const sender = await senderTo((body) => Promise.resolve(void seen.push(body)));
    await sender.send('before', AT);
    servers[0]?.dropConnections();
    let attempts = 0;
    await eventually(async () => {
      attempts += 1;
      await sender.send('after', AT);
    });
    sender.close();
    // As soon as the closing is known, none of them is tried again.
    expect(attempts).toBeLessThan(8);
    expect(seen.some((body) => body.includes('"after"'))).toBe(true);
  });

  it('does not take a refusal for an answer', async () => {
    const sender = await senderTo(() => Promise.reject(new TypeError('no')));
    await expect(sender.send('a', AT)).rejects.toThrow('500');
    sender.close();
  });
});
