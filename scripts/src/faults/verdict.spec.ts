import { describe, expect, it } from '@jest/globals';
import type { DeliveryRow, EnrolmentRow, Evidence } from './evidence.js';
import type { KillRecord } from './killer.js';
import { judge, sendsInFlight, type Verdict } from './verdict.js';
import { EVENTS, JOURNEYS } from './workspace.js';

const CART = 'cart-s1';

const hookEnrolment: EnrolmentRow = {
  enrolmentId: 'e-hook',
  journey: JOURNEYS.hook,
  cart: CART,
  state: 'ended',
  outcome: 'exited:told',
  heldReason: null,
  generation: 1,
  command: '{}',
  deadline: 5_000,
};
const mailEnrolment: EnrolmentRow = {
  ...hookEnrolment,
  enrolmentId: 'e-mail',
  journey: JOURNEYS.mail,
  outcome: 'exited:reminded',
};
const hookDelivery: DeliveryRow = {
  key: 'e-hook:tell:1',
  enrolmentId: 'e-hook',
  step: 'tell',
  connector: 'webhook',
  state: 'accepted',
  reason: null,
  attempts: 1,
  sendingAt: 6_000,
  settledAt: 6_100,
};
const mailDelivery: DeliveryRow = {
  ...hookDelivery,
  key: 'e-mail:remind:1',
  enrolmentId: 'e-mail',
  step: 'remind',
  connector: 'smtp-email',
};
const mail = { messageId: '<e-mail+remind+1@shop.example>', to: 's1@shop.example' };
const hook = { key: hookDelivery.key, cart: CART, step: 'tell', offers: 1, effects: 1, bodies: 1 };
const kill = (victim: KillRecord['victim'], from: number, to = from + 50): KillRecord => ({
  victim,
  from,
  to,
  awayMs: 1_000,
});

/** One shopper for whom all went well. */
const GOOD: Evidence = {
  client: {
    sent: [{ messageId: 'm1', name: EVENTS.cart, cart: CART }],
    acknowledged: new Set(['m1']),
    repeats: 0,
  },
  mails: [mail],
  hooks: [hook],
  kills: [],
  operated: [],
  applied: new Map([['m1', 1]]),
  quarantined: new Set(),
  enrolments: [hookEnrolment, mailEnrolment],
  deliveries: [hookDelivery, mailDelivery],
  orders: new Map(),
  engine: { behind: 0, outbox: 0, open: 0 },
};

const judged = (change: Partial<Evidence>): Verdict => judge({ ...GOOD, ...change });
const faultsOf = ({ checks }: Verdict): string[] => checks.flatMap(({ faults }) => [...faults]);

describe('the oracle', () => {
  it('has nothing to say where all went well', () => {
    const verdict = judge(GOOD);
    expect(faultsOf(verdict)).toEqual([]);
    expect(verdict.counts).toEqual({
      accepted: 1,
      lost: 0,
      stuck: 0,
      duplicates: 0,
      unknown: 0,
      inFlight: 0,
    });
  });

  it('calls an acknowledged event lost that is neither applied nor in quarantine', () => {
    expect(judged({ applied: new Map() }).counts.lost).toBe(1);
    expect(judged({ applied: new Map(), quarantined: new Set(['m1']) }).counts.lost).toBe(0);
  });

  it('asks nothing of an event that was never acknowledged', () => {
    const { counts } = judged({
      client: { ...GOOD.client, acknowledged: new Set() },
      applied: new Map(),
      enrolments: [],
      deliveries: [],
      mails: [],
      hooks: [],
    });
    expect(counts).toMatchObject({ accepted: 0, lost: 0, stuck: 0 });
  });

  it.each<[string, Partial<Evidence>]>([
    ['is still open', { enrolments: [{ ...hookEnrolment, state: 'active' }, mailEnrolment] }],
    [
      'is held without a reason',
      { enrolments: [{ ...hookEnrolment, state: 'held' }, mailEnrolment] },
    ],
    ['never began', { enrolments: [mailEnrolment], deliveries: [mailDelivery], hooks: [] }],
    ['has left something in the outbox', { engine: { behind: 0, outbox: 2, open: 0 } }],
    ['has a lane that is behind', { engine: { behind: 3, outbox: 0, open: 0 } }],
  ])('calls a journey stuck that %s', (_what, change) => {
    expect(judged(change).counts.stuck).toBe(1);
  });

  it('lets an enrolment be held with its reason', () => {
    const held: EnrolmentRow = { ...hookEnrolment, state: 'held', heldReason: 'run_ahead' };
    expect(judged({ enrolments: [held, mailEnrolment] }).counts.stuck).toBe(0);
  });

  it.each<[string, Partial<Evidence>, number]>([
    ['an event applied twice', { applied: new Map([['m1', 2]]) }, 1],
    ['one mail twice, under its id and to its reader', { mails: [mail, mail] }, 2],
    [
      'two mails under two ids to one reader',
      { mails: [mail, { ...mail, messageId: '<e-mail+remind+2@shop.example>' }] },
      1,
    ],
    ['a second effect of one key', { hooks: [{ ...hook, effects: 2 }] }, 1],
    ['a second key for one step of one cart', { hooks: [hook, { ...hook, key: 'other' }] }, 1],
    ['other contents under a key', { hooks: [{ ...hook, bodies: 2 }] }, 1],
  ])('counts %s', (_what, change, duplicates) => {
    expect(judged(change).counts.duplicates).toBe(duplicates);
  });

  it('does not mind a webhook that was offered again', () => {
    expect(judged({ hooks: [{ ...hook, offers: 3 }] }).counts.duplicates).toBe(0);
  });

  it.each<[string, Partial<Evidence>, string]>([
    ['accepted and never received by mail', { mails: [] }, 'never received: e-mail'],
    ['accepted and never received by webhook', { hooks: [] }, 'never received: e-hook'],
    [
      'failed and yet received by mail',
      { deliveries: [hookDelivery, { ...mailDelivery, state: 'failed', reason: 'expired' }] },
      'received, but not in the ledger as sent: mail e-mail+remind+1',
    ],
    [
      'received by webhook and unheard of',
      { deliveries: [mailDelivery] },
      'received, but not in the ledger as sent: webhook e-hook:tell:1',
    ],
  ])('finds what is %s', (_what, change, sentence) => {
    expect(faultsOf(judged(change)).join('\n')).toContain(sentence);
  });
});

describe('sends that a kill left in doubt', () => {
  const unknown: DeliveryRow = {
    ...mailDelivery,
    state: 'unknown',
    reason: 'interrupted',
    sendingAt: 6_000,
    settledAt: 66_000,
  };

  it('are explained by a kill of the sender or of its memory during the call', () => {
    for (const victim of ['worker', 'postgres'] as const) {
      const verdict = judged({
        deliveries: [hookDelivery, unknown],
        kills: [kill(victim, 6_500)],
      });
      expect(verdict.counts).toMatchObject({ unknown: 1, inFlight: 1 });
      expect(faultsOf(verdict)).toEqual([]);
    }
  });

  it.each<[string, readonly KillRecord[]]>([
    ['nobody was killed', []],
    ['only the API was killed', [kill('api', 6_500)]],
    ['only Temporal was killed', [kill('temporal', 6_500)]],
    ['the kill came before the call', [kill('worker', 5_000)]],
    ['the kill came long after the call', [kill('worker', 30_000)]],
    ['the kill came when it was settled', [kill('worker', 66_001)]],
  ])('are a fault where %s', (_what, kills) => {
    const verdict = judged({ deliveries: [hookDelivery, unknown], kills });
    expect(faultsOf(verdict)).toEqual([expect.stringContaining('e-mail:remind:1 unknown')]);
  });

  it('count although they were settled well in the end, but not webhooks and not what was never sent', () => {
    const rows: DeliveryRow[] = [
      { ...mailDelivery, key: 'a', sendingAt: 1_000, settledAt: 1_600 },
      { ...mailDelivery, key: 'b', sendingAt: 1_000, settledAt: 1_499 },
      { ...mailDelivery, key: 'c', sendingAt: 1_551, settledAt: null },
      { ...mailDelivery, key: 'd', sendingAt: null, settledAt: null },
      { ...mailDelivery, key: 'e', sendingAt: 1_520, settledAt: null },
      { ...hookDelivery, key: 'f', sendingAt: 1_000, settledAt: null },
    ];
    expect([...sendsInFlight(rows, [kill('worker', 1_500, 1_550)])]).toEqual(['a', 'e']);
  });
});

describe('orders and operations', () => {
  const bought: EnrolmentRow[] = [
    { ...hookEnrolment, outcome: 'exited:bought' },
    { ...mailEnrolment, outcome: 'exited:bought' },
  ];
  const nothing = { deliveries: [], mails: [], hooks: [] };

  it('sees that whoever ordered by the deadline got nothing', () => {
    const orders = new Map([[CART, 5_000]]);
    expect(faultsOf(judged({ ...nothing, enrolments: bought, orders }))).toEqual([]);
    expect(faultsOf(judged({ orders }))).toHaveLength(2);
  });

  it('sees that whoever ordered too late or never was reached', () => {
    const orders = new Map([[CART, 5_001]]);
    expect(faultsOf(judged({ orders }))).toEqual([]);
    expect(faultsOf(judged({ ...nothing, orders }))).toHaveLength(2);
    const failed: DeliveryRow = { ...hookDelivery, state: 'failed', reason: 'expired' };
    expect(faultsOf(judged({ deliveries: [failed, mailDelivery], hooks: [] }))).toEqual([
      expect.stringContaining('e-hook:tell:1 failed (expired)'),
    ]);
  });

  const care: EnrolmentRow = { ...hookEnrolment, enrolmentId: 'e-care', journey: JOURNEYS.care };
  const operated = {
    enrolmentId: 'e-care',
    cart: CART,
    operation: 'terminate',
    stage: 'waiting',
  } as const;

  it('wants one mail and one webhook of a run that goes on after it was taken away', () => {
    const enrolments = [hookEnrolment, mailEnrolment, care];
    expect(faultsOf(judged({ enrolments, operated: [operated] }))).toEqual([]);
    const twice = judged({ enrolments, operated: [operated], mails: [mail, mail] });
    expect(faultsOf(twice).join('\n')).toContain(
      'terminate while waiting, cart-s1 e-care: 2 mails',
    );
  });

  it('takes a hold with a reason, and nothing else, for an answer', () => {
    const after = (change: Partial<EnrolmentRow>): string[] =>
      faultsOf(
        judged({
          enrolments: [hookEnrolment, mailEnrolment, { ...care, ...change }],
          operated: [operated],
        }),
      ).filter((fault) => fault.startsWith('terminate'));
    expect(after({ state: 'held', heldReason: 'run_ahead' })).toEqual([]);
    expect(after({ state: 'held' })).toEqual([expect.stringContaining('held without reason')]);
    expect(after({ state: 'active' })).toEqual([expect.stringContaining('still active')]);
    expect(faultsOf(judged({ operated: [operated] }))).toEqual([
      expect.stringContaining('the enrolment is gone'),
    ]);
  });
});
