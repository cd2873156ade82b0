import { describe, expect, it } from '@jest/globals';
import { cartJourney, change, DONE, journey, NOON } from './testing/builders.js';
import { HOUR } from './testing/play.js';
import { cart, logOf, only, order, run, story } from './testing/virtual-log.js';

describe('a cart in virtual time', () => {
  it('left alone is reminded at the deadline, once', () => {
    const enrolment = only(run({ log: logOf([0, cart()]) }));
    expect(story(enrolment)).toEqual([
      'entered - +0',
      'stepped wait +0',
      'waiting wait +0',
      `timed_out wait +${4 * HOUR}`,
      `stepped remind +${4 * HOUR}`,
      `sent remind +${4 * HOUR}`,
      `stepped done +${4 * HOUR}`,
      `ended done +${4 * HOUR}`,
    ]);
    expect(enrolment).toMatchObject({
      outcome: 'completed',
      entryKey: '"c1"',
      enrolmentId: 'e1',
      enteredAt: NOON,
    });
    expect(enrolment.deliveries).toEqual([
      {
        delivery: expect.objectContaining({ key: 'e1:remind:1', at: NOON + 4 * HOUR, input: null }),
        outcome: { kind: 'accepted' },
        blockedBy: null,
      },
    ]);
  });

  it.each([
    ['two seconds later', 2_000, 'exited:ordered'],
    ['at the deadline', 4 * HOUR, 'exited:ordered'],
    ['a millisecond after it', 4 * HOUR + 1, 'completed'],
  ])('bought %s ends as it must', (_, afterMs, outcome) => {
    expect(only(run({ log: logOf([0, cart()], [afterMs, order()]) })).outcome).toBe(outcome);
  });

  it('of somebody who buys another cart is reminded all the same', () => {
    expect(only(run({ log: logOf([0, cart()], [1, order('c2')]) })).outcome).toBe('completed');
  });

  it('that is filled again is reminded four hours after that', () => {
    const enrolment = only(run({ log: logOf([0, cart()], [HOUR, cart()], [2 * HOUR, cart()]) }));
    expect(story(enrolment)).toContain(`timed_out wait +${6 * HOUR}`);
  });

  it('that is filled again and bought in the time that this gave is not reminded', () => {
    expect(
      only(run({ log: logOf([0, cart()], [HOUR, cart()], [4.5 * HOUR, order()]) })).outcome,
    ).toBe('exited:ordered');
  });

  it('and another cart are two enrolments, the same cart again is none', () => {
    const { enrolments, refusals } = run({
      log: logOf([0, cart()], [1, cart('c2')], [9 * HOUR, cart()]),
    });
    expect(enrolments.map(({ entryKey }) => entryKey)).toEqual(['"c1"', '"c2"']);
    expect(refusals).toEqual([
      expect.objectContaining({ reason: 'already_once', customer: 'ada', journey: 'cart' }),
    ]);
  });

  it('still waits when time ends before its deadline', () => {
    const enrolment = only(run({ log: logOf([0, cart()]), until: NOON + 4 * HOUR - 1 }));
    expect(enrolment).toMatchObject({ outcome: null, state: { place: { kind: 'waiting' } } });
  });

  it('is the business of its customer only', () => {
    const [mine, theirs] = logOf([0, cart()], [1, order()]);
    if (mine === undefined || theirs === undefined) throw new Error('two inputs');
    expect(only(run({ log: [mine, { ...theirs, customer: 'bob' }] })).outcome).toBe('completed');
  });
});

describe('an order before the run looks', () => {
  const late = { lateness: () => 10_000 };

  it('is found by the look back, even if it came before the run began', () => {
    const enrolment = only(run({ log: logOf([0, cart()], [2_000, order()]), ...late }));
    expect(story(enrolment)).toContain('fired wait +2000');
  });

  it('after the deadline does not count, although the run was down and looks later', () => {
    const down = { lateness: () => 9 * HOUR };
    const enrolment = only(run({ log: logOf([0, cart()], [5 * HOUR, order()]), ...down }));
    expect(story(enrolment)).toContain(`timed_out wait +${4 * HOUR}`);
  });

  it('counts from the input and not from the start of the run', () => {
    expect(story(only(run({ log: logOf([0, cart()]), ...late })))).toContain(
      `timed_out wait +${4 * HOUR}`,
    );
  });
});

describe('two waits in a row', () => {
  const twice = journey({
    first: {
      kind: 'waitFor',
      branches: [{ id: 'go', on: { kind: 'event', event: 'Go' }, next: 'second' }],
      timeout: { after: 'PT1H', next: 'second' },
    },
    second: {
      kind: 'waitFor',
      branches: [{ id: 'go', on: { kind: 'event', event: 'Go' }, next: 'went' }],
      timeout: { after: 'PT1H', next: 'done' },
    },
    went: { kind: 'exit', reason: 'went' },
    done: DONE,
  });

  it('need two events, not one twice', () => {
    const one = only(run({ definitions: [twice], log: logOf([0, cart()], [5, ['Go', {}]]) }));
    expect(story(one)).toContain(`timed_out second +${HOUR + 5}`);
    const two = only(
      run({ definitions: [twice], log: logOf([0, cart()], [5, ['Go', {}]], [5, ['Go', {}]]) }),
    );
    expect(two.outcome).toBe('exited:went');
  });

  it('are the same for a run that looks only after everything has happened', () => {
    const input = {
      definitions: [twice],
      log: logOf([0, cart()], [5, ['Go', {}]], [HOUR, ['Go', {}]]),
    };
    const prompt = only(run(input));
    const late = only(run({ ...input, lateness: () => 3 * HOUR }));
    expect(late.trail).toEqual(prompt.trail);
    expect(late.outcome).toBe('exited:went');
  });
});

describe('an exit', () => {
  const leaving = cartJourney({
    exits: [{ id: 'off', kind: 'segment', segment: 'off', on: 'entered' }],
  });

  it('ends a wait at once', () => {
    const enrolment = only(
      run({ definitions: [leaving], log: logOf([0, cart()], [7, change('off', 'entered')]) }),
    );
    expect(story(enrolment).slice(-1)).toEqual(['ended wait +7']);
    expect(enrolment.outcome).toBe('exited:off');
  });

  it('wins over a branch by the same input', () => {
    const both = cartJourney({ exits: [{ id: 'out', kind: 'event', event: 'Order Completed' }] });
    expect(only(run({ definitions: [both], log: logOf([0, cart()], [7, order()]) })).outcome).toBe(
      'exited:out',
    );
  });

  it('during a delivery lets it settle, tells of it, and nothing follows', () => {
    const slow = () => ({ outcome: { kind: 'accepted' } as const, takesMs: 60_000 });
    const log = logOf([0, cart()], [4 * HOUR + 1_000, change('off', 'entered')]);
    const enrolment = only(run({ definitions: [leaving], log, outcomes: slow }));
    expect(story(enrolment).slice(-3)).toEqual([
      `stepped remind +${4 * HOUR}`,
      `sent remind +${4 * HOUR + 60_000}`,
      `ended remind +${4 * HOUR + 60_000}`,
    ]);
  });

  it('before a late step lets nothing be reserved any more', () => {
    const log = logOf([0, cart()], [4 * HOUR + 1_000, change('off', 'entered')]);
    const enrolment = only(
      run({ definitions: [leaving], log, lateness: (_, seq) => (seq === 2 ? 5_000 : 0) }),
    );
    expect(story(enrolment)).toContain(`timed_out wait +${4 * HOUR}`);
    expect(enrolment.deliveries).toEqual([]);
    expect(enrolment.outcome).toBe('exited:off');
  });

  it('closes what a stop keeps back', () => {
    const log = logOf([0, cart()], [4 * HOUR + 1_000, change('off', 'entered')]);
    const enrolment = only(
      run({ definitions: [leaving], log, guards: () => ({ stop: 'workspace' as const }) }),
    );
    expect(story(enrolment).slice(-2)).toEqual([
      `stepped remind +${4 * HOUR}`,
      `ended remind +${4 * HOUR + 1_000}`,
    ]);
    expect(enrolment.deliveries).toMatchObject([
      { outcome: { kind: 'skipped', reason: 'exited' }, blockedBy: null },
    ]);
  });

  it('lets the customer in again where re-entry allows it', () => {
    const again = cartJourney({
      exits: leaving.exits,
      entry: { reentry: 'afterExit', minGap: 'PT1S' },
      steps: { wait: { kind: 'delay', duration: 'P1D', next: 'done' }, done: DONE },
    });
    const log = logOf(
      [0, cart()],
      [500, cart()],
      [1_000, change('off', 'entered')],
      [1_500, cart()],
      [2_000, cart()],
    );
    const { enrolments, refusals } = run({ definitions: [again], log });
    expect(enrolments.map(({ entryKey }) => entryKey)).toEqual(['1.0', '5.0']);
    expect(refusals.map(({ reason }) => reason)).toEqual(['already_open', 'within_gap']);
  });
});

describe('goals', () => {
  it('are reached once', () => {
    const definition = cartJourney({
      goals: [{ id: 'order', kind: 'event', event: 'Order Completed' }],
    });
    const log = logOf([0, cart()], [5, order('c9')], [6, order('c9')], [9 * HOUR, order()]);
    expect(only(run({ definitions: [definition], log })).goals).toEqual([
      { goalId: 'order', ref: { position: 2, ordinal: 0, clock: NOON + 5 } },
    ]);
  });

  it('are reached after the end, too: the mail may still lead to an order', () => {
    const definition = cartJourney({
      goals: [{ id: 'order', kind: 'event', event: 'Order Completed' }],
    });
    const enrolment = only(
      run({ definitions: [definition], log: logOf([0, cart()], [9 * HOUR, order()]) }),
    );
    expect(enrolment.outcome).toBe('completed');
    expect(enrolment.goals).toHaveLength(1);
  });
});

describe('operators in virtual time', () => {
  const request = (afterMs: number, kind: 'hold' | 'resume') => ({
    at: NOON + afterMs,
    journey: 'cart',
    customer: 'ada',
    request: kind === 'hold' ? { kind, reason: 'asked' } : { kind },
  });

  it('hold over the deadline, which is then past when they resume', () => {
    const requests = [request(HOUR, 'hold'), request(6 * HOUR, 'resume')];
    const enrolment = only(run({ log: logOf([0, cart()]), requests }));
    expect(story(enrolment)).toEqual(
      expect.arrayContaining([
        `held wait +${HOUR}`,
        `resumed wait +${6 * HOUR}`,
        `timed_out wait +${4 * HOUR}`,
      ]),
    );
  });

  it('hold, and an order meanwhile counts when they resume', () => {
    const requests = [
      request(HOUR, 'hold'),
      request(6 * HOUR, 'resume'),
      request(7 * HOUR, 'resume'),
    ];
    const enrolment = only(run({ log: logOf([0, cart()], [2 * HOUR, order()]), requests }));
    expect(enrolment.outcome).toBe('exited:ordered');
    expect(enrolment.requests.map(({ refused }) => refused)).toEqual([null, null]);
  });

  it('are refused what does not fit', () => {
    const enrolment = only(run({ log: logOf([0, cart()]), requests: [request(HOUR, 'resume')] }));
    expect(enrolment.requests).toEqual([{ request: { kind: 'resume' }, refused: 'not_held' }]);
  });
});
