import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  JOURNEY_LIMITS,
  JourneyDefinitionSchema,
  parseJourney,
  type EntrySchema,
  type StepSchema,
  type TriggerSchema,
} from './schemas.js';
import { cartJourney } from './testing/builders.js';
import type { Entry, JourneyDefinition, Step, Trigger } from './types.js';

/** Fails to compile where a schema gives something that is not of the type, or a kind is missing in it. */
type Assignable<From extends To, To> = [From, To];
export type SchemasFitTypes = [
  Assignable<z.output<typeof JourneyDefinitionSchema>, JourneyDefinition>,
  Assignable<z.output<typeof StepSchema>, Step>,
  Assignable<Step['kind'], z.output<typeof StepSchema>['kind']>,
  Assignable<z.output<typeof EntrySchema>, Entry>,
  Assignable<Entry['reentry'], z.output<typeof EntrySchema>['reentry']>,
  Assignable<z.output<typeof TriggerSchema>, Trigger>,
  Assignable<keyof JourneyDefinition, keyof z.output<typeof JourneyDefinitionSchema>>,
];

const MINIMAL = {
  key: 'cart',
  name: 'Cart',
  trigger: { kind: 'event', event: 'Cart Updated' },
  start: 'done',
  steps: { done: { kind: 'exit' } },
};

function faultsOf(value: unknown): readonly string[] {
  const parsed = parseJourney(value);
  return parsed.ok ? [] : parsed.fault.map(({ path }) => path);
}

const withStep = (step: unknown) => ({
  ...MINIMAL,
  start: 'a',
  steps: { a: step, done: { kind: 'exit' } },
});
const withWait = (after: unknown) => withStep({ kind: 'delay', duration: after, next: 'done' });
const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });

describe('the schema of journeys', () => {
  it('fills in what was left out', () => {
    expect(parseJourney(MINIMAL)).toEqual({
      ok: true,
      value: {
        ...MINIMAL,
        steps: { done: { kind: 'exit', reason: 'completed' } },
        entry: { reentry: 'once' },
        exits: [],
        goals: [],
        purpose: null,
        maxTriggerAge: 'PT1H',
        messageExpiry: 'PT6H',
      },
    });
  });

  it('keeps a whole definition as it is', () => {
    const whole = cartJourney({
      exits: [{ id: 'x', kind: 'segment', segment: 'vip', on: 'left', reason: 'vip' }],
    });
    expect(parseJourney(structuredClone(whole))).toEqual({ ok: true, value: whole });
  });

  it('takes a goal with a window of its own, and a send with its own word on consent', () => {
    const send = { kind: 'sendToDestination', connection: 'ads', action: 'post', input: {} };
    for (const consent of ['none', { channel: 'ads' }]) {
      const asked = {
        ...withStep({ ...send, consent, next: 'done' }),
        goals: [{ id: 'g', kind: 'event', event: 'Bought', window: { days: 90 } }],
      };
      expect(parseJourney(asked)).toMatchObject({ ok: true, value: { goals: asked.goals } });
    }
  });

  it.each([
    ['another property', { ...MINIMAL, colour: 'red' }, ''],
    ['another property of a step', withStep({ kind: 'exit', reason: 'x', next: 'y' }), 'steps.a'],
    ['an unknown kind of step', withStep({ kind: 'teleport', next: 'done' }), 'steps.a.kind'],
    ['an unknown trigger', { ...MINIMAL, trigger: { kind: 'moon' } }, 'trigger.kind'],
    ['a key with capitals', { ...MINIMAL, key: 'Cart' }, 'key'],
    ['a key of 64 characters', { ...MINIMAL, key: 'x'.repeat(64) }, 'key'],
    ['no name', { ...MINIMAL, name: '' }, 'name'],
    [
      'a NUL in an event name',
      { ...MINIMAL, trigger: { kind: 'event', event: 'a\u0000' } },
      'trigger.event',
    ],
    ['half a character in a name', { ...MINIMAL, name: '\ud800' }, 'name'],
    ['no steps', { ...MINIMAL, steps: {} }, 'steps'],
    ['an id with a space', { ...MINIMAL, steps: { 'a b': { kind: 'exit' } } }, 'steps.a b'],
    [
      'an id of the runtime',
      { ...MINIMAL, steps: { constructor: { kind: 'exit' } } },
      'steps.constructor',
    ],
    [
      'a next of the runtime',
      withStep({ kind: 'delay', duration: 'PT1S', next: '__proto__' }),
      'steps.a.next',
    ],
    [
      'too many open at once',
      { ...MINIMAL, entry: { reentry: 'perKey', path: 'x', maxConcurrent: 101 } },
      'entry.maxConcurrent',
    ],
    [
      'a negative gap',
      { ...MINIMAL, entry: { reentry: 'afterExit', minGap: { days: -1 } } },
      'entry.minGap.days',
    ],
    [
      'a goal that counts for longer than a quarter of a year',
      { ...MINIMAL, goals: [{ id: 'g', kind: 'event', event: 'B', window: { days: 91 } }] },
      'goals.0.window',
    ],
    [
      'a consent that is neither asked for nor not',
      withStep({
        kind: 'sendToDestination',
        connection: 'c',
        action: 'post',
        input: {},
        consent: 'perhaps',
        next: 'done',
      }),
      'steps.a.consent',
    ],
    ['a legal basis of its own', { ...MINIMAL, legalBasis: 'because' }, 'legalBasis'],
    ['an expiry of no time', { ...MINIMAL, messageExpiry: 'PT0S' }, 'messageExpiry'],
    ['a wait that is none', withWait('soon'), 'steps.a.duration'],
    ['a wait of a month', withWait('P1M'), 'steps.a.duration'],
    ['a wait of half a second', withWait('PT0.5S'), 'steps.a.duration'],
    ['a wait of more than two years', withWait({ days: 731 }), 'steps.a.duration'],
    [
      'a branch named else',
      withStep({
        kind: 'split',
        branches: [{ id: 'else', when: { segment: 'vip' }, next: 'done' }],
        else: 'done',
      }),
      'steps.a.branches.0.id',
    ],
    [
      'a wait for nothing',
      withStep({ kind: 'waitFor', branches: [], timeout: { after: 'PT1H', next: 'done' } }),
      'steps.a.branches',
    ],
    [
      'an update of nothing',
      withStep({ kind: 'updateProfile', traits: {}, next: 'done' }),
      'steps.a.traits',
    ],
    [
      'an input that is a list',
      withStep({
        kind: 'sendToDestination',
        connection: 'c',
        action: 'a',
        input: [],
        next: 'done',
      }),
      'steps.a.input',
    ],
    [
      'an input that is too deep',
      withStep({
        kind: 'sendToDestination',
        connection: 'c',
        action: 'a',
        input: nested(20),
        next: 'done',
      }),
      'steps.a.input',
    ],
    [
      'an input that is not JSON',
      withStep({
        kind: 'sendToDestination',
        connection: 'c',
        action: 'a',
        input: { a: Infinity },
        next: 'done',
      }),
      'steps.a.input',
    ],
    [
      'an input with a key of the runtime',
      withStep({
        kind: 'sendToDestination',
        connection: 'c',
        action: 'a',
        input: { constructor: 1 },
        next: 'done',
      }),
      'steps.a.input',
    ],
    [
      'a channel that is none',
      withStep({
        kind: 'message',
        channel: 'pigeon',
        connection: 'c',
        template: 't',
        next: 'done',
      }),
      'steps.a.channel',
    ],
  ])('refuses %s, by its path', (_, value, path) => {
    expect(faultsOf(value)).toContain(path);
  });

  it('refuses one step too many', () => {
    const steps = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`s${index}`, { kind: 'exit' }]),
      );
    expect(faultsOf({ ...MINIMAL, start: 's0', steps: steps(JOURNEY_LIMITS.steps) })).toEqual([]);
    expect(faultsOf({ ...MINIMAL, start: 's0', steps: steps(JOURNEY_LIMITS.steps + 1) })).toEqual([
      'steps',
    ]);
  });

  it('takes ids that begin with a dash or digit, and durations of both kinds', () => {
    expect(faultsOf({ ...MINIMAL, start: '-1', steps: { '-1': { kind: 'exit' } } })).toEqual([]);
    expect(faultsOf(withWait({ days: 1, hours: 2 }))).toEqual([]);
    expect(faultsOf(withWait('P1DT2H'))).toEqual([]);
    expect(faultsOf(withWait({ weeks: 104 }))).toEqual([]);
  });

  it('survives what nobody would write', () => {
    for (const value of [null, 1, 'x', [], { steps: [] }, { ...MINIMAL, steps: null }]) {
      expect(faultsOf(value).length).toBeGreaterThan(0);
    }
  });

  it('becomes a JSON Schema with titles for forms and OpenAPI', () => {
    const schema = z.toJSONSchema(JourneyDefinitionSchema, { io: 'input', unrepresentable: 'any' });
    expect(schema).toMatchObject({
      title: 'Journey',
      type: 'object',
      required: ['key', 'name', 'trigger', 'start', 'steps'],
    });
    const text = JSON.stringify(schema);
    for (const title of [
      'Wait',
      'Wait for',
      'Split',
      'Message',
      'Send',
      'Update profile',
      'Exit',
    ]) {
      expect(text).toContain(`"title":"${title}"`);
    }
  });
});
