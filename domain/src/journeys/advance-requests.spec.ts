import { describe, expect, it } from '@jest/globals';
import { initialState, withDeadline } from './advance.js';
import { cartJourney, NOON } from './testing/builders.js';
import { ask, delivered, HOUR, play, tell, timeout, trailOf } from './testing/play.js';
import type { JourneyInput } from './types.js';

const failed = delivered({ kind: 'failed', code: 'smtp_550' });

describe('an exit', () => {
  const leave: JourneyInput = { kind: 'exit', reason: 'consent_revoked', instant: NOON + 3 };
  const hold = ask({ kind: 'hold', reason: 'asked' });

  it.each([
    ['a wait', [], 'wait'],
    ['a delivery', [timeout], 'remind'],
    ['a hold', [hold], 'wait'],
    ['a failure', [timeout, failed], 'remind'],
  ])('from %s ends at once and says where', (_, before, step) => {
    const { state, command, trail } = play(cartJourney(), ...before, leave);
    expect(command).toEqual({ kind: 'end', outcome: 'exited:consent_revoked' });
    expect(state.place).toEqual({ kind: 'ended', outcome: 'exited:consent_revoked' });
    expect(trail).toEqual([
      {
        kind: 'ended',
        step,
        visit: 1,
        at: NOON + 3,
        detail: { outcome: 'exited:consent_revoked' },
      },
    ]);
  });

  it('before the first step ends too', () => {
    expect(tell(cartJourney(), initialState(), leave).command).toEqual({
      kind: 'end',
      outcome: 'exited:consent_revoked',
    });
  });

  it('tells of the delivery that had settled, and goes nowhere from there', () => {
    const { trail } = play(cartJourney(), timeout, { ...leave, outcome: { kind: 'accepted' } });
    expect(trail.map(({ kind, step }) => [kind, step])).toEqual([
      ['sent', 'remind'],
      ['ended', 'remind'],
    ]);
  });

  it('with an outcome fits a delivery only', () => {
    expect(play(cartJourney(), { ...leave, outcome: { kind: 'accepted' } }).refused).toBe(
      'not_delivering',
    );
  });

  it('is final: nothing applies afterwards', () => {
    const ended = play(cartJourney(), leave);
    for (const input of [leave, timeout, failed, hold, ask({ kind: 'forceExit', reason: 'x' })]) {
      expect(tell(cartJourney(), ended.state, input)).toMatchObject({
        state: ended.state,
        command: ended.command,
        refused: 'ended',
      });
    }
  });
});

describe('inputs that do not fit the place', () => {
  const fired: JourneyInput = { kind: 'fired', branch: 'ordered', instant: NOON };
  it.each([
    ['a firing while delivering', [timeout], fired, 'not_waiting'],
    ['a timeout while delivering', [timeout], timeout, 'not_waiting'],
    ['a branch that is none', [], { ...fired, branch: 'nope' }, 'no_such_branch'],
    ['an outcome while waiting', [], failed, 'not_delivering'],
    ['a timeout while held', [ask({ kind: 'hold', reason: 'x' })], timeout, 'not_waiting'],
  ])('%s changes nothing', (_, before, input, refused) => {
    const standing = play(cartJourney(), ...before);
    const answer = tell(cartJourney(), standing.state, input);
    expect(answer).toEqual({
      state: standing.state,
      command: standing.command,
      trail: [],
      updates: [],
      refused,
    });
  });

  it.each([fired, timeout, failed])(
    'before the first step %p is refused with a command that waits',
    (input) => {
      const answer = tell(cartJourney(), initialState(), input);
      expect(answer.refused).toBeDefined();
      expect(answer.command).toMatchObject({
        kind: 'wait',
        step: 'wait',
        visit: 0,
        deadline: null,
      });
    },
  );
});

describe('operators', () => {
  const skip = (step: string, visit: number): JourneyInput =>
    ask({ kind: 'skipWait', step, visit });
  const hold = ask({ kind: 'hold', reason: 'Ada asked us to' });
  const resume = ask({ kind: 'resume' });
  const retry = ask({ kind: 'retryStep' });

  it('skip a wait the way its timeout goes', () => {
    const skipped = play(cartJourney(), skip('wait', 1));
    expect(skipped.command).toMatchObject({ kind: 'deliver', step: 'remind' });
    expect(trailOf(skipped)).toEqual([
      ['operated', 'wait', 1, NOON + 5, { request: 'skipWait' }],
      ['stepped', 'remind', 1, NOON + 5, { kind: 'message' }],
    ]);
  });

  it('hold a wait and resume it with the same deadline', () => {
    const held = play(cartJourney(), hold);
    expect(held.command).toEqual({
      kind: 'wait',
      step: 'wait',
      visit: 1,
      deadline: null,
      subscriptions: [],
      summary: 'held at wait',
    });
    const before = play(cartJourney());
    const resumed = tell(cartJourney(), held.state, resume);
    expect(resumed.command).toEqual(before.command);
    expect(resumed.state).toEqual(before.state);
    expect(resumed.trail.map(({ kind }) => kind)).toEqual(['resumed']);
  });

  it('hold before the first step, and resume into it', () => {
    const held = tell(cartJourney(), initialState(), hold);
    expect(held.state.place).toMatchObject({ kind: 'held', from: { kind: 'at', step: 'wait' } });
    expect(tell(cartJourney(), held.state, resume).command).toMatchObject({
      kind: 'wait',
      step: 'wait',
      visit: 1,
    });
  });

  it('retry a failed step as a new visit', () => {
    const again = play(cartJourney(), timeout, failed, retry);
    expect(again.command).toMatchObject({
      kind: 'deliver',
      step: 'remind',
      visit: 2,
      expiresAt: NOON + 5 + 6 * HOUR,
    });
    expect(again.trail.map(({ kind }) => kind)).toEqual(['operated', 'stepped']);
  });

  it.each([
    ['waiting', [], 'wait'],
    ['delivering', [timeout], 'remind'],
    ['held', [hold], 'wait'],
  ])('force an exit while %s', (_, before, step) => {
    const left = play(cartJourney(), ...before, ask({ kind: 'forceExit', reason: 'asked' }));
    expect(left.command).toEqual({ kind: 'end', outcome: 'exited:asked' });
    expect(left.trail.map((entry) => [entry.kind, entry.step])).toEqual([
      ['operated', step],
      ['ended', step],
    ]);
  });

  it.each([
    ['skipWait at another visit', [], skip('wait', 2), 'not_waiting_there'],
    ['skipWait at another step', [], skip('remind', 1), 'not_waiting_there'],
    ['skipWait while delivering', [timeout], skip('wait', 1), 'not_waiting_there'],
    ['skipWait while held', [hold], skip('wait', 1), 'held'],
    ['hold while delivering', [timeout], hold, 'delivering'],
    ['hold while held', [hold], hold, 'held'],
    ['resume while waiting', [], resume, 'not_held'],
    ['resume past a failure', [timeout, failed], resume, 'failed'],
    ['retryStep while waiting', [], retry, 'not_failed'],
    ['retryStep while held by an operator', [hold], retry, 'not_failed'],
  ])('are refused %s', (_, before, input, refused) => {
    const standing = play(cartJourney(), ...before);
    const answer = tell(cartJourney(), standing.state, input);
    expect(answer).toEqual({
      state: standing.state,
      command: standing.command,
      trail: [],
      updates: [],
      refused,
    });
  });

  it('keep their own words out of commands', () => {
    expect(JSON.stringify(play(cartJourney(), hold).command)).not.toContain('Ada');
  });
});

describe('a deadline that moved', () => {
  it('replaces that of a wait, also through a hold', () => {
    const moved = withDeadline(play(cartJourney()).state, NOON + 9 * HOUR);
    const held = tell(cartJourney(), moved, ask({ kind: 'hold', reason: 'x' }));
    const resumed = tell(cartJourney(), held.state, ask({ kind: 'resume' }));
    expect(resumed.command).toMatchObject({ deadline: NOON + 9 * HOUR });
  });

  it('leaves every other place alone', () => {
    const delivering = play(cartJourney(), timeout).state;
    expect(withDeadline(delivering, 1)).toBe(delivering);
  });
});
