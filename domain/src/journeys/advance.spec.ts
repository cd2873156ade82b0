import { describe, expect, it } from '@jest/globals';
import { advance, initialState } from './advance.js';
import { cartJourney, DONE, journey, mail, NOON, trigger, view } from './testing/builders.js';
import { delivered, HOUR, play, tell, timeout, trailOf } from './testing/play.js';
import { MAX_INSTANT_STEPS, MAX_VISITS } from './walk.js';
import type { JourneyInput, RunState, Step } from './types.js';

const failed = delivered({ kind: 'failed', code: 'smtp_550' });

describe('entering', () => {
  it('runs to the first wait, with a deadline that counts from the input', () => {
    const { state, command, trail } = tell(cartJourney(), initialState(), {
      kind: 'enter',
      instant: NOON,
    });
    expect(state).toEqual({
      place: { kind: 'waiting', step: 'wait', visit: 1, deadline: NOON + 4 * HOUR },
      visits: { wait: 1 },
      taken: 1,
    });
    expect(command).toEqual({
      kind: 'wait',
      step: 'wait',
      visit: 1,
      deadline: NOON + 4 * HOUR,
      subscriptions: [
        {
          branch: 'ordered',
          on: { kind: 'event', event: 'Order Completed', same: 'cart_id' },
          sameValue: 'c1',
        },
      ],
      summary: 'wait up to 4 h for Order Completed (same cart_id)',
    });
    expect(trail.map(({ kind }) => kind)).toEqual(['entered', 'stepped', 'waiting']);
  });

  it('is refused a second time and answers with the very same command', () => {
    const first = tell(cartJourney(), initialState(), { kind: 'enter', instant: NOON });
    const second = tell(cartJourney(), first.state, { kind: 'enter', instant: NOON + 1 });
    expect(second).toEqual({
      state: first.state,
      command: first.command,
      trail: [],
      updates: [],
      refused: 'already_entered',
    });
    expect(second.state).toBe(first.state);
  });

  it('leaves a branch without a value when the trigger has none to compare', () => {
    const bare = view({ trigger: trigger({}) });
    const { command } = advance(
      cartJourney(),
      initialState(),
      { kind: 'enter', instant: NOON },
      bare,
    );
    expect(command).toMatchObject({ subscriptions: [{ branch: 'ordered' }] });
    expect(JSON.stringify(command)).not.toContain('sameValue');
  });
});

describe('a wait', () => {
  it('takes the branch that fired', () => {
    const fired = play(cartJourney(), { kind: 'fired', branch: 'ordered', instant: NOON + 9 });
    expect(fired.command).toEqual({ kind: 'end', outcome: 'exited:ordered' });
    expect(trailOf(fired)).toEqual([
      ['fired', 'wait', 1, NOON + 9, { branch: 'ordered' }],
      ['stepped', 'bought', 1, NOON + 9, { kind: 'exit' }],
      ['ended', 'bought', 1, NOON + 9, { outcome: 'exited:ordered' }],
    ]);
  });

  it('takes its timeout, and the message after it expires counted from there', () => {
    const late = play(cartJourney(), timeout);
    expect(late.command).toEqual({
      kind: 'deliver',
      step: 'remind',
      visit: 1,
      connection: 'shop-mail',
      action: 'send',
      expiresAt: NOON + 10 * HOUR,
      summary: 'e-mail · cart_reminder → shop-mail',
    });
    expect(late.trail.map(({ kind }) => kind)).toEqual(['timed_out', 'stepped']);
  });

  it('goes on after a delay', () => {
    const plain = journey({ pause: { kind: 'delay', duration: 'P2D', next: 'done' }, done: DONE });
    const waiting = play(plain);
    expect(waiting.command).toMatchObject({
      kind: 'wait',
      deadline: NOON + 48 * HOUR,
      summary: 'wait 2 d',
    });
    expect(play(plain, timeout).command).toEqual({ kind: 'end', outcome: 'completed' });
  });

  it.each([
    [true, new Set(['vip']), 'entered', 'end'],
    [true, new Set<string>(), 'left', 'end'],
    [true, new Set<string>(), 'entered', 'wait'],
    [false, new Set(['vip']), 'entered', 'wait'],
  ] as const)(
    'with alreadyTrue %s, segments %p and on %s comes to %s',
    (alreadyTrue, segments, on, kind) => {
      const definition = journey({
        wait: {
          kind: 'waitFor',
          branches: [{ id: 'in', on: { kind: 'segment', segment: 'vip', on }, next: 'done' }],
          timeout: { after: 'PT1H', next: 'done' },
          alreadyTrue,
        },
        done: DONE,
      });
      const result = advance(
        definition,
        initialState(),
        { kind: 'enter', instant: NOON },
        view({ segments }),
      );
      expect(result.command.kind).toBe(kind);
      const fired = result.trail.find((entry) => entry.kind === 'fired');
      expect(fired?.detail).toEqual(kind === 'end' ? { branch: 'in', already: true } : undefined);
    },
  );
});

describe('a delivery', () => {
  const branching = journey({
    mail: mail('done', { onError: 'sorry', onUnknown: 'unsure' }),
    done: DONE,
    sorry: { kind: 'exit', reason: 'failed' },
    unsure: { kind: 'exit', reason: 'unsure' },
  });
  const plain = journey({ mail: mail('done'), done: DONE });

  it.each([
    ['accepted', plain, { kind: 'accepted' }, 'completed', ['sent', {}]],
    [
      'skipped',
      plain,
      { kind: 'skipped', reason: 'no_consent' },
      'completed',
      ['skipped', { reason: 'no_consent' }],
    ],
    [
      'skipped because of an exit',
      plain,
      { kind: 'skipped', reason: 'exited' },
      'exited:exited',
      ['skipped', { reason: 'exited' }],
    ],
    [
      'failed with a branch',
      branching,
      { kind: 'failed', code: 'x' },
      'exited:failed',
      ['failed', { code: 'x' }],
    ],
    ['unknown with a branch', branching, { kind: 'unknown' }, 'exited:unsure', ['unknown', {}]],
    ['unknown without one', plain, { kind: 'unknown' }, 'completed', ['unknown', {}]],
  ] as const)('that was %s ends as its branch says', (_, definition, outcome, end, entry) => {
    const result = play(definition, delivered(outcome));
    expect(result.command).toEqual({ kind: 'end', outcome: end });
    const [first] = result.trail;
    expect([first?.kind, first?.detail]).toEqual(entry);
    expect(first).toMatchObject({ step: 'mail', visit: 1, at: NOON + 4 * HOUR + 7 });
  });

  it('that failed without a branch is held, visible by its code', () => {
    const { state, command, trail } = play(plain, failed);
    expect(state.place).toEqual({
      kind: 'held',
      reason: 'smtp_550',
      from: { kind: 'failed', step: 'mail', visit: 1 },
    });
    expect(command).toEqual({
      kind: 'wait',
      step: 'mail',
      visit: 1,
      deadline: null,
      subscriptions: [],
      summary: 'held at mail: smtp_550',
    });
    expect(trail.map(({ kind }) => kind)).toEqual(['failed', 'held']);
  });

  it('to a destination carries its action and no input', () => {
    const send: Step = {
      kind: 'sendToDestination',
      connection: 'hook',
      action: 'post',
      input: { a: 1 },
      next: 'done',
    };
    const { command } = play(journey({ send, done: DONE }));
    expect(command).toMatchObject({
      kind: 'deliver',
      connection: 'hook',
      action: 'post',
      summary: 'post → hook',
    });
  });
});

describe('steps that take no time', () => {
  const split = journey({
    split: {
      kind: 'split',
      branches: [
        { id: 'gold', when: { trait: 'plan', op: 'equals', value: 'gold' }, next: 'mark' },
        { id: 'vip', when: { segment: 'vip' }, next: 'done' },
      ],
      else: 'other',
    },
    mark: {
      kind: 'updateProfile',
      traits: { seen: true, cart: { $path: 'trigger.properties.cart_id' } },
      next: 'done',
    },
    done: DONE,
    other: { kind: 'exit', reason: 'other' },
  });
  const enter: JourneyInput = { kind: 'enter', instant: NOON };
  const gold = { plan: { v: 'gold', t: 0, p: 0, o: 0, s: null } };

  it.each([
    ['gold', view({ traits: gold, segments: new Set(['vip']) }), 'completed'],
    ['vip', view({ segments: new Set(['vip']) }), 'completed'],
    ['else', view(), 'exited:other'],
  ])('split to %s, the first that holds', (branch, seen, outcome) => {
    const result = advance(split, initialState(), enter, seen);
    expect(result.command).toEqual({ kind: 'end', outcome });
    expect(result.trail.find(({ kind }) => kind === 'branched')?.detail).toEqual({ branch });
  });

  it('write traits through updates, and only their names into the trail', () => {
    const { updates, trail } = advance(split, initialState(), enter, view({ traits: gold }));
    expect(updates).toEqual([{ step: 'mark', visit: 1, traits: { seen: true, cart: 'c1' } }]);
    expect(trail.find(({ kind }) => kind === 'updated')?.detail).toEqual({
      traits: ['cart', 'seen'],
    });
    expect(JSON.stringify(trail)).not.toContain('c1');
  });

  it('are held when they go round for ever', () => {
    const loop = journey({
      a: { kind: 'updateProfile', traits: { x: 1 }, next: 'b' },
      b: { kind: 'updateProfile', traits: { y: 1 }, next: 'a' },
    });
    const { state, command } = play(loop);
    expect(state.place).toEqual({
      kind: 'held',
      reason: 'too_many_steps',
      from: { kind: 'at', step: 'a' },
    });
    expect(state.taken).toBe(MAX_INSTANT_STEPS);
    expect(command).toMatchObject({
      kind: 'wait',
      deadline: null,
      step: 'a',
      visit: MAX_INSTANT_STEPS / 2,
    });
  });

  it('are held at a step that the definition does not have, by whatever name', () => {
    const dangling = journey({ a: { kind: 'delay', duration: 'PT1S', next: 'constructor' } });
    expect(play(dangling, timeout).state.place).toMatchObject({
      kind: 'held',
      reason: 'unknown_step',
    });
  });
});

describe('a step visited too often', () => {
  it('is held instead of entered once more', () => {
    const definition = journey({ a: { kind: 'delay', duration: 'PT1S', next: 'a' } });
    const state: RunState = { ...play(definition).state, visits: { a: MAX_VISITS } };
    const { state: after } = tell(definition, state, timeout);
    expect(after.place).toEqual({
      kind: 'held',
      reason: 'too_many_steps',
      from: { kind: 'at', step: 'a' },
    });
    expect(after.visits).toEqual({ a: MAX_VISITS });
  });
});
