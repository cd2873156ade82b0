import { describe, expect, it } from '@jest/globals';
import type { JourneyDefinition } from '@throughline/domain/journeys';
import { JourneyDefinitionSchema } from '@throughline/domain/journeys/schemas';
import { journey } from '../testing/definitions.js';
import { checkActions } from './check-actions.js';

const CONNECTORS = new Map([
  ['mail', 'smtp-email'],
  ['texts', 'twilio-sms'],
  ['pushes', 'airship-push'],
  ['crm', 'webhook'],
  ['gone', 'fax'],
  ['odd', 'constructor'],
]);

function journeyWith(steps: Readonly<Record<string, unknown>>): JourneyDefinition {
  const [start] = Object.keys(steps);
  return JourneyDefinitionSchema.parse(
    journey('checked', { start, steps: { ...steps, done: { kind: 'exit', reason: 'done' } } }),
  );
}

const message = (connection: string) => ({
  kind: 'message',
  channel: 'email',
  connection,
  template: 'reminder',
  next: 'done',
});
const destination = (connection: string, action: string) => ({
  kind: 'sendToDestination',
  connection,
  action,
  input: { kind: 'x', body: {} },
  next: 'done',
});

describe('what a journey asks of its connections', () => {
  it('is fine when messages go by a channel and the rest by actions that exist', () => {
    const steps = { tell: message('mail'), sync: destination('crm', 'post') };
    expect(checkActions(journeyWith(steps), CONNECTORS)).toEqual([]);
  });

  it('is a fault where a message goes over what is no channel', () => {
    expect(checkActions(journeyWith({ tell: message('crm') }), CONNECTORS)).toMatchObject([
      { path: 'steps.tell.connection', code: 'not_a_channel', severity: 'error' },
    ]);
  });

  it('looks at every way that a message may take', () => {
    const fallback = { channel: 'sms', connection: 'texts', template: 'short' };
    const step = {
      kind: 'message',
      channel: 'email',
      template: 'reminder',
      next: 'done',
      fallback,
    };
    const good = { ...step, connections: ['mail'] };
    expect(checkActions(journeyWith({ tell: good }), CONNECTORS)).toEqual([]);
    const push = { ...message('pushes'), channel: 'push' };
    expect(checkActions(journeyWith({ tell: push }), CONNECTORS)).toEqual([]);
    const bad = { ...good, connections: ['mail', 'texts', 'crm'] };
    expect(checkActions(journeyWith({ tell: bad }), CONNECTORS)).toMatchObject([
      { path: 'steps.tell.channel', code: 'other_channel', severity: 'error' },
      { path: 'steps.tell.connection', code: 'not_a_channel', severity: 'error' },
    ]);
  });

  it.each(['fly', 'toString', '__proto__'])('is a fault where %s is no action of it', (action) => {
    expect(
      checkActions(journeyWith({ sync: destination('crm', action) }), CONNECTORS),
    ).toMatchObject([{ path: 'steps.sync.action', code: 'unknown_action' }]);
  });

  it('is a fault where people are written to around the guards of a message step', () => {
    expect(
      checkActions(journeyWith({ sync: destination('mail', 'send') }), CONNECTORS),
    ).toMatchObject([{ path: 'steps.sync.kind', code: 'needs_message_step' }]);
  });

  it.each(['absent', 'gone', 'odd'])(
    'is not judged for the connection %s, which the linter names itself',
    (connection) => {
      const steps = { tell: message(connection), sync: destination(connection, 'post') };
      expect(checkActions(journeyWith(steps), CONNECTORS)).toEqual([]);
    },
  );

  it('is judged step by step: one fault each, in the order of the steps', () => {
    const steps = {
      a: message('crm'),
      b: destination('crm', 'fly'),
      c: destination('mail', 'send'),
      d: message('mail'),
    };
    expect(checkActions(journeyWith(steps), CONNECTORS).map(({ path }) => path)).toEqual([
      'steps.a.connection',
      'steps.b.action',
      'steps.c.kind',
    ]);
  });
});
