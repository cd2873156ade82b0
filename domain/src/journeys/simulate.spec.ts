import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CapsDocument } from '../destinations/types.js';
import { blastRadiusOf } from './blast-radius.js';
import {
  addSimulations,
  guardsOf,
  NOTHING_SIMULATED,
  sentIn,
  simulatePage,
  simulationReads,
  stepsInOrder,
  type SimulatedPage,
} from './simulate.js';
import { arbitraryJourney } from './testing/arbitrary-journey.js';
import { arbitraryStream, scenarioOf } from './testing/arbitrary-stream.js';
import { cartJourney, DONE, event, journey, mail, NOON } from './testing/builders.js';
import { HOUR } from './testing/play.js';
import type { CustomerHappening, VirtualCustomer } from './virtual-world.js';

const DAY = 24 * HOUR;
const TIME = { from: NOON, until: NOON + 3 * DAY, caps: { rules: [] } };

/** Inputs of people, each at so many ms after noon. */
function pageOf(
  customers: Readonly<Record<string, VirtualCustomer>>,
  ...inputs: readonly (readonly [string, number, string, Partial<CustomerHappening>?])[]
): SimulatedPage {
  const log = inputs.map(([customer, afterMs, name, more], index) => ({
    customer,
    happening: event(
      name,
      { cart_id: 'c1' },
      { ref: { position: index + 1, ordinal: 0, clock: NOON + afterMs } },
    ),
    ...more,
  }));
  return { customers, log };
}

const granted = (customer: VirtualCustomer = {}): VirtualCustomer => ({
  consents: [
    { purpose: 'marketing', channel: '*', state: 'granted', eventTime: 0, position: 0, ordinal: 0 },
  ],
  emails: [{ value: 'a@example.com', since: NOON - DAY }],
  ...customer,
});

describe('a simulated page', () => {
  it('counts who entered, where they went, what was sent and what came of them', () => {
    const page = pageOf(
      { ada: granted(), bob: granted(), eve: granted() },
      ['ada', 0, 'Cart Updated'],
      ['bob', HOUR, 'Cart Updated'],
      ['bob', 2 * HOUR, 'Order Completed'],
      ['ada', 30 * HOUR, 'Cart Updated'],
      ['eve', 71 * HOUR, 'Cart Updated'],
    );
    const simulation = simulatePage(cartJourney(), page, TIME);
    expect(simulation).toMatchObject({
      people: 3,
      entered: 3,
      refused: { already_once: 1 },
      outcomes: { completed: 1, 'exited:ordered': 1, open: 1 },
      enteredByDay: [2, 0, 1],
      sentByDay: [1],
    });
    expect(simulation.steps).toMatchObject({
      wait: { visits: 3, standing: 1, branches: { ordered: 1, timeout: 1 } },
      remind: { visits: 1, sent: 1, stopped: {} },
    });
    expect(sentIn(simulation)).toBe(1);
    expect(simulation.samples.map(({ customer }) => customer)).toEqual(['ada', 'bob', 'eve']);
  });

  it.each<[string, VirtualCustomer, string]>([
    ['no word about consent', granted({ consents: [] }), 'no_consent'],
    ['no address yet', granted({ emails: [{ value: 'a@b.c', since: NOON + DAY }] }), 'no_address'],
    [
      'a suppressed address',
      granted({ suppressions: [{ value: 'a@example.com', since: NOON }] }),
      'suppressed',
    ],
  ])('names the guard against somebody with %s', (_, ada, guard) => {
    const simulation = simulatePage(
      cartJourney(),
      pageOf({ ada }, ['ada', 0, 'Cart Updated']),
      TIME,
    );
    expect(guardsOf(simulation)).toEqual({ [guard]: 1 });
    expect(sentIn(simulation)).toBe(0);
  });

  it('lets what was suppressed later, and consent that was given meanwhile, count from then on', () => {
    const later = granted({
      consents: [],
      suppressions: [{ value: 'a@example.com', since: NOON + 5 * HOUR }],
    });
    const says = { consents: [{ purpose: 'marketing', channel: '*', state: 'granted' }] } as const;
    const page = pageOf({ ada: later }, ['ada', 0, 'Cart Updated'], ['ada', HOUR, 'Agreed', says]);
    expect(guardsOf(simulatePage(cartJourney(), page, TIME))).toEqual({});
  });

  it('counts those left out, caps and quiet hours by name', () => {
    const definition = journey(
      { first: mail('second'), second: mail('done'), done: DONE },
      { quietHours: { from: '11:00', to: '13:00' } },
    );
    const page = pageOf({ ada: granted() }, ['ada', 0, 'Cart Updated']);
    const caps: CapsDocument = {
      rules: [{ channel: 'email', per: 'P1D', max: 1 }],
    };
    const kept = simulatePage(definition, page, { ...TIME, caps });
    expect(kept.steps).toMatchObject({
      first: { sent: 1, kept: { quiet_hours: 1 } },
      second: { sent: 0, stopped: { capped: 1 } },
    });
    const nobody = simulatePage({ ...definition, holdout: { percent: 100 } }, page, TIME);
    expect(guardsOf(nobody)).toEqual({ holdout: 1 });
  });

  it('takes nobody in by a membership that a publication found', () => {
    const definition = journey(
      { done: DONE },
      { trigger: { kind: 'segment', segment: 'vip', on: 'entered' }, entry: { reentry: 'once' } },
    );
    const entering = (found: boolean): number => {
      const ref = { position: 1, ordinal: 0, clock: NOON };
      const change = { kind: 'segment', segment: 'vip', change: 'entered' } as const;
      const happening = { ...change, ref, imported: false };
      const log = [{ customer: 'ada', happening, found }];
      return simulatePage(definition, { customers: { ada: {} }, log }, TIME).entered;
    };
    expect([entering(false), entering(true)]).toEqual([1, 0]);
  });
});

describe('simulations', () => {
  const arbitraryPage = fc.tuple(
    arbitraryJourney(),
    fc.array(arbitraryStream(), { minLength: 1, maxLength: 4 }),
  );

  it('of people apart add up to the simulation of all of them', () => {
    fc.assert(
      fc.property(arbitraryPage, ([definition, streams]) => {
        const pages = streams.map((stream, index) => {
          const customer = `c${index}`;
          const { log } = scenarioOf(stream, { beginsAt: NOON, journey: 'random', customer });
          return { customers: { [customer]: {} }, log };
        });
        const sum = pages
          .map((page) => simulatePage(definition, page, TIME))
          .reduce(addSimulations, NOTHING_SIMULATED);
        const together = pages
          .flatMap(({ log }) => log)
          .sort((a, b) => a.happening.ref.clock - b.happening.ref.clock)
          .map((item, index) => renumbered(item, index + 1));
        const customers = Object.fromEntries(streams.map((_, index) => [`c${index}`, {}]));
        const whole = simulatePage(definition, { customers, log: together }, TIME);
        expect({ ...sum, samples: [] }).toEqual({ ...whole, samples: [] });
      }),
      { numRuns: 60 },
    );
  });

  it('keep one sample of every way first, and no more than twenty', () => {
    const customers = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`c${index}`, granted()]),
    );
    const inputs = Object.keys(customers).map((id) => [id, 0, 'Cart Updated'] as const);
    const page = pageOf(customers, ...inputs, ['c39', HOUR, 'Order Completed']);
    const { samples } = simulatePage(cartJourney(), page, TIME);
    expect(samples).toHaveLength(20);
    expect(samples.slice(0, 2).map(({ customer }) => customer)).toEqual(['c0', 'c39']);
  });
});

function renumbered(item: CustomerHappening, position: number): CustomerHappening {
  const { happening } = item;
  return { ...item, happening: { ...happening, ref: { ...happening.ref, position } } };
}

describe('what a simulation reads', () => {
  it('is what the journey asks about, and no more', () => {
    const definition = cartJourney({
      exits: [{ id: 'x', kind: 'condition', when: { event: 'Refunded' } }],
      goals: [{ id: 'g', kind: 'segment', segment: 'buyers', on: 'entered' }],
    });
    expect(simulationReads(definition)).toMatchObject({
      events: ['Cart Updated', 'Order Completed', 'Refunded'],
      counted: ['Refunded'],
      segments: ['buyers'],
    });
    expect(stepsInOrder(definition)).toEqual(['wait', 'bought', 'remind', 'done']);
  });
});

describe('a blast radius', () => {
  it('is of all people, although a part of them was looked at', () => {
    const simulation = { ...NOTHING_SIMULATED, entered: 14, enteredByDay: [4, 10], sentByDay: [3] };
    expect(blastRadiusOf({ simulation, share: 0.1, days: 7, insideNow: 5 })).toEqual({
      insideNow: 5,
      enters: { perDay: 20, busiestDay: 100 },
      messages: { perDay: 0, busiestDay: 30 },
    });
  });

  it('of nobody is nothing', () => {
    const nothing = { simulation: NOTHING_SIMULATED, share: 0, days: 7, insideNow: 0 };
    expect(blastRadiusOf(nothing).messages).toEqual({ perDay: 0, busiestDay: 0 });
  });
});
