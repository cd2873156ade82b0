import { describe, expect, it } from '@jest/globals';
import { MessageStepSchema } from './message.schema.js';
import { firstConnection, routesOf } from './routes.js';

const base = { kind: 'message', channel: 'email', template: 'cart', next: 'end' };
const fallback = { channel: 'sms', connection: 'texts', template: 'cart-short' };

describe('the ways of a message', () => {
  it('are its connections in turn, and then the fallback', () => {
    const step = MessageStepSchema.parse({ ...base, connections: ['mail', 'mail-2'], fallback });
    expect(routesOf(step)).toEqual([
      { channel: 'email', connection: 'mail', template: 'cart' },
      { channel: 'email', connection: 'mail-2', template: 'cart' },
      fallback,
    ]);
    expect(firstConnection(step)).toBe('mail');
  });

  it('are one where the step names one connection', () => {
    const step = MessageStepSchema.parse({ ...base, connection: 'mail' });
    expect(routesOf(step)).toEqual([{ channel: 'email', connection: 'mail', template: 'cart' }]);
    expect(firstConnection(step)).toBe('mail');
  });

  it.each(['email', 'sms', 'push'])('a message may go by %s', (channel) => {
    expect(MessageStepSchema.safeParse({ ...base, channel, connection: 'x' }).success).toBe(true);
  });

  it.each<[string, object, string]>([
    ['no connection', {}, 'connection'],
    ['both forms', { connection: 'mail', connections: ['mail'] }, 'connection'],
    ['no connection in the list', { connections: [] }, 'connections'],
    ['one connection twice', { connections: ['mail', 'mail'] }, 'connections'],
    ['too many connections', { connections: ['a', 'b', 'c', 'd', 'e', 'f'] }, 'connections'],
    [
      'a fallback on its own channel',
      { connection: 'mail', fallback: { ...fallback, channel: 'email' } },
      'fallback',
    ],
    ['an unknown channel', { connection: 'mail', channel: 'fax' }, 'channel'],
  ])('%s is refused', (_name, over, path) => {
    const { error } = MessageStepSchema.safeParse({ ...base, ...over });
    expect(error?.issues.map((issue) => issue.path[0])).toContain(path);
  });
});
