import { describe, expect, it } from '@jest/globals';
import { chooseInput, type Pending } from './choose-input.js';
import { NOON, ref } from './testing/builders.js';
import type { Place, RunState } from './types.js';

const NOTHING: Pending = { exit: null, wait: null, delivery: null, request: null, enteredAt: NOON };
const at = (place: Place): RunState => ({ place, visits: {}, taken: 0 });
const waiting = at({ kind: 'waiting', step: 'w', visit: 1, deadline: NOON + 100 });
const delivering = at({ kind: 'delivering', step: 'd', visit: 1, expiresAt: NOON });
const held = at({ kind: 'held', reason: 'x', from: { kind: 'at', step: 'w' } });
const open = { fired: null, deadline: NOON + 100, passed: false };
const passed = { ...open, passed: true };
const fired = { ...open, fired: { branch: 'b', ref: ref(5, NOON + 50) } };
const exitAt = (position: number, clock: number) => ({ reason: 'left', ref: ref(position, clock) });
const request = { request: { kind: 'hold', reason: 'x' } as const, instant: NOON + 7 };
const settled = { outcome: { kind: 'accepted' } as const, instant: NOON + 60 };

describe('the input that a run is told next', () => {
  it.each<[string, RunState, Partial<Pending>, unknown]>([
    [
      'enters with the stamp of the trigger',
      at({ kind: 'entering' }),
      { exit: exitAt(2, NOON + 1) },
      { kind: 'enter', instant: NOON },
    ],
    [
      'is none at the end',
      at({ kind: 'ended', outcome: 'x' }),
      { exit: exitAt(2, NOON), request },
      null,
    ],
    ['is none while a wait lasts', waiting, { wait: open }, null],
    [
      'is the firing',
      waiting,
      { wait: { ...fired, passed: true } },
      { kind: 'fired', branch: 'b', instant: NOON + 50 },
    ],
    [
      'is the timeout, at the deadline and not at the time of looking',
      waiting,
      { wait: passed },
      { kind: 'timeout', instant: NOON + 100 },
    ],
    [
      'is an exit before the firing',
      waiting,
      { wait: fired, exit: exitAt(4, NOON + 40) },
      { kind: 'exit', reason: 'left', instant: NOON + 40 },
    ],
    [
      'is an exit by the very input that the wait was for',
      waiting,
      { wait: fired, exit: exitAt(5, NOON + 50) },
      { kind: 'exit', reason: 'left', instant: NOON + 50 },
    ],
    [
      'is a firing before the exit',
      waiting,
      { wait: fired, exit: exitAt(6, NOON + 50) },
      { kind: 'fired', branch: 'b', instant: NOON + 50 },
    ],
    [
      'is an exit at the deadline',
      waiting,
      { wait: passed, exit: exitAt(9, NOON + 100) },
      { kind: 'exit', reason: 'left', instant: NOON + 100 },
    ],
    [
      'is a timeout before a later exit',
      waiting,
      { wait: passed, exit: exitAt(9, NOON + 101) },
      { kind: 'timeout', instant: NOON + 100 },
    ],
    [
      'is an exit during the wait',
      waiting,
      { wait: open, exit: exitAt(9, NOON + 1) },
      { kind: 'exit', reason: 'left', instant: NOON + 1 },
    ],
    [
      'is a request when nothing else has happened',
      waiting,
      { wait: open, request },
      { kind: 'operator', ...request },
    ],
    [
      'is what happened before a request',
      waiting,
      { wait: fired, request },
      { kind: 'fired', branch: 'b', instant: NOON + 50 },
    ],
    [
      'is an exit from a hold',
      held,
      { exit: exitAt(9, NOON + 1), request },
      { kind: 'exit', reason: 'left', instant: NOON + 1 },
    ],
    ['is a request in a hold', held, { request }, { kind: 'operator', ...request }],
    [
      'is none while an attempt may be at the provider',
      delivering,
      { delivery: 'under_way', exit: exitAt(9, NOON), request },
      null,
    ],
    [
      'is the outcome',
      delivering,
      { delivery: settled, request },
      { kind: 'delivered', ...settled },
    ],
    [
      'is an exit that tells the outcome',
      delivering,
      { delivery: settled, exit: exitAt(9, NOON + 55) },
      { kind: 'exit', reason: 'left', ...settled },
    ],
    [
      'is an exit out of a delivery that is kept',
      delivering,
      { delivery: 'open', exit: exitAt(9, NOON + 55) },
      { kind: 'exit', reason: 'left', instant: NOON + 55 },
    ],
    [
      'is a request out of a delivery that is kept',
      delivering,
      { delivery: 'open', request },
      { kind: 'operator', ...request },
    ],
    ['is none while a delivery is kept', delivering, { delivery: 'open' }, null],
  ])('%s', (_, state, pending, expected) => {
    expect(chooseInput(state, { ...NOTHING, ...pending })).toEqual(expected);
  });
});
