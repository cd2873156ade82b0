/** Messages that may take several ways, from the run on a real Temporal server to two providers on loopback. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  answer,
  startCaptureServer,
  type CaptureServer,
  type Reply,
} from '../../connectors/src/kit/testing/capture-server.js';
import { MAIL_ONLY } from '../../store/src/journeys/testing/definitions.js';
import { JourneyWorld, type Enrolled } from '../../store/src/journeys/testing/journey-world.js';
import { createActivities } from './index.js';
import { OutsideKit } from './testing/outside-kit.js';
import { RunKit } from './testing/run-kit.js';

const TAKEN = answer(201, JSON.stringify({ sid: 'SM1', status: 'queued', error_code: null }));
const END = { kind: 'exit', reason: 'completed' } as const;
const TEXT = {
  kind: 'message',
  channel: 'sms',
  connections: ['texts', 'texts-2'],
  onError: 'end',
  template: 'short',
  next: 'end',
} as const;
const MAIL = {
  kind: 'message',
  channel: 'email',
  connection: 'mail',
  template: 'cart',
  fallback: { channel: 'sms', connection: 'texts', template: 'short' },
  next: 'end',
} as const;

describe('a message by several ways', () => {
  let world: JourneyWorld;
  let outside: OutsideKit;
  let runs: RunKit;
  let first: CaptureServer;
  let second: CaptureServer;
  let says: Reply = TAKEN;

  beforeAll(async () => {
    [world, outside, runs, first, second] = await Promise.all([
      JourneyWorld.create(),
      OutsideKit.open(),
      RunKit.open(),
      startCaptureServer(() => says),
      startCaptureServer(() => TAKEN),
    ]);
    const common = { ...MAIL_ONLY, start: 'send' };
    await world.journey({ ...common, key: 'texting', steps: { send: TEXT, end: END } });
    await world.journey({ ...common, key: 'mailing', steps: { send: MAIL, end: END } });
    await provider('texts', first.url);
    await provider('texts-2', second.url);
    await define('connection', 'mail', {
      connector: 'smtp-email',
      settings: { host: '127.0.0.1', port: outside.smtpPort, from: 'Shop <shop@example.com>' },
    });
    await define('template', 'cart', { subject: 'Your cart', text: 'Hello {{ traits.name }}' });
    await define('template', 'short', { channel: 'sms', text: 'Hello {{ traits.name }}' });
    await runs.startWorkers(createActivities(outside.dependencies(world.engine)));
  }, 60_000);

  afterAll(async () => {
    await runs.close();
    await outside.close();
    await first.close();
    await second.close();
    await world.close();
  }, 30_000);

  beforeEach(() => {
    says = TAKEN;
    outside.refusals = [];
  });

  async function define(kind: string, key: string, body: object): Promise<void> {
    await world.sql(
      `insert into definition (workspace_id, kind, key, body, live_version, state) values ($1, $2, $3, $4, 1, 'live')`,
      kind,
      key,
      JSON.stringify(body),
    );
  }

  async function provider(key: string, baseUrl: string): Promise<void> {
    const accountSid = `AC${'0'.repeat(32)}`;
    const settings = { accountSid, authToken: 'token-token-token', from: '+15005550006', baseUrl };
    await define('connection', key, { connector: 'twilio-sms', settings });
  }

  async function walked(journey: string, traits: Record<string, string>): Promise<Enrolled> {
    const customerId = await world.customer({ name: 'Ada', ...traits });
    for (const channel of ['email', 'sms'])
      await world.sql(
        `insert into consent (workspace_id, customer_id, purpose, channel, state, event_time, position, ordinal)
         values ($1, $2, 'marketing', $3, 'granted', now(), 1, 0)`,
        customerId,
        channel,
      );
    const run = await world.enrol({
      journey,
      customerId,
      clock: Date.now(),
      properties: { cart_id: 'c1' },
    });
    const { workspaceId } = world;
    const handle = await runs.start({
      workspaceId,
      enrolmentId: run.enrolmentId,
      journeyKey: journey,
    });
    await handle.result();
    return run;
  }

  async function ledger({ enrolmentId }: Enrolled): Promise<unknown> {
    const [row] = await world.sql(
      `select state, reason, connection_key as connection, channel, route, tried, receipt from delivery
        where workspace_id = $1 and enrolment_id = $2`,
      enrolmentId,
    );
    return row;
  }

  const textsTo = ({ requests }: CaptureServer, phone: string) =>
    requests.filter(({ body }) => new URLSearchParams(body).get('To') === phone);

  it('goes to the second provider when the first has certainly sent nothing', async () => {
    says = answer(401, '{"code":20003}');
    const run = await walked('texting', { phone: '+491701234501' });
    expect(textsTo(first, '+491701234501')).toHaveLength(1);
    const [sent] = textsTo(second, '+491701234501');
    expect(new URLSearchParams(sent?.body).get('Body')).toBe('Hello Ada');
    expect(textsTo(second, '+491701234501')).toHaveLength(1);
    expect(await ledger(run)).toMatchObject({
      state: 'accepted',
      connection: 'texts-2',
      route: 1,
      tried: [{ route: 0, connection: 'texts', channel: 'sms', reason: 'auth_invalid' }],
    });
  });

  it('stays with the first when nobody knows what became of it', async () => {
    says = { kind: 'reset' };
    const run = await walked('texting', { phone: '+491701234502' });
    expect(textsTo(first, '+491701234502')).toHaveLength(1);
    expect(textsTo(second, '+491701234502')).toHaveLength(0);
    expect(await ledger(run)).toMatchObject({
      state: 'unknown',
      reason: 'outcome_unknown',
      connection: 'texts',
      tried: [],
    });
  });

  it('stays with the first when that takes it', async () => {
    const run = await walked('texting', { phone: '+491701234503' });
    expect(textsTo(first, '+491701234503')).toHaveLength(1);
    expect(textsTo(second, '+491701234503')).toHaveLength(0);
    expect(await ledger(run)).toMatchObject({ state: 'accepted', connection: 'texts' });
  });

  it('asks no other provider about a number that is dead', async () => {
    says = answer(400, '{"code":21211}');
    const run = await walked('texting', { phone: '+491701234504' });
    expect(textsTo(second, '+491701234504')).toHaveLength(0);
    expect(await ledger(run)).toMatchObject({ state: 'failed', reason: 'hard_bounce', tried: [] });
  });

  it('becomes a text for a person without an e-mail address, and for one whose address is dead', async () => {
    const none = await walked('mailing', { phone: '+491701234505' });
    expect(textsTo(first, '+491701234505')).toHaveLength(1);
    expect(await ledger(none)).toMatchObject({
      state: 'accepted',
      channel: 'sms',
      tried: [{ route: 0, connection: 'mail', channel: 'email', reason: 'no_address' }],
    });
    outside.refusals = [550];
    const dead = await walked('mailing', { email: 'gone@example.com', phone: '+491701234506' });
    expect(textsTo(first, '+491701234506')).toHaveLength(1);
    expect(await ledger(dead)).toMatchObject({
      state: 'accepted',
      channel: 'sms',
      tried: [{ route: 0, connection: 'mail', channel: 'email', reason: 'hard_bounce' }],
    });
  });

  it('is one mail and no text for a person who can be mailed', async () => {
    const run = await walked('mailing', { email: 'ada@example.com', phone: '+491701234507' });
    expect(textsTo(first, '+491701234507')).toHaveLength(0);
    expect(outside.mails.at(-1)?.text).toContain('Hello Ada');
    expect(await ledger(run)).toMatchObject({ state: 'accepted', channel: 'email', tried: [] });
  });
});
