import { describe, it } from '@jest/globals';
import { journeyTest } from './journey-test.js';
import { DONE, journey, mail } from './testing/builders.js';
import type { Json } from '../shared/index.js';
import type { JourneyDefinition, Step } from './types.js';

/** Journeys that look at the clock, in virtual time: it begins on 1 January 2026, at 09:00 UTC. */

const trait = (v: Json) => ({ v, t: 0, p: 0, o: 0, s: null });
const cart = (id = 'c1') => ({ cart_id: id });

const quietly = (over: Partial<JourneyDefinition> = {}): JourneyDefinition =>
  journey(
    { remind: mail('done'), done: DONE },
    { quietHours: { from: '21:00', to: '08:00' }, ...over },
  );

describe('quiet hours', () => {
  it('keep a message until the morning of the person', () => {
    journeyTest(quietly())
      .customer({ traits: { timezone: trait('Asia/Tokyo') } })
      .after('PT4H')
      .event('Cart Updated', cart())
      .after('PT9H59M')
      .expectNotSent('remind')
      .after('PT1M')
      .expectSent('remind')
      .expectEnded('completed');
  });

  it('end earlier for a person who moves', () => {
    journeyTest(quietly())
      .customer({ traits: { timezone: trait('Asia/Tokyo') } })
      .after('PT4H')
      .event('Cart Updated', cart())
      .expectNotSent('remind')
      .event('Moved', {}, { traits: { timezone: 'Europe/Berlin' } })
      .expectSent('remind');
  });

  it('are left by an exit', () => {
    journeyTest(quietly({ exits: [{ id: 'bought', kind: 'event', event: 'Order Completed' }] }))
      .after('PT14H')
      .event('Cart Updated', cart())
      .after('PT1H')
      .event('Order Completed')
      .expectEnded('exited:bought')
      .after('P1D')
      .expectNotSent('remind');
  });
});

describe('frequency caps', () => {
  const caps = { rules: [{ channel: 'email', per: 'P1D', max: 1 }] } as const;
  const capped = (over: object): JourneyDefinition =>
    journey({ remind: { ...mail('done'), ...over }, done: DONE }, { messageExpiry: 'P2D' });

  it('skip what is too much', () => {
    journeyTest(capped({}))
      .caps(caps)
      .event('Cart Updated', cart('c1'))
      .after('PT1H')
      .event('Cart Updated', cart('c2'))
      .expectSent('remind', 1)
      .expectSkipped('remind', 'capped')
      .expectEnded('completed');
  });

  it('make it wait where it may', () => {
    journeyTest(capped({ onCapped: 'wait' }))
      .caps(caps)
      .event('Cart Updated', cart('c1'))
      .after('PT1H')
      .event('Cart Updated', cart('c2'))
      .after('PT22H59M')
      .expectSent('remind', 1)
      .after('PT1M')
      .expectSent('remind', 2);
  });

  it('are nothing to transactional messages', () => {
    journeyTest(capped({ class: 'transactional' }))
      .caps(caps)
      .event('Cart Updated', cart('c1'))
      .event('Cart Updated', cart('c2'))
      .expectSent('remind', 2);
  });
});

describe('a date that begins a journey', () => {
  const birthday = journey(
    { greet: mail('done'), done: DONE },
    {
      trigger: { kind: 'date', trait: 'birthday', repeat: 'yearly', at: '09:00' },
      entry: { reentry: 'afterExit', minGap: 'P30D' },
    },
  );
  const born = (day: string) => ({
    traits: { birthday: trait(day), timezone: trait('Europe/Berlin') },
  });

  it('takes the person in at that hour of their own clock, every year', () => {
    journeyTest(birthday)
      .customer(born('1990-01-02'))
      .after('PT22H59M')
      .expectNotEntered()
      .after('PT1M')
      .expectEntered()
      .expectSent('greet')
      .after('P365D')
      .expectEntered(2);
  });

  it('is for a person who names it later, too', () => {
    journeyTest(birthday)
      .event('Signed Up', {}, { traits: { birthday: '1990-01-03', timezone: 'UTC' } })
      .after('P2D')
      .expectEntered()
      .after('PT1H')
      .expectSent('greet');
  });

  it('moves with the date and the zone', () => {
    journeyTest(birthday)
      .customer(born('1990-01-02'))
      .event('Moved', {}, { traits: { timezone: 'America/New_York' } })
      .after('PT23H')
      .expectNotEntered()
      .after('PT6H')
      .expectEntered();
    journeyTest(birthday)
      .customer(born('1990-01-02'))
      .event('Corrected', {}, { traits: { birthday: '1990-06-02' } })
      .after('P30D')
      .expectNotEntered();
  });
});

describe('waits for a time of the person’s clock', () => {
  const nine = journey({
    wait: { kind: 'delay', until: { kind: 'localTime', at: '09:00' }, next: 'remind' },
    remind: mail('done'),
    done: DONE,
  });

  it('go with a person who moves', () => {
    const moved = journeyTest(nine)
      .event('Cart Updated', cart())
      .after('PT1H')
      .event('Moved', {}, { traits: { timezone: 'America/New_York' } });
    moved.after('PT3H59M').expectWaitingAt('wait').after('PT1M').expectSent('remind');
    journeyTest(nine)
      .event('Cart Updated', cart())
      .after('PT23H59M')
      .expectWaitingAt('wait')
      .after('PT1M')
      .expectSent('remind');
  });

  it('in a window end with its beginning', () => {
    const window: Step = { kind: 'window', hours: { from: '10:00', to: '18:00' }, next: 'remind' };
    journeyTest(journey({ window, remind: mail('done'), done: DONE }))
      .event('Cart Updated', cart())
      .expectWaitingAt('window')
      .after('PT1H')
      .expectSent('remind')
      .after('PT2H')
      .event('Cart Updated', cart('c2'))
      .expectSent('remind', 2);
  });
});

describe('a holdout', () => {
  it('is entered, ended and sent nothing', () => {
    journeyTest(quietly({ holdout: { percent: 100 } }))
      .event('Cart Updated', cart())
      .expectEntered()
      .expectEnded('holdout')
      .expectNotSent('remind');
  });

  it('reaches goals like everybody', () => {
    const goals = [{ id: 'bought', kind: 'event', event: 'Order Completed' }] as const;
    journeyTest(quietly({ holdout: { percent: 100 }, goals }))
      .event('Cart Updated', cart())
      .after('P1D')
      .event('Order Completed')
      .expectGoal('bought');
  });
});
