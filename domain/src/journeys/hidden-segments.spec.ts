import { describe, expect, it } from '@jest/globals';
import { hiddenSegmentsOf, withHiddenSegments } from './hidden-segments.js';
import { journeyTest } from './journey-test.js';
import { matchHappening } from './match-wait.js';
import { conditionsOf, matchesOf } from './references.js';
import { parseJourney } from './schemas.js';
import { cartJourney, change, DONE, event, journey } from './testing/builders.js';
import type { Condition } from '../segments/types.js';
import type { JourneyDefinition } from './types.js';

const GOLD: Condition = { trait: 'plan', op: 'equals', value: 'gold' };
const BOUGHT: Condition = { event: 'Order Completed', count: { gte: 2 } };

const definition: JourneyDefinition = journey(
  {
    wait: {
      kind: 'waitFor',
      branches: [
        { id: 'mail', on: { kind: 'event', event: 'Mail Read' }, next: 'done' },
        { id: 'gold', on: { kind: 'condition', when: GOLD }, next: 'gold' },
      ],
      timeout: { after: 'P1D', next: 'split' },
    },
    split: { kind: 'split', branches: [{ id: 'b', when: BOUGHT, next: 'gold' }], else: 'done' },
    gold: { kind: 'exit', reason: 'gold' },
    done: DONE,
  },
  {
    exits: [{ id: 'bought', reason: 'twice', kind: 'condition', when: BOUGHT }],
    goals: [{ id: 'gold', kind: 'condition', when: GOLD }],
  },
);

describe('hidden segments', () => {
  it('are the conditions that a journey listens to, by version and place', () => {
    expect(hiddenSegmentsOf(definition, 3)).toEqual([
      { key: '_cart.3.1', name: 'Cart reminder: exits.0', condition: BOUGHT },
      { key: '_cart.3.2', name: 'Cart reminder: goals.0', condition: GOLD },
      { key: '_cart.3.3', name: 'Cart reminder: steps.wait.branches.1.on', condition: GOLD },
    ]);
  });

  it('take nothing from a goal but its condition', () => {
    const goals = [{ id: 'gold', kind: 'condition', when: GOLD, window: 'P30D' }] as const;
    expect(withHiddenSegments({ ...definition, goals }, 3).goals).toEqual([
      { id: 'gold', kind: 'segment', segment: '_cart.3.2', on: 'entered', window: 'P30D' },
    ]);
  });

  it('are named alike whatever the order of the steps', () => {
    const turned = {
      ...definition,
      steps: Object.fromEntries(Object.entries(definition.steps).reverse()),
    };
    expect(hiddenSegmentsOf(turned, 3)).toEqual(hiddenSegmentsOf(definition, 3));
  });

  it('take the place of the conditions in the journey that runs', () => {
    const running = withHiddenSegments(definition, 3);
    expect(matchesOf(running).map(({ on }) => on)).toEqual([
      { kind: 'event', event: 'Mail Read' },
      { kind: 'segment', segment: '_cart.3.3', on: 'entered' },
      { kind: 'segment', segment: '_cart.3.1', on: 'entered', id: 'bought', reason: 'twice' },
      { kind: 'segment', segment: '_cart.3.2', on: 'entered', id: 'gold' },
    ]);
    // What a split asks is not listened to: it stays, for its facts to be counted.
    expect(conditionsOf(running).map(({ path }) => path)).toEqual(['steps.split.branches.0.when']);
    expect(hiddenSegmentsOf(running, 3)).toEqual([]);
  });

  it('leave a journey without conditions as it is', () => {
    const plain = cartJourney();
    expect(withHiddenSegments(plain, 3)).toBe(plain);
    expect(hiddenSegmentsOf(plain, 3)).toEqual([]);
  });

  it('have all their conditions listed, so that their facts exist', () => {
    expect(new Set(conditionsOf(definition).map(({ path }) => path))).toEqual(
      new Set([
        'steps.split.branches.0.when',
        'steps.wait.branches.1.on.when',
        'exits.0.when',
        'goals.0.when',
      ]),
    );
  });

  it('must be put in place before anybody listens', () => {
    const match = { kind: 'condition', when: GOLD } as const;
    expect(() => matchHappening(match, event('Order Completed'))).toThrow('hidden segments');
    expect(() => matchHappening(match, change('_cart.3.1', 'entered'))).toThrow('hidden segments');
  });

  it('pass the schema where conditions may stand', () => {
    expect(parseJourney(JSON.parse(JSON.stringify(definition)))).toMatchObject({ ok: true });
  });
});

describe('a journey that waits for a condition', () => {
  const cart = { cart_id: 'c1' };

  it('goes its way when the condition begins to hold', () => {
    journeyTest(definition)
      .event('Cart Updated', cart)
      .after('PT1H')
      .event('Plan Changed', {}, { traits: { plan: 'silver' } })
      .expectWaitingAt('wait')
      .after('PT1H')
      .event('Plan Changed', {}, { traits: { plan: 'gold' } })
      .expectEnded('exited:gold')
      .expectGoal('gold');
  });

  it('leaves when the condition of an exit begins to hold', () => {
    journeyTest(definition)
      .event('Order Completed', {})
      .after('PT1H')
      .event('Cart Updated', cart)
      .after('PT1H')
      .event('Order Completed', {})
      .expectEnded('exited:twice');
  });

  it('does not go on what held before it began, but by asking for it', () => {
    const gold = { traits: { plan: { v: 'gold', t: 0, p: 0, o: 0, s: null } } };
    journeyTest(definition).customer(gold).event('Cart Updated', cart).expectWaitingAt('wait');
    const { wait } = definition.steps;
    if (wait?.kind !== 'waitFor') throw new TypeError('no wait');
    const steps = { ...definition.steps, wait: { ...wait, alreadyTrue: true } };
    journeyTest({ ...definition, steps })
      .customer(gold)
      .event('Cart Updated', cart)
      .expectEnded('exited:gold');
  });

  it('leaves by time alone', () => {
    const quiet: Condition = { not: { event: 'Seen', within: 'P1D' } };
    const watching = {
      ...definition,
      exits: [{ id: 'away', kind: 'condition', when: quiet } as const],
    };
    journeyTest({
      ...watching,
      steps: { wait: { kind: 'delay', duration: 'P10D', next: 'done' }, done: DONE },
    })
      .event('Seen', {})
      .event('Cart Updated', cart)
      .after('PT23H')
      .expectWaitingAt('wait')
      .after('PT1H')
      .expectEnded('exited:away');
  });
});
