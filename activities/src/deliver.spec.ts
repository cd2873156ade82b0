/** Attempts at one effect, against a real ledger, a real mail server and a real receiver that do what they should not. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { FAILURES, type DeliverRequest } from '@throughline/workflows/contract';
import { LedgerKit, type Sending } from '../../store/src/destinations/testing/ledger-kit.js';
import { deliver } from './deliver.js';
import type { ActivityDependencies } from './dependencies.js';
import { OutsideKit } from './testing/outside-kit.js';

const QUIET = new AbortController().signal;

describe('deliver', () => {
  let kit: LedgerKit;
  let outside: OutsideKit;
  let deps: ActivityDependencies;

  beforeAll(async () => {
    [kit, outside] = await Promise.all([LedgerKit.open(), OutsideKit.open()]);
    deps = outside.dependencies(kit.world.engine);
    await connect('mail', { host: '127.0.0.1', port: outside.smtpPort, from: 'shop@example.com' });
    await connect('hook', { url: outside.hookUrl });
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    await kit.world.sql(
      `insert into connection_secret (workspace_id, connection_key, key_id, sealed) values ($1, 'hook', 'k', $2)`,
      Buffer.from(JSON.stringify({ secret })),
    );
  });

  beforeEach(async () => {
    await kit.letGo();
    outside.statuses = [];
    outside.refusals = [];
    outside.beforeAnswer = () => Promise.resolve();
  });

  afterAll(async () => {
    await outside.close();
    await kit.close();
  });

  async function connect(key: string, settings: object): Promise<void> {
    await kit.world.sql(
      `update definition set body = jsonb_set(body, '{settings}', $3) where workspace_id = $1 and kind = 'connection' and key = $2`,
      key,
      JSON.stringify(settings),
    );
  }

  const requestOf = ({ request }: Sending): DeliverRequest => {
    const { workspaceId, enrolmentId, generation, seq, step, visit } = request;
    return { workspaceId, enrolmentId, generation, seq, step, visit };
  };
  const once = (sending: Sending, signal = QUIET) => deliver(deps, requestOf(sending), signal);
  const hooksOf = ({ run }: Sending) =>
    outside.hooks.filter(({ key }) => key.startsWith(run.enrolmentId));

  async function failure(attempt: Promise<unknown>): Promise<ApplicationFailure> {
    const error: unknown = await attempt.then(
      () => null,
      (caught: unknown) => caught,
    );
    if (error instanceof ApplicationFailure) return error;
    throw new TypeError('the attempt did not fail as it should');
  }

  it('mails a person and settles', async () => {
    const sending = await kit.atStep();
    expect(await once(sending)).toBe('settled');
    expect(await kit.row(sending)).toMatchObject({ state: 'accepted', attempts: 1 });
    expect(await once(sending)).toBe('settled');
    expect(await kit.row(sending)).toMatchObject({ attempts: 1 });
  });

  it('asks for another try where the server says "later", and lets that one send', async () => {
    outside.refusals = [451];
    const sending = await kit.atStep();
    const { type, nonRetryable, message } = await failure(once(sending));
    expect({ type, nonRetryable }).toEqual({ type: FAILURES.retryable, nonRetryable: false });
    expect(message).toBe('temporarily_refused');
    expect(await kit.row(sending)).toMatchObject({
      state: 'reserved',
      detail: 'temporarily_refused',
    });
    expect(await once(sending)).toBe('settled');
    expect(await kit.row(sending)).toMatchObject({ state: 'accepted', attempts: 2 });
  });

  it('waits as long as a receiver wishes that has had too much', async () => {
    outside.statuses = [429];
    const sending = await kit.atStep({ journey: 'hook' });
    const { type } = await failure(once(sending));
    expect(type).toBe(FAILURES.rateLimited);
  });

  it('gives up on a receiver that refuses, and on an address that is dead', async () => {
    outside.statuses = [400];
    outside.refusals = [550];
    const [hook, mail] = [await kit.atStep({ journey: 'hook' }), await kit.atStep()];
    expect(await once(hook)).toBe('settled');
    expect(await once(mail)).toBe('settled');
    expect(await kit.row(hook)).toMatchObject({ state: 'failed', reason: 'item_rejected' });
    expect(await kit.row(mail)).toMatchObject({ state: 'failed', reason: 'hard_bounce' });
    expect(await kit.events(mail)).toEqual([expect.objectContaining({ name: 'Message Bounced' })]);
  });

  it('repeats under the same key when a receiver took the call and the answer got lost', async () => {
    const broken = new AbortController();
    outside.beforeAnswer = () => {
      broken.abort();
      return Promise.resolve();
    };
    const sending = await kit.atStep({ journey: 'hook' });
    await failure(once(sending, broken.signal));
    expect(await kit.row(sending)).toMatchObject({ state: 'sending' });
    outside.beforeAnswer = () => Promise.resolve();
    expect(await once(sending)).toBe('settled');
    expect(new Set(hooksOf(sending).map(({ key }) => key)).size).toBe(1);
    expect(await kit.row(sending)).toMatchObject({ state: 'accepted', attempts: 2 });
  });

  it('sends nothing through a connection that was stopped, and says that it waits', async () => {
    const sending = await kit.atStep({ journey: 'hook' });
    await kit.world.sql(
      `insert into sending_stop (workspace_id, scope, target, stopped_by) values ($1, 'connection', 'hook', 'ops')`,
    );
    expect(await once(sending)).toBe('blocked');
    expect(hooksOf(sending)).toEqual([]);
  });

  it('tries again in a second while the lane is behind', async () => {
    const sending = await kit.atStep();
    await kit.world.sql('update lane_append set position = position + 1 where workspace_id = $1');
    await kit.world.sql(`update lane set clock = now() - interval '1 min' where workspace_id = $1`);
    const behind = await failure(once(sending));
    expect(behind.message).toBe('lane_behind');
    expect(Number(behind.nextRetryDelay)).toBeGreaterThanOrEqual(1_000);
    await kit.world.moveLane(Date.now());
    await kit.world.sql(
      'update lane l set position = a.position from lane_append a where l.workspace_id = $1 and a.workspace_id = $1',
    );
    expect(await once(sending)).toBe('settled');
  });

  it('obeys an unsubscribe that comes while the message is being made', async () => {
    const sending = await kit.atStep();
    const slow: ActivityDependencies = {
      ...deps,
      renderer: {
        ...deps.renderer,
        render: async () => {
          await kit.consentTo(sending.run.customerId, 'revoked');
          return { status: 'rendered', subject: 'Hello', text: 'Hello' };
        },
      },
    };
    expect(await deliver(slow, requestOf(sending), QUIET)).toBe('settled');
    expect(await kit.row(sending)).toMatchObject({ state: 'skipped', reason: 'consent_revoked' });
  });

  it('skips a message that lacks a variable, where the template says so', async () => {
    await kit.world.sql(
      `update definition set body = '{"subject":"{{ traits.nickname }}","text":"x","missing":"skip"}' where workspace_id = $1 and kind = 'template'`,
    );
    const sending = await kit.atStep();
    expect(await once(sending)).toBe('settled');
    expect(await kit.row(sending)).toMatchObject({
      state: 'skipped',
      reason: 'missing_variable',
      detail: 'traits.nickname',
    });
    await kit.world.sql(
      `update definition set body = '{"subject":"Hi","text":"x"}' where workspace_id = $1 and kind = 'template'`,
    );
  });

  it('notes a connection that needs a person, and that it works again', async () => {
    outside.statuses = [401];
    await once(await kit.atStep({ journey: 'hook' }));
    const health = () =>
      kit.world.sql(
        `select state, code from connection_health where workspace_id = $1 and connection_key = 'hook'`,
      );
    expect(await health()).toEqual([{ state: 'needs_attention', code: 'auth_invalid' }]);
    await once(await kit.atStep({ journey: 'hook' }));
    expect(await health()).toEqual([{ state: 'ok', code: null }]);
  });

  it('carries the outcome of a call after a database that went away', async () => {
    const sending = await kit.atStep({ journey: 'hook' });
    outside.beforeAnswer = async () => {
      await kit.world.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where $1::uuid is not null and datname = current_database() and application_name = 'throughline tl_engine'`,
      );
    };
    expect(await once(sending)).toBe('settled');
    expect(await kit.row(sending)).toMatchObject({ state: 'accepted', attempts: 1 });
    expect(hooksOf(sending)).toHaveLength(1);
  });
});
