import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import type { DeliveryItem, ItemResult } from '../kit/results.js';
import { runAction, type ActionOutcome } from '../kit/run-action.js';
import { describeConnectorContract } from '../kit/testing/connector-contract.js';
import { eventually } from '../kit/testing/eventually.js';
import { testContext } from '../kit/testing/test-context.js';
import { smtpEmail } from './index.js';
import { SmtpSession } from './smtp-session.js';
import { targetOf } from './smtp-target.js';
import { SmtpSettings } from './smtp.settings.js';
import {
  startMailCatcher,
  startScriptedSmtp,
  type MailCatcher,
  type Script,
  type ScriptedServer,
} from './testing/smtp-stand-in.js';

const CANARY = 'canary-password-4711';

describeConnectorContract({
  connector: smtpEmail,
  action: 'send',
  settings: { host: '127.0.0.1', port: 9, from: 'shop@mail.example', user: 'shop', pass: CANARY },
  canary: CANARY,
  input: (n) => ({ to: `person-${n}@example.com`, subject: `Cart ${n}`, html: '<p>Hi</p>' }),
  invalidInput: { to: 'person-x', subject: 'Hi', html: '<p>Hi</p>' },
  standIn: async (manner) => {
    const catcher = await startMailCatcher({
      swallow: manner === 'swallows',
      login: { user: 'shop', pass: CANARY },
    });
    return { baseUrl: catcher.baseUrl, received: () => catcher.mails.length, close: catcher.close };
  },
});

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await smtpEmail.close();
  await Promise.all(closers.splice(0).map((close) => close()));
});

const shared = testContext();
afterAll(() => shared.close());

function mail(n: number): DeliveryItem {
  return {
    key: `e${n}:send:1`,
    input: { to: `person-${n}@example.com`, subject: 'Hi', html: '<p>Hi</p>' },
  };
}

async function send(
  port: number,
  items: readonly DeliveryItem[] = [mail(1)],
  settings: object = {},
): Promise<ActionOutcome> {
  return runAction(
    smtpEmail,
    {
      action: 'send',
      settings: { host: '127.0.0.1', port, from: 'Shop <shop@mail.example>', ...settings },
      items,
    },
    shared.ctx,
  );
}

async function catching(...args: Parameters<typeof startMailCatcher>): Promise<MailCatcher> {
  const catcher = await startMailCatcher(...args);
  closers.push(catcher.close);
  return catcher;
}

async function scripted(script: Script | ((n: number) => Script)): Promise<ScriptedServer> {
  const server = await startScriptedSmtp(typeof script === 'function' ? script : () => script);
  closers.push(server.close);
  return server;
}

describe('smtp-email against a real mail server', () => {
  it('delivers a mail with its Message-ID as the provider’s id', async () => {
    const catcher = await catching();
    const { results } = await send(catcher.port);
    expect(results).toEqual([{ status: 'delivered', providerId: '<e1+send+1@mail.example>' }]);
    const [got] = catcher.mails;
    expect(got?.from).toBe('shop@mail.example');
    expect(got?.to).toEqual(['person-1@example.com']);
    expect(got?.parsed.messageId).toBe('<e1+send+1@mail.example>');
    expect(got?.parsed.text?.trim()).toBe('Hi');
  });

  it('carries the unsubscribe headers unbroken over the wire', async () => {
    const catcher = await catching();
    const url = `https://api.example/unsubscribe/${'x'.repeat(300)}`;
    const input = { to: 'a@example.com', subject: 's', text: 't', unsubscribeUrl: url };
    await send(catcher.port, [{ key: 'k', input }]);
    const lines = catcher.mails[0]?.raw.split('\r\n') ?? [];
    expect(lines).toContain(`List-Unsubscribe: <${url}>`);
    expect(lines).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
  });

  it('reuses its connections over mails and runs, and closes them on close', async () => {
    const catcher = await catching();
    await send(catcher.port, [mail(1), mail(2), mail(3)]);
    const { made } = catcher.connections;
    await send(catcher.port, [mail(4), mail(5)]);
    expect(catcher.mails).toHaveLength(5);
    expect(catcher.connections.made).toBe(made);
    await smtpEmail.close();
    await eventually('the connections are closed', () => catcher.connections.open === 0);
  });

  it('opens no more connections than one run may', async () => {
    const catcher = await catching();
    const items = Array.from({ length: 40 }, (_, n) => mail(n));
    const { results } = await send(catcher.port, items);
    expect(results.every((result) => result.status === 'delivered')).toBe(true);
    expect(catcher.connections.made).toBeLessThanOrEqual(smtpEmail.limits.concurrency);
  });

  it('shares no connection between two ways out, of which one may not go there', async () => {
    const catcher = await catching();
    expect((await send(catcher.port)).results[0]?.status).toBe('delivered');
    const { ctx, close } = testContext({}, { allowPrivateAddresses: false });
    closers.push(close);
    const settings = { host: '127.0.0.1', port: catcher.port, from: 'shop@mail.example' };
    const strict = await runAction(smtpEmail, { action: 'send', settings, items: [mail(2)] }, ctx);
    expect(strict.attention).toBe('address_refused');
    expect(catcher.mails).toHaveLength(1);
  });

  it('keeps accounts apart: another password is another connection', async () => {
    const login = { user: 'shop', pass: 'right' };
    const catcher = await catching({ login });
    expect((await send(catcher.port, [mail(1)], login)).results[0]?.status).toBe('delivered');
    const wrong = await send(catcher.port, [mail(2)], { user: 'shop', pass: 'wrong' });
    expect(wrong.results).toEqual([
      expect.objectContaining({ status: 'failed', code: 'auth_invalid' }),
    ]);
    expect(wrong.attention).toBe('auth_invalid');
    expect(catcher.mails).toHaveLength(1);
  });
});

describe('smtp-email against a server with other ideas', () => {
  const silence = { then: 'silence' } as const;
  const reset = { then: 'reset' } as const;

  it.each<[string, Script, object]>([
    [
      'a dead address',
      { rcpt: '550 5.1.1 unknown' },
      {
        status: 'failed',
        code: 'hard_bounce',
        message: '550 5.1.1 unknown',
        permanentAddress: true,
      },
    ],
    [
      'a spam filter at RCPT',
      { rcpt: '550 5.7.1 blocked' },
      { status: 'failed', code: 'message_refused', message: '550 5.7.1 blocked' },
    ],
    ['greylisting', { rcpt: '451 4.7.1 later' }, { status: 'retry', code: 'temporarily_refused' }],
    ['a refusal of DATA', { data: '451 later' }, { status: 'retry', code: 'temporarily_refused' }],
    [
      'a refusal after the body',
      { body: '554 5.6.0 no' },
      { status: 'failed', code: 'message_refused', message: '554 5.6.0 no' },
    ],
    [
      'a delay after the body',
      { body: '452 full' },
      { status: 'retry', code: 'temporarily_refused' },
    ],
    [
      'a refused sender',
      { mail: '553 not yours' },
      { status: 'failed', code: 'sender_refused', message: '553 not yours' },
    ],
    [
      'a closed door',
      { greeting: '554 go away' },
      { status: 'failed', code: 'provider_refused_connection', message: '554 go away' },
    ],
    [
      'a server that is closing',
      { mail: '421 closing' },
      { status: 'retry', code: 'temporarily_refused' },
    ],
    [
      'a break before the greeting',
      { greeting: reset },
      { status: 'retry', code: 'network_unreachable' },
    ],
    ['a break at RCPT', { rcpt: reset }, { status: 'retry', code: 'network_unreachable' }],
    ['a break at DATA', { data: reset }, { status: 'retry', code: 'network_unreachable' }],
    [
      'a break in the middle of the body',
      { bodyStart: reset },
      { status: 'unknown', code: 'outcome_unknown' },
    ],
    ['a break after the body', { body: reset }, { status: 'unknown', code: 'outcome_unknown' }],
    [
      'something that is not SMTP',
      { greeting: 'HTTP/1.1 400 Bad Request' },
      { status: 'retry', code: 'network_unreachable' },
    ],
  ])('reads %s', async (_name, script, expected) => {
    const server = await scripted(script);
    expect((await send(server.port)).results).toEqual([expected]);
  });

  it('tries no second time after a break behind the body', async () => {
    const server = await scripted({ body: reset });
    await send(server.port);
    expect(server.connections()).toBe(1);
    expect(server.commands.filter((command) => command === '.')).toHaveLength(1);
  });

  it('goes on over the same connection after a refusal', async () => {
    const server = await scripted({ rcpt: '550 5.1.1 unknown' });
    const statuses = (results: readonly ItemResult[]): string[] => results.map((r) => r.status);
    expect(statuses((await send(server.port)).results)).toEqual(['failed']);
    expect(statuses((await send(server.port)).results)).toEqual(['failed']);
    expect(server.connections()).toBe(1);
    expect(server.commands).toContain('RSET');
  });

  it.each<[string, Script]>([
    ['breaks it at the next mail', { mail: (count) => (count === 1 ? '250 ok' : reset) }],
    [
      'says at the next mail that it is closing',
      { mail: (count) => (count === 1 ? '250 ok' : '421 idle') },
    ],
    ['hangs up after the first mail', { body: { then: 'hang up', say: '250 taken' } }],
  ])(
    'sends the next mail once, over a new connection, when the server %s',
    async (_name, script) => {
      const server = await scripted(script);
      const results: ItemResult[] = [];
      for (const n of [1, 2]) results.push(...(await send(server.port, [mail(n)])).results);
      expect(results.map((result) => result.status)).toEqual(['delivered', 'delivered']);
      expect(server.connections()).toBe(2);
      expect(server.commands.filter((command) => command === '.')).toHaveLength(2);
    },
  );

  it('gives up on a server that never greets, and is certain that nothing was sent', async () => {
    const server = await scripted({ greeting: silence });
    const stop = new AbortController();
    const { ctx, close } = testContext({ signal: stop.signal });
    closers.push(close);
    const settings = { host: '127.0.0.1', port: server.port, from: 'shop@mail.example' };
    const running = runAction(smtpEmail, { action: 'send', settings, items: [mail(1)] }, ctx);
    await eventually('connected', () => server.connections() === 1);
    stop.abort();
    expect((await running).results).toEqual([{ status: 'retry', code: 'cancelled' }]);
  });

  it('does not send a password when TLS is demanded and not to be had', async () => {
    const server = await scripted({});
    const target = targetOf(
      SmtpSettings.parse({ host: 'smtp.example', from: 'a@b.example', user: 'u', pass: 'p' }),
      { host: 'smtp.example', port: server.port },
      ['8.8.8.8'],
    );
    await expect(SmtpSession.open({ ...target, addresses: ['127.0.0.1'] })).rejects.toMatchObject({
      facts: { stage: 'connect' },
    });
    expect(server.commands.some((command) => command.startsWith('AUTH'))).toBe(false);
  });

  it('tries the next address of a server when one does not answer', async () => {
    const server = await scripted({});
    const { ctx, close } = testContext(
      {},
      { allowPrivateAddresses: true, resolve: () => Promise.resolve(['127.0.0.9', '127.0.0.1']) },
    );
    closers.push(close);
    const settings = { host: 'smtp.example.test', port: server.port, from: 'shop@mail.example' };
    const { results } = await runAction(
      smtpEmail,
      { action: 'send', settings, items: [mail(1)] },
      ctx,
    );
    expect(results[0]?.status).toBe('delivered');
  });
});
