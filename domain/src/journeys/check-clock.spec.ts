import { describe, expect, it } from '@jest/globals';
import { checkJourney } from './check-journey.js';
import { DONE, journey, mail } from './testing/builders.js';
import type { JourneyDefinition, Step } from './types.js';

const faults = (definition: JourneyDefinition): readonly string[] =>
  checkJourney(definition).map(({ severity, code, path }) => `${severity} ${code} ${path}`);

const birthday: Partial<JourneyDefinition> = {
  trigger: { kind: 'date', trait: 'birthday', repeat: 'yearly', at: '09:00' },
  entry: { reentry: 'afterExit', minGap: 'P30D' },
};
const hours = { from: '09:00', to: '20:00' } as const;

describe('the linter', () => {
  it('has nothing against dates, windows, lots and conditions', () => {
    const steps: Record<string, Step> = {
      window: { kind: 'window', hours, next: 'lots' },
      lots: {
        kind: 'randomSplit',
        branches: [
          { id: 'a', weight: 1, next: 'nine' },
          { id: 'b', weight: 1, next: 'done' },
        ],
      },
      nine: { kind: 'delay', until: { kind: 'localTime', at: '09:00' }, next: 'greet' },
      greet: mail('done'),
      done: DONE,
    };
    const exits = [{ id: 'x', kind: 'condition', when: { trait: 'plan', op: 'exists' } }] as const;
    expect(faults(journey(steps, { ...birthday, exits, holdout: { percent: 5 } }))).toEqual([]);
  });

  it('warns of a birthday that is kept once in a life', () => {
    const once = journey({ done: DONE }, { ...birthday, entry: { reentry: 'once' } });
    expect(faults(once)).toEqual(['warning enters_one_year_only entry.reentry']);
  });

  it('refuses a key where a date leads in', () => {
    const keyed = journey({ done: DONE }, { trigger: birthday.trigger ?? journey({}).trigger });
    expect(faults(keyed)).toEqual(['error key_without_event entry.path']);
  });

  it('warns of lots that nobody draws', () => {
    const lots: Step = {
      kind: 'randomSplit',
      branches: [
        { id: 'a', weight: 0, next: 'done' },
        { id: 'a', weight: 1, next: 'done' },
      ],
    };
    expect(faults(journey({ lots, done: DONE }, { holdout: { percent: 100 } }))).toEqual([
      'error duplicate_branch steps.lots.branches.1.id',
      'warning everybody_held_out holdout.percent',
      'warning branch_without_weight steps.lots.branches.0.weight',
    ]);
  });

  it.each<[string, Step]>([
    ['a window, which is passed at once in its hours', { kind: 'window', hours, next: 'again' }],
    [
      'a date, which may be over',
      {
        kind: 'delay',
        until: { kind: 'date', trait: 'trip', ifPast: { branch: 'again' } },
        next: 'done',
      },
    ],
  ])('refuses a loop with nothing but %s', (_name, step) => {
    const again: Step = { kind: 'updateProfile', traits: { x: 1 }, next: 'step' };
    const found = faults(journey({ step, again, done: DONE }));
    expect(found).toContain('error loop_without_wait steps.step');
  });

  it('lets a loop wait for the next morning', () => {
    const nine: Step = { kind: 'delay', until: { kind: 'localTime', at: '09:00' }, next: 'split' };
    const split: Step = {
      kind: 'split',
      branches: [{ id: 'x', when: { trait: 'x', op: 'exists' }, next: 'done' }],
      else: 'nine',
    };
    expect(faults(journey({ nine, split, done: DONE }))).toEqual([]);
  });

  it('takes leaving for a date that is over as a way out', () => {
    const until = { kind: 'date', trait: 'trip', ifPast: 'exit' } as const;
    const loop: Step = { kind: 'delay', until, next: 'loop' };
    expect(faults(journey({ loop }))).toEqual([]);
  });

  it('refuses a condition that repeats the one before it, and a segment in it that nobody knows', () => {
    const on = { kind: 'condition', when: { segment: 'vip' } } as const;
    const wait: Step = {
      kind: 'waitFor',
      branches: [
        { id: 'a', on, next: 'done' },
        { id: 'b', on, next: 'done' },
      ],
      timeout: { after: 'P1D', next: 'done' },
    };
    const definition = journey({ wait, done: DONE });
    expect(faults(definition)).toEqual(['error branch_overlap steps.wait.branches.1.on']);
    const known = checkJourney(definition, { segments: new Set() });
    expect(known.map(({ code, path }) => `${code} ${path}`)).toContain(
      'unknown_segment steps.wait.branches.0.on.when',
    );
  });
});
