import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { utf8Length } from '../shared/index.js';
import { advance, initialState } from './advance.js';
import { arbitraryJourney } from './testing/arbitrary-journey.js';
import { arbitraryOutcome, arbitraryRequest } from './testing/arbitrary-stream.js';
import { NOON, trigger, view } from './testing/builders.js';
import type {
  Advance,
  Command,
  JourneyDefinition,
  JourneyInput,
  RunState,
  StepView,
} from './types.js';

/** An input as chosen by chance: what fits the place most of the time, and anything at all for the rest. */
interface Move {
  readonly fits: boolean;
  readonly pick: number;
  readonly anything: JourneyInput;
  readonly segments: readonly string[];
}

const arbitraryInput: fc.Arbitrary<JourneyInput> = fc.oneof(
  fc.record({ kind: fc.constant('enter' as const), instant: fc.constant(NOON) }),
  fc.record({ kind: fc.constant('timeout' as const), instant: fc.constant(NOON + 1) }),
  fc.record({
    kind: fc.constant('fired' as const),
    branch: fc.constantFrom('b0', 'b1', 'b9'),
    instant: fc.constant(NOON),
  }),
  fc.record({
    kind: fc.constant('delivered' as const),
    outcome: arbitraryOutcome(),
    instant: fc.constant(NOON),
  }),
  fc.record({
    kind: fc.constant('operator' as const),
    request: arbitraryRequest(),
    instant: fc.constant(NOON),
  }),
);

const arbitraryMoves = fc.array(
  fc.record<Move>({
    fits: fc.oneof(
      { weight: 4, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.constant(false) },
    ),
    pick: fc.nat(1_000),
    anything: arbitraryInput,
    segments: fc.subarray(['vip', 'lapsed']),
  }),
  { maxLength: 40 },
);

function inputFor({ fits, pick, anything }: Move, command: Command, instant: number): JourneyInput {
  if (!fits) return anything;
  if (command.kind === 'deliver') {
    const outcomes = [
      { kind: 'accepted' },
      { kind: 'unknown' },
      { kind: 'failed', code: 'x' },
    ] as const;
    return { kind: 'delivered', outcome: outcomes[pick % 3] ?? { kind: 'accepted' }, instant };
  }
  if (command.kind === 'end') return anything;
  if (command.deadline === null) {
    const request =
      pick % 2 === 0 ? ({ kind: 'resume' } as const) : ({ kind: 'retryStep' } as const);
    return { kind: 'operator', request, instant };
  }
  const branch = command.subscriptions[pick % (command.subscriptions.length + 1)]?.branch;
  return branch === undefined
    ? { kind: 'timeout', instant: command.deadline }
    : { kind: 'fired', branch, instant };
}

interface Told {
  readonly input: JourneyInput;
  readonly before: RunState;
  readonly after: Advance;
  readonly seen: StepView;
}

function walk(definition: JourneyDefinition, moves: readonly Move[]): readonly Told[] {
  const told: Told[] = [];
  let state = initialState();
  const tell = (input: JourneyInput, segments: readonly string[]) => {
    const seen = view({ segments: new Set(segments), trigger: trigger({ k: 'a', amount: 1 }) });
    const after = advance(definition, state, input, seen);
    told.push({ input, before: state, after, seen });
    state = after.state;
    return after.command;
  };
  let command = tell({ kind: 'enter', instant: NOON }, []);
  moves.forEach((move, index) => {
    command = tell(inputFor(move, command, NOON + index), move.segments);
  });
  return told;
}

const property = (check: (definition: JourneyDefinition, told: readonly Told[]) => void) => {
  fc.assert(
    fc.property(arbitraryJourney(), arbitraryMoves, (definition, moves) => {
      check(definition, walk(definition, moves));
    }),
    { numRuns: 400 },
  );
};

describe('the step machine, over random journeys and inputs', () => {
  it('is never stuck: it waits for something, delivers, is held in sight, or has ended', () => {
    property((definition, told) => {
      for (const { after } of told) {
        const { command, state } = after;
        const { place } = state;
        if (command.kind === 'wait') {
          const isWaiting = command.deadline !== null && place.kind === 'waiting';
          expect(isWaiting || place.kind === 'held').toBe(true);
          expect(Object.keys(definition.steps)).toContain(command.step);
        } else {
          expect(place.kind).toBe(command.kind === 'end' ? 'ended' : 'delivering');
        }
      }
    });
  });

  it('never gives the same (step, visit) to two deliveries', () => {
    property((_, told) => {
      const keys = told
        .filter(({ after }) => after.refused === undefined)
        .flatMap(({ after: { command } }) =>
          command.kind === 'deliver' ? [`${command.step}:${command.visit}`] : [],
        );
      expect(new Set(keys).size).toBe(keys.length);
    });
  });

  it('never leaves the end', () => {
    property((_, told) => {
      for (const { before, after } of told) {
        if (before.place.kind !== 'ended') continue;
        expect(after.refused).toBe('ended');
        expect(after.state).toBe(before);
      }
    });
  });

  it('gives the same answer to the same question, and states survive JSON', () => {
    property((definition, told) => {
      for (const { input, before, after, seen } of told) {
        expect(JSON.parse(JSON.stringify(before))).toStrictEqual(before);
        expect(JSON.parse(JSON.stringify(after.command))).toStrictEqual(after.command);
        expect(advance(definition, structuredClone(before), input, seen)).toStrictEqual(after);
      }
    });
  });

  it('keeps what the driver is told under 1 KB', () => {
    property((_, told) => {
      for (const { after } of told) {
        const { command } = after;
        const told1 = command.kind === 'wait' ? { ...command, subscriptions: [] } : command;
        expect(utf8Length(JSON.stringify(told1))).toBeLessThanOrEqual(1_024);
      }
    });
  });

  it('ends by an exit from every place', () => {
    property((definition, told) => {
      for (const { after, seen } of told) {
        if (after.state.place.kind === 'ended') continue;
        const left = advance(
          definition,
          after.state,
          { kind: 'exit', reason: 'left', instant: NOON },
          seen,
        );
        expect(left.command).toEqual({ kind: 'end', outcome: 'exited:left' });
        expect(left.refused).toBeUndefined();
      }
    });
  });

  it('applies a request of an operator, or refuses it and changes nothing', () => {
    fc.assert(
      fc.property(
        arbitraryJourney(),
        arbitraryMoves,
        arbitraryRequest(),
        (definition, moves, request) => {
          for (const { after, seen } of walk(definition, moves)) {
            const answer = advance(
              definition,
              after.state,
              { kind: 'operator', request, instant: NOON },
              seen,
            );
            if (answer.refused === undefined) expect(answer.trail.length).toBeGreaterThan(0);
            else
              expect(answer).toMatchObject({
                state: after.state,
                command: after.command,
                trail: [],
                updates: [],
              });
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('stamps every entry of the trail with the instant of its input', () => {
    property((_, told) => {
      for (const { input, after } of told) {
        expect(after.trail.every(({ at }) => at === input.instant)).toBe(true);
      }
    });
  });

  it('counts every visit once', () => {
    property((_, told) => {
      const stepped = told.flatMap(({ after }) =>
        after.trail.filter(({ kind }) => kind === 'stepped'),
      );
      const last = told.at(-1)?.after.state;
      const visits = Object.values(last?.visits ?? {}).reduce((sum, count) => sum + count, 0);
      expect(visits).toBe(stepped.length);
      expect(last?.taken).toBe(stepped.length);
    });
  });
});
