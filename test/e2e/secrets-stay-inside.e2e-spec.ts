/**
 * Secrets and people, planted where they belong, must not turn up where they do not: in logs, in Temporal, in metrics, in the
 * outbox, in the trail. The real API and the real worker module run in this process, at their most talkative, and much goes wrong.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { openBench, type Bench } from '../../apps/api/src/testing/bench.js';
import { journey, mailConnection, template } from '../../apps/api/src/testing/definitions.js';
import {
  answer,
  startCaptureServer,
  type CaptureServer,
} from '../../connectors/src/kit/testing/capture-server.js';
import {
  startMailCatcher,
  startScriptedSmtp,
  type MailCatcher,
  type ScriptedServer,
} from '../../connectors/src/smtp-email/testing/smtp-stand-in.js';
import { eventually } from '../support/eventually.js';
import { addRuns, Haystack } from '../support/haystack.js';
import { recordPromise } from '../support/promises.js';
import { testTemporal } from '../support/temporal.js';
import { startWorker, type RunningWorker } from '../support/worker.js';

const SIGNING_KEY = Buffer.from('canary-signing-key-0123456789abcdef');
const SECRET_KEY = Buffer.from('canary-secret-key-0123456789abcd');
const WEBHOOK_SECRET = `whsec_${Buffer.from('canary-webhook-secret-0123456789').toString('base64')}`;

/** Of the installation and its connections: nowhere but sealed, hashed, or in memory. */
const SECRETS: Readonly<Record<string, string>> = {
  'the password of the mail server': 'canary-smtp-password',
  'the signing secret of the webhook': WEBHOOK_SECRET,
  'the same, undone': 'canary-webhook-secret',
  'a header of the webhook': 'canary-header-token',
  'the signing key': 'canary-signing-key',
  'the signing key in base64': SIGNING_KEY.toString('base64').slice(0, 40),
  'the signing key in hex': SIGNING_KEY.toString('hex').slice(0, 40),
  'the secret key': 'canary-secret-key',
  'the secret key in base64': SECRET_KEY.toString('base64').slice(0, 40),
  'a wrong key that somebody tried': 'canary-wrong-key',
};

/** Of people: in their profiles, and in what was sent to them. */
const PEOPLE: Readonly<Record<string, string>> = {
  'an address': 'canary.ada@example.com',
  'an address, encoded': 'canary.ada%40example.com',
  'an address that bounces': 'canary.bounce@example.com',
  'a name': 'Canarina Featherstone',
  'a phone number': '15550100999',
  'a user id': 'canary-user',
  'an anonymous id': 'canary-visitor',
  'a message id': 'canary-message',
  'a trait': 'canary-trait',
  'a property': 'canary-property',
  'the key of a cart': 'canary-cart',
  'a word of a bad event': 'canary-bad-event',
  'what a receiver answered': 'canary-reply',
  'what a mail server answered': 'canary-refusal',
  'text of a template': 'canary-template',
};

describe('secrets and people', () => {
  let bench: Bench;
  let worker: RunningWorker;
  let mail: MailCatcher;
  let bouncing: ScriptedServer;
  let hook: CaptureServer;
  let temporal: Connection;
  const apiKeys: Record<string, string> = {};

  beforeAll(async () => {
    mail = await startMailCatcher();
    bouncing = await startScriptedSmtp(() => ({
      rcpt: '550 5.1.1 <canary.bounce@example.com>: canary-refusal, no such user',
    }));
    hook = await startCaptureServer((_request, count) =>
      answer(count <= 2 ? 500 : 200, JSON.stringify({ echo: 'canary-reply', count })),
    );
    const { address, namespace } = testTemporal();
    temporal = await Connection.connect({ address });
    bench = await openBench({
      temporalAddress: address,
      temporalNamespace: namespace,
      signingKey: SIGNING_KEY,
      secretKeys: [SECRET_KEY],
    });
    await bench.sql.query(KEEP_OUTBOX);
    Object.assign(apiKeys, { 'an API key': bench.shop.all, 'a write key': bench.shop.write });
    await define();
    worker = await startWorker(bench.config);
  }, 120_000);

  afterAll(async () => {
    await worker.close();
    await bench.close();
    await temporal.close();
    await Promise.all([mail.close(), bouncing.close(), hook.close()]);
  }, 60_000);

  async function put(path: string, body: object): Promise<void> {
    const { status, text } = await bench.call(bench.shop.all, 'PUT', `/api/v1/${path}`, { body });
    if (status >= 300) throw new TypeError(`${path}: ${status} ${text}`);
  }

  async function publish(key: string, event: string, steps: object): Promise<void> {
    const start = Object.keys(steps)[0];
    const trigger = { kind: 'event', event };
    const done = { kind: 'exit', reason: 'completed' };
    await put(`journeys/${key}`, journey(key, { trigger, start, steps: { ...steps, done } }));
    const path = `/api/v1/journeys/${key}/publish`;
    const { status, text } = await bench.call(bench.shop.all, 'POST', path, { body: {} });
    if (status !== 200) throw new TypeError(`${path}: ${status} ${text}`);
  }

  async function define(): Promise<void> {
    await put('connections/mail', mailConnection('mail', { port: mail.port }));
    await put('connections/bouncing', mailConnection('bouncing', { port: bouncing.port }));
    const login = {
      port: mail.port,
      user: 'shop',
      pass: SECRETS['the password of the mail server'],
    };
    await put('connections/locked', mailConnection('locked', login));
    await put('connections/hook', {
      key: 'hook',
      name: 'Hook',
      connector: 'webhook',
      settings: {
        url: hook.url,
        secret: WEBHOOK_SECRET,
        headers: { authorization: 'Bearer canary-header-token' },
      },
    });
    const words = '{{ traits.name }}, canary-template {{ trigger.properties.cart_id }}';
    await put('templates/hello', { ...template('hello', words) });
    await put('templates/strict', {
      ...template('strict', '{{ traits.canary_trait_missing }}'),
      missing: 'fail',
    });
    const message = (connection: string, next: string, name = 'hello') => ({
      kind: 'message',
      channel: 'email',
      connection,
      template: name,
      next,
    });
    const post = {
      kind: 'sendToDestination',
      connection: 'hook',
      action: 'post',
      input: { event: 'signed_up', body: { who: { $path: 'traits.name' } } },
      next: 'done',
    };
    await publish('good', 'Signed Up', {
      rest: { kind: 'delay', duration: 'PT1S', next: 'tag' },
      tag: {
        kind: 'updateProfile',
        traits: { last: { $path: 'trigger.properties.note' } },
        next: 'mail',
      },
      mail: message('mail', 'post'),
      post,
    });
    await publish('bounce', 'Bounced Up', { mail: message('bouncing', 'done') });
    await publish('strict', 'Signed Up', { mail: message('mail', 'done', 'strict') });
    await publish('locked', 'Signed Up', { mail: message('locked', 'done') });
    await publish('waits', 'Signed Up', {
      rest: { kind: 'delay', duration: 'PT1H', next: 'done' },
    });
  }

  function person(userId: string, email: string, event: string): object[] {
    const traits = { email, name: PEOPLE['a name'], phone: '+1 555 010 0999', tag: 'canary-trait' };
    const cart_id = `canary-cart-${userId}`;
    return [
      { type: 'identify', userId, anonymousId: `canary-visitor-${userId}`, traits },
      {
        type: 'track',
        userId,
        event: 'Consent Changed',
        properties: { purpose: 'marketing', state: 'granted' },
      },
      {
        type: 'track',
        userId,
        event,
        messageId: `canary-message-${userId}`,
        properties: { cart_id, note: 'canary-property' },
      },
    ];
  }

  const BAD = [
    { type: 'track', event: 'canary-bad-event' },
    {
      type: 'track',
      userId: 'canary-user-9',
      event: 'x',
      properties: { 'canary-bad-event': '\u0000' },
    },
    { type: 'canary-bad-event', userId: 'canary-user-9' },
  ];

  /** What people and attackers do, all of it. */
  async function everything(): Promise<void> {
    const key = bench.shop.write;
    const batch = [
      ...person('canary-user-1', 'canary.ada@example.com', 'Signed Up'),
      ...person('canary-user-2', 'canary.bounce@example.com', 'Bounced Up'),
      ...BAD,
    ];
    expect((await bench.call(key, 'POST', '/v1/batch', { body: { batch } })).status).toBe(200);
    // The same id with another body is quarantined too.
    const again = { ...person('canary-user-1', 'canary.ada@example.com', 'Other')[2] };
    await bench.call(key, 'POST', '/v1/track', { body: again });
    await bench.call('canary-wrong-key', 'POST', '/v1/track', { body: again });
    await bench.call(
      'canary-wrong-key',
      'GET',
      '/api/v1/customers?identifier=email:canary.ada@example.com',
    );
    const query = '/api/v1/customers?identifier=email:canary.ada%40example.com';
    expect((await bench.call(bench.shop.all, 'GET', query)).status).toBe(200);
    await bench.call(bench.shop.all, 'GET', '/api/v1/customers/canary.ada@example.com');
    await bench.call(bench.shop.all, 'PUT', '/api/v1/connections/broken', {
      body: mailConnection('broken', {
        pass: 'canary-smtp-password',
        port: 'canary-smtp-password',
      }),
    });
    await fetch(`${bench.url}/v1/track`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: '{"userId":"canary-user-1","email":"canary.ada@example.com"',
    });
  }

  const statesOf = async (): Promise<Record<string, string>> => {
    const { rows } = await bench.sql.query<{ journey: string; state: string }>(
      `select e.journey_key as journey, e.state || coalesce(':' || e.held_reason, '') as state from enrolment e order by 1`,
    );
    return Object.fromEntries(rows.map(({ journey: name, state }) => [name, state]));
  };

  it('stay inside, whatever goes wrong', async () => {
    await everything();
    await eventually(
      async () => {
        expect(await statesOf()).toMatchObject({
          good: 'ended',
          bounce: 'held:hard_bounce',
          strict: expect.stringContaining('held:'),
          waits: 'active',
        });
      },
      { deadlineMs: 40_000 },
    );
    // The database hangs up on everybody once: what is said then is looked at too.
    await bench.sql.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await bench.call(bench.shop.all, 'GET', '/api/v1/journeys');
    await eventually(() => {
      expect(worker.lines.join('')).toMatch(/connection|lane/);
    });

    const hay = await collect();
    expect(hay.find({ ...SECRETS, ...PEOPLE, ...apiKeys })).toEqual([]);
    recordPromise({
      promise: 'no secret and nobody in logs, histories, metrics, outbox or trail',
      held: true,
      detail: `${Object.keys({ ...SECRETS, ...PEOPLE, ...apiKeys }).length} canaries in ${Math.round(hay.size / 1024)} KB`,
    });
  }, 90_000);

  async function collect(): Promise<Haystack> {
    const hay = new Haystack();
    const { namespace } = testTemporal();
    const client = new Client({ connection: temporal, namespace });
    const runs = await eventually(async () => {
      const fresh = new Haystack();
      expect(await addRuns(fresh, client, `TenantId = '${bench.shop.id}'`)).toBe(5);
      return addRuns(hay, client, `TenantId = '${bench.shop.id}'`);
    });
    expect(runs).toBe(5);
    // Payloads are read in clear: what a run is begun with is there to be seen.
    expect(hay.text('a history').includes(`"workspaceId":"${bench.shop.id}"`)).toBe(true);
    expect(hay.text('a description').includes('waits v1')).toBe(true);
    hay.add('the log of the API', bench.logLines.join(''));
    hay.add('the log of the worker', worker.lines.join(''));
    hay.add('the metrics of the API', await (await fetch(`${bench.url}/metrics`)).text());
    hay.add('the metrics of the worker', await (await fetch(`${worker.url}/metrics`)).text());
    hay.add('the readiness of the worker', await (await fetch(`${worker.url}/readyz`)).text());
    for (const table of ['outbox_kept', 'trail', 'operator_request', 'connection_health', 'wait'])
      hay.add(table, (await bench.sql.query(`select * from ${table}`)).rows);
    const ledger = 'delivery_key, state, reason, detail, blocked_by, provider_id';
    hay.add('delivery', (await bench.sql.query(`select ${ledger} from delivery`)).rows);
    return hay;
  }

  it('were there to be found, and reached those that they were meant for', async () => {
    const hay = new Haystack();
    hay.add('profiles', (await bench.sql.query('select traits from customer')).rows);
    hay.add('identifiers', (await bench.sql.query('select value from identifier')).rows);
    hay.add('events', (await bench.sql.query('select body, message_id from event')).rows);
    hay.add('quarantine', (await bench.sql.query('select body from quarantine')).rows);
    hay.add('mails', mail.mails.map(({ raw }) => raw).join(''));
    hay.add('hooks', hook.requests);
    hay.add('replies', (await bench.sql.query('select response from delivery')).rows);
    const found = hay.find({ ...SECRETS, ...PEOPLE });
    for (const place of [
      'an address in profiles',
      'a name in mails',
      'a name in hooks',
      'a header of the webhook in hooks',
      'a property in profiles',
      'the key of a cart in events',
      'a word of a bad event in quarantine',
      'what a receiver answered in replies',
      'text of a template in mails',
    ])
      expect(found).toContain(place);
    expect(hook.requests.length).toBeGreaterThanOrEqual(3);
    expect(worker.lines.length).toBeGreaterThan(100);
    expect(bench.logLines.length).toBeGreaterThan(10);
  });
});

/** The outbox is empty most of the time; every row that was ever in it is kept for the search. */
const KEEP_OUTBOX = `
  create table outbox_kept as select * from outbox with no data;
  create function keep_outbox() returns trigger language plpgsql security definer set search_path = public as $$
  begin insert into outbox_kept select new.*; return null; end $$;
  create trigger keep_outbox after insert on outbox for each row execute function keep_outbox();
`;
