import { describe, expect, it } from '@jest/globals';
import { change, DONE, journey, mail, NOON } from './testing/builders.js';
import { HOUR } from './testing/play.js';
import { cart, logOf, only, run, story } from './testing/virtual-log.js';
import type { Step } from './types.js';

describe('a delivery', () => {
  const log = logOf([0, cart()]);

  it.each([
    ['without consent', { consents: [] }, 'no_consent'],
    ['without an address', { address: null }, 'no_address'],
    ['to a suppressed address', { suppressed: true }, 'suppressed'],
  ])('%s is skipped, and the journey goes on', (_, person, reason) => {
    const enrolment = only(run({ log, customers: { ada: person } }));
    expect(enrolment.trail.find(({ kind }) => kind === 'skipped')?.detail).toEqual({ reason });
    expect(enrolment.outcome).toBe('completed');
  });

  it('that failed is held, and retried as a new visit', () => {
    const once = ({ visit }: { visit: number }) => ({
      outcome:
        visit === 1 ? ({ kind: 'failed', code: 'x' } as const) : ({ kind: 'accepted' } as const),
    });
    const requests = [
      {
        at: NOON + 5 * HOUR,
        journey: 'cart',
        customer: 'ada',
        request: { kind: 'retryStep' } as const,
      },
    ];
    const enrolment = only(run({ log, outcomes: once, requests }));
    expect(
      enrolment.deliveries.map(({ delivery, outcome }) => [delivery.key, outcome?.kind]),
    ).toEqual([
      ['e1:remind:1', 'failed'],
      ['e1:remind:2', 'accepted'],
    ]);
    expect(enrolment.outcome).toBe('completed');
  });

  it('that a stop keeps goes out when it is lifted', () => {
    const stopped = ({ at }: { at: number }) => ({
      stop: at < NOON + 5 * HOUR ? ('workspace' as const) : null,
    });
    const later = logOf(
      [0, cart()],
      [4.5 * HOUR, ['Page Viewed', {}]],
      [5 * HOUR, ['Page Viewed', {}]],
    );
    expect(story(only(run({ log: later, guards: stopped })))).toContain(`sent remind +${5 * HOUR}`);
    const kept = only(run({ log, guards: () => ({ stop: 'connection' }) }));
    expect(kept.deliveries).toMatchObject([{ outcome: null, blockedBy: 'stopped_connection' }]);
    expect(kept.outcome).toBeNull();
  });

  it('that a stop kept for too long is expired when it is lifted', () => {
    const stopped = ({ at }: { at: number }) => ({
      stop: at < NOON + 11 * HOUR ? ('journey' as const) : null,
    });
    const later = logOf([0, cart()], [11 * HOUR, ['Page Viewed', {}]]);
    expect(
      only(run({ log: later, guards: stopped })).trail.find(({ kind }) => kind === 'skipped')
        ?.detail,
    ).toEqual({ reason: 'expired' });
  });

  it('to a destination carries its input, resolved', () => {
    const send: Step = {
      kind: 'sendToDestination',
      connection: 'hook',
      action: 'post',
      input: { cart: { $path: 'trigger.properties.cart_id' } },
      next: 'done',
    };
    const enrolment = only(run({ definitions: [journey({ send, done: DONE })], log }));
    expect(enrolment.deliveries[0]?.delivery.input).toEqual({ cart: 'c1' });
  });
});

describe('what journeys know of people', () => {
  const split: Step = {
    kind: 'split',
    branches: [
      { id: 'often', when: { event: 'Cart Updated', count: { gte: 2 } }, next: 'often' },
      { id: 'vip', when: { segment: 'vip' }, next: 'vip' },
      { id: 'seen', when: { trait: 'seen', op: 'equals', value: true }, next: 'seen' },
    ],
    else: 'mark',
  };
  const definition = journey({
    split,
    mark: { kind: 'updateProfile', traits: { seen: true }, next: 'pause' },
    pause: { kind: 'delay', duration: 'PT1S', next: 'split' },
    often: { kind: 'exit', reason: 'often' },
    vip: { kind: 'exit', reason: 'vip' },
    seen: { kind: 'exit', reason: 'seen' },
  });

  it.each([
    ['traits that a step wrote', logOf([0, cart()]), 'exited:seen'],
    ['events counted', logOf([0, cart('other')], [0, cart()]), 'exited:often'],
    ['membership', logOf([0, change('vip', 'entered')], [0, cart()]), 'exited:vip'],
    [
      'membership that ended',
      logOf([0, change('vip', 'entered')], [0, change('vip', 'left')], [0, cart()]),
      'exited:seen',
    ],
  ])('are %s', (_, log, outcome) => {
    const { enrolments } = run({ definitions: [definition], log });
    expect(enrolments.at(-1)?.outcome).toBe(outcome);
  });

  it('holds those who mail in circles until there are too many visits', () => {
    const circle = journey({ a: mail('b'), b: mail('a') });
    const enrolment = only(run({ definitions: [circle], log: logOf([0, cart()]) }));
    expect(enrolment.state.place).toMatchObject({ kind: 'held', reason: 'too_many_steps' });
    expect(new Set(enrolment.deliveries.map(({ delivery }) => delivery.key)).size).toBe(2_000);
  });
});
