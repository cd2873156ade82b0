import { describe, expect, it } from '@jest/globals';
import { JourneyExpectationFailed, journeyTest } from './index.js';
import { cartJourney } from './testing/builders.js';

const cart = { cart_id: 'c1' };

describe('a journey test', () => {
  it('reads like the promise that it keeps', () => {
    journeyTest(cartJourney())
      .event('Cart Updated', cart)
      .expectEntered()
      .after({ hours: 3 })
      .expectWaitingAt('wait')
      .expectNotSent('remind')
      .after({ hours: 1 })
      .expectSent('remind')
      .expectEnded('completed')
      .after('P30D')
      .expectSent('remind');
  });

  it('sees an order, a repeat and an import', () => {
    journeyTest(cartJourney())
      .event('Cart Updated', cart)
      .after({ hours: 3 })
      .event('Cart Updated', cart)
      .after({ hours: 3 })
      .expectWaitingAt('wait')
      .event('Order Completed', cart, { imported: true })
      .expectEnded('exited:ordered')
      .expectNotSent('remind')
      .expectEntered(1);
  });

  it('sees consent, failures, operators, segments and goals', () => {
    const definition = cartJourney({
      exits: [{ id: 'vip', kind: 'segment', segment: 'vip', on: 'left' }],
      goals: [{ id: 'seen', kind: 'segment', segment: 'vip', on: 'entered' }],
    });
    journeyTest(definition)
      .customer({ consents: [] })
      .event('Cart Updated', cart)
      .after('PT4H')
      .expectSkipped('remind', 'no_consent');
    journeyTest(definition)
      .delivers('remind', { kind: 'failed', code: 'hard_bounce' })
      .event('Cart Updated', cart)
      .after('PT4H')
      .expectHeld('hard_bounce')
      .operator({ kind: 'forceExit', reason: 'asked' })
      .expectEnded('exited:asked');
    journeyTest(definition)
      .event('Cart Updated', cart)
      .after('PT1S')
      .entersSegment('vip')
      .expectGoal('seen')
      .leavesSegment('vip')
      .expectEnded();
    journeyTest(definition).event('Cart Updated', cart, { imported: true }).expectNotEntered();
    expect(journeyTest(definition).event('Cart Updated', cart).trail()).toHaveLength(3);
  });

  it.each([
    ['sent', () => journeyTest(cartJourney()).event('Cart Updated', cart).expectSent('remind')],
    [
      'skipped',
      () =>
        journeyTest(cartJourney()).event('Cart Updated', cart).expectSkipped('remind', 'expired'),
    ],
    ['waits', () => journeyTest(cartJourney()).expectWaitingAt('wait')],
    ['held', () => journeyTest(cartJourney()).event('Cart Updated', cart).expectHeld('x')],
    ['ended', () => journeyTest(cartJourney()).event('Cart Updated', cart).expectEnded()],
    ['goal', () => journeyTest(cartJourney()).event('Cart Updated', cart).expectGoal('x')],
    ['entered', () => journeyTest(cartJourney()).event('Cart Updated', cart).expectNotEntered()],
  ])('fails when it was not %s', (_, test) => {
    expect(test).toThrow(JourneyExpectationFailed);
  });

  it('says with a failure what happened instead', () => {
    const test = journeyTest(cartJourney()).event('Cart Updated', cart).event('Cart Updated', {});
    expect(() => test.expectSent('remind')).toThrow(
      /remind was sent 0 times, expected 1\n\+0 s not entered: no_key\n\+0 s entered/,
    );
  });
});
