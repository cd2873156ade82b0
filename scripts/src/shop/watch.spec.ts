import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createApiClient, type ApiClient } from './api-client.js';
import { FakeApi } from './testing/fake-api.js';
import { cohortOf, personIn } from './testing/people.js';
import { isSettled, readFate, type CaughtMails, type Fate } from './watch.js';

type Json = Readonly<Record<string, unknown>>;

interface World {
  readonly customer?: Json;
  readonly enrolment?: Json;
  readonly mails?: number;
  readonly deliveries?: readonly Json[];
  readonly suggested?: ReadonlyMap<string, string>;
}

const RUN = { workflowId: 'journey/cart/e-1', url: 'http://127.0.0.1:8233/run' };

describe('what has become of a shopper', () => {
  let server: FakeApi;
  let api: ApiClient;
  const shopper = personIn(cohortOf('w1'), 'Ada');

  beforeAll(async () => {
    server = await FakeApi.open();
    api = createApiClient(server.url, 'tl_key');
  });
  afterAll(() => server.close());

  /** The API as it answers in such a world. */
  function fateIn(world: World): Promise<Fate> {
    const { customer, enrolment, mails = 0, deliveries = [], suggested = null } = world;
    const wanted = `/api/v1/customers?identifier=${encodeURIComponent(`user_id:${shopper.userId}`)}`;
    const items = customer === undefined ? [] : [{ id: 'c-1' }];
    const answers = new Map<string, Json>([
      [wanted, { items }],
      ['/api/v1/customers/c-1', { id: 'c-1', ...customer }],
      [
        '/api/v1/enrolments?customer=c-1&limit=200',
        { items: enrolment === undefined ? [] : [{ id: 'e-1' }], next: null },
      ],
      ['/api/v1/deliveries?enrolment=e-1&limit=200', { items: deliveries, next: null }],
      ['/api/v1/enrolments/e-1', { id: 'e-1', journey: 'abandoned-cart', run: RUN, ...enrolment }],
    ]);
    server.answer(({ target }) => {
      const body = answers.get(target);
      return body === undefined ? null : { body };
    });
    return readFate({ api, mails: caught(mails), suggested }, shopper);
  }

  function caught(count: number): CaughtMails {
    const list = Array.from({ length: count }, (_, index) => ({
      id: `m-${count - index}`,
      receivedAt: '2026-01-02T03:04:05.678Z',
    }));
    return {
      to: (address) => (address === shopper.email ? list : []),
      urlOf: (id) => `http://127.0.0.1:8025/messages/${id}`,
    };
  }

  const sent = { kind: 'sent', step: 'mail', detail: {} };
  const skipped = (reason: string) => ({ kind: 'skipped', step: 'mail', detail: { reason } });
  const failed = (code: string) => ({ kind: 'failed', step: 'mail', detail: { code } });

  it('is unknown until the API has heard of them', async () => {
    expect(await fateIn({})).toEqual({
      shopper: shopper,
      trail: [],
      ending: 'not entered',
      why: 'nothing known yet',
      runUrl: null,
      mails: 0,
      mailUrl: null,
      merged: false,
    });
  });

  it('is outside every journey until one takes them in', async () => {
    expect(await fateIn({ customer: { absorbed: [] } })).toMatchObject({
      ending: 'not entered',
      why: 'no journey took it in',
      merged: false,
    });
  });

  it.each<[string, Json, number, Fate['ending'], string]>([
    ['a wait', { state: 'active', outcome: null, step: 'wait' }, 0, 'waiting', 'at wait'],
    ['an entry', { state: 'active', outcome: null, step: null }, 0, 'waiting', 'at the start'],
    [
      'a hold',
      { state: 'held', outcome: null, heldReason: 'render_failed', trail: [sent] },
      1,
      'held',
      'render_failed',
    ],
    [
      'a mail that has come',
      { state: 'ended', outcome: 'exited:reminded', trail: [sent] },
      1,
      'mailed',
      'waited, no order came',
    ],
    [
      'a mail that was taken and has not come',
      { state: 'ended', outcome: 'exited:reminded', trail: [sent] },
      0,
      'waiting',
      'mail on its way',
    ],
    [
      'a hook',
      { state: 'ended', outcome: 'completed', journey: 'price-alert', trail: [sent] },
      0,
      'hook delivered',
      'taken at the third attempt',
    ],
    [
      'no consent',
      { state: 'ended', outcome: 'completed', trail: [skipped('no_consent')] },
      0,
      'skipped:no_consent',
      'no consent to marketing by e-mail',
    ],
    [
      'consent taken back',
      { state: 'ended', outcome: 'completed', trail: [skipped('consent_revoked')] },
      0,
      'skipped:consent_revoked',
      'unsubscribed before the send',
    ],
    [
      'a bounce',
      { state: 'ended', outcome: 'exited:reminded', trail: [failed('hard_bounce')] },
      0,
      'bounced',
      'the address does not exist; suppressed from now on',
    ],
    [
      'an order',
      { state: 'ended', outcome: 'exited:bought', trail: [] },
      0,
      'ordered',
      'left at once: bought',
    ],
    [
      'another skip',
      { state: 'ended', outcome: 'completed', trail: [skipped('capped')] },
      0,
      'other:capped',
      'completed',
    ],
    [
      'another failure',
      { state: 'ended', outcome: 'completed', trail: [failed('refused')] },
      0,
      'other:refused',
      'completed',
    ],
    ['an end nobody foresaw', { state: 'ended', outcome: 'merged' }, 0, 'other:merged', 'merged'],
  ])(
    'after %s is said in one word and a sentence',
    async (_what, enrolment, mails, ending, why) => {
      const fate = await fateIn({ customer: { absorbed: [] }, enrolment, mails });
      expect(fate).toMatchObject({ ending, why, runUrl: RUN.url });
    },
  );

  it('waits for the morning where it is night: that is an end for tonight', async () => {
    const enrolment = { state: 'active', outcome: null, step: 'mail' };
    const deliveries = [{ blockedBy: null }, { blockedBy: 'quiet_hours' }];
    expect(await fateIn({ customer: {}, enrolment, deliveries })).toMatchObject({
      ending: 'quiet',
      runUrl: RUN.url,
    });
    const stopped = [{ blockedBy: 'stopped_workspace' }];
    expect(await fateIn({ customer: {}, enrolment, deliveries: stopped })).toMatchObject({
      ending: 'waiting',
    });
  });

  it('says that they look like somebody else, once people have been compared', async () => {
    const suggested = new Map([['c-1', '/api/v1/identity/suggestions/s-1']]);
    expect(await fateIn({ customer: {}, suggested })).toMatchObject({
      ending: 'duplicate suggested',
      why: 'for review: /api/v1/identity/suggestions/s-1',
    });
    expect(await fateIn({ customer: {}, suggested: new Map() })).toMatchObject({
      ending: 'not entered',
    });
  });

  it('tells its trail in words: what, where and why', async () => {
    const trail = [
      { kind: 'entered', step: null, detail: {} },
      { kind: 'waiting', step: 'wait', detail: {} },
      { kind: 'fired', step: 'wait', detail: { branch: 'bought' } },
      { kind: 'skipped', step: 'mail', detail: { reason: 'no_consent' } },
      { kind: 'failed', step: 'mail', detail: { code: 'hard_bounce' } },
      { kind: 'ended', step: null, detail: { outcome: 'exited:bought' } },
    ];
    const fate = await fateIn({ customer: {}, enrolment: { state: 'active', trail } });
    expect(fate.trail).toEqual([
      'entered',
      'waiting wait',
      'fired wait (bought)',
      'skipped mail (no_consent)',
      'failed mail (hard_bounce)',
      'ended (exited:bought)',
    ]);
  });

  it('counts the mails to their address, and links the newest', async () => {
    const fate = await fateIn({ customer: {}, enrolment: { state: 'active' }, mails: 2 });
    expect(fate).toMatchObject({ mails: 2, mailUrl: 'http://127.0.0.1:8025/messages/m-2' });
    expect((await fateIn({ mails: 1 })).mails).toBe(1);
  });

  it('says whether two profiles became one', async () => {
    expect((await fateIn({ customer: { absorbed: ['c-2'] } })).merged).toBe(true);
    expect((await fateIn({ customer: { absorbed: [] } })).merged).toBe(false);
    expect((await fateIn({ customer: {} })).merged).toBe(false);
  });

  it('fails loudly where the API refuses', async () => {
    server.answer(() => ({ status: 500, body: {} }));
    const watcher = { api, mails: caught(0), suggested: null };
    await expect(readFate(watcher, shopper)).rejects.toThrow('answered 500');
  });

  it('is settled when nothing will change it any more', async () => {
    const base = await fateIn({});
    const settled = (ending: Fate['ending']): boolean => isSettled({ ...base, ending });
    expect((['waiting', 'not entered'] as const).map(settled)).toEqual([false, false]);
    expect((['mailed', 'held', 'bounced', 'other:x'] as const).map(settled)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });
});
