import { describe, expect, it } from '@jest/globals';
import { cartJourney, DONE, journey, mail, NOON } from './testing/builders.js';
import { HOUR } from './testing/play.js';
import { cart, logOf, only, order, run, story } from './testing/virtual-log.js';

/** Steps by seq, in ms after noon; a step that is not named was never made. */
function recorded(...steps: readonly number[]) {
  return {
    stepAt: (_enrolment: string, seq: number) => {
      const afterMs = steps[seq - 1];
      return afterMs === undefined ? Infinity : NOON + afterMs;
    },
  };
}

/** Asks at its first step whether the person is a gold one. */
const asking = journey({
  ask: {
    kind: 'split',
    branches: [
      { id: 'gold', when: { trait: 'plan', op: 'equals', value: 'gold' }, next: 'golden' },
    ],
    else: 'done',
  },
  golden: { kind: 'exit', reason: 'gold' },
  done: DONE,
});

describe('the past in virtual time', () => {
  it('makes each step where it was made, and stops where it stopped', () => {
    const log = logOf([0, cart()]);
    expect(story(only(run({ log, recorded: recorded(7) })))).toEqual([
      'entered - +0',
      'stepped wait +0',
      'waiting wait +0',
    ]);
    expect(only(run({ log, recorded: recorded() })).trail).toEqual([]);
  });

  it('decides by the log although the step was made late', () => {
    const log = logOf([0, cart()], [3 * HOUR, order()]);
    const enrolment = only(run({ log, recorded: recorded(5 * HOUR, 5 * HOUR) }));
    expect(story(enrolment)).toEqual([
      'entered - +0',
      'stepped wait +0',
      'waiting wait +0',
      `fired wait +${3 * HOUR}`,
      `stepped bought +${3 * HOUR}`,
      `ended bought +${3 * HOUR}`,
    ]);
  });

  it('reads what the lane had come to, traits of the log among it', () => {
    const [entered, changed] = logOf([0, cart()], [1_000, ['Identify', {}]]);
    if (entered === undefined || changed === undefined) throw new TypeError('no log');
    const log = [entered, { ...changed, traits: { plan: 'gold' } }];
    const outcomeAt = (afterMs: number) =>
      only(run({ definitions: [asking], log, recorded: recorded(afterMs) })).outcome;
    expect(outcomeAt(999.5)).toBe('completed');
    expect(outcomeAt(1_000)).toBe('exited:gold');
  });

  it('lets the log bring what a step had set, and not the step itself', () => {
    const definition = journey({
      mark: { kind: 'updateProfile', traits: { plan: 'gold' }, next: 'rest' },
      rest: { kind: 'delay', duration: 'PT1H', next: 'ask' },
      ...asking.steps,
    });
    const log = logOf([0, cart()]);
    const definitions = [definition];
    expect(only(run({ definitions, log })).outcome).toBe('exited:gold');
    expect(only(run({ definitions, log, recorded: recorded(0, HOUR) })).outcome).toBe('completed');
  });

  it('counts from the instant at which a delivery settled, known before the log has come there', () => {
    const definition = cartJourney({
      start: 'remind',
      steps: {
        remind: mail('rest'),
        rest: { kind: 'delay', duration: 'PT1H', next: 'done' },
        done: DONE,
      },
    });
    const outcomes = () => ({ outcome: { kind: 'accepted' } as const, settledAt: NOON + 250 });
    const enrolment = only(
      run({
        definitions: [definition],
        log: logOf([0, cart()]),
        outcomes,
        recorded: recorded(0, 100, 2 * HOUR),
      }),
    );
    expect(story(enrolment).slice(2)).toEqual([
      'sent remind +250',
      'stepped rest +250',
      'waiting rest +250',
      `timed_out rest +${HOUR + 250}`,
      `stepped done +${HOUR + 250}`,
      `ended done +${HOUR + 250}`,
    ]);
  });
});
