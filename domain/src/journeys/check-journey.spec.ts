import { describe, expect, it } from '@jest/globals';
import { checkJourney, type KnownNames } from './check-journey.js';
import { cartJourney, DONE, journey, mail } from './testing/builders.js';
import type { JourneyDefinition, Match, Step } from './types.js';

const faults = (definition: JourneyDefinition, known?: KnownNames) =>
  checkJourney(definition, known).map(({ severity, code, path }) => `${severity} ${code} ${path}`);

const order: Match = { kind: 'event', event: 'Order Completed' };
const waitFor = (...on: readonly Match[]): Step => ({
  kind: 'waitFor',
  branches: on.map((match, index) => ({ id: `b${index}`, on: match, next: 'done' })),
  timeout: { after: 'PT1H', next: 'done' },
});

describe('the linter', () => {
  it('has nothing to say about a good journey', () => {
    expect(faults(cartJourney())).toEqual([]);
  });

  describe('on paths', () => {
    it('names every step that does not exist, also one that only the runtime has', () => {
      const definition = journey(
        {
          a: { kind: 'delay', duration: 'PT1S', next: 'nope' },
          b: mail('constructor', { onError: 'gone' }),
          done: DONE,
        },
        { start: 'away' },
      );
      expect(faults(definition).filter((fault) => fault.includes('unknown_step'))).toEqual([
        'error unknown_step start',
        'error unknown_step steps.a.next',
        'error unknown_step steps.b.next',
        'error unknown_step steps.b.onError',
      ]);
    });

    it('warns of a step that no path leads to', () => {
      expect(faults(journey({ a: DONE, b: DONE }))).toEqual(['warning unreachable_step steps.b']);
    });

    it('refuses a loop without a wait, once', () => {
      const definition = journey({
        a: { kind: 'updateProfile', traits: { x: 1 }, next: 'b' },
        b: {
          kind: 'split',
          branches: [{ id: 'x', when: { segment: 'vip' }, next: 'a' }],
          else: 'done',
        },
        done: DONE,
      });
      expect(faults(definition)).toEqual(['error loop_without_wait steps.a']);
    });

    it('refuses a loop of deliveries, which would send without end', () => {
      expect(faults(journey({ a: mail('done', { onError: 'a' }), done: DONE }))).toEqual([
        'error loop_without_wait steps.a',
      ]);
    });

    it('refuses a loop through a wait that passes at once', () => {
      const inside: Step = {
        kind: 'waitFor',
        branches: [
          { id: 'in', on: { kind: 'segment', segment: 'vip', on: 'entered' }, next: 'greet' },
        ],
        timeout: { after: 'P1D', next: 'done' },
      };
      const steps = { wait: inside, greet: mail('wait'), done: DONE };
      expect(faults(journey(steps))).toEqual([]);
      expect(faults(journey({ ...steps, wait: { ...inside, alreadyTrue: true } }))).toEqual([
        'error loop_without_wait steps.wait',
      ]);
    });

    it('allows a loop with a wait', () => {
      const definition = journey({
        pause: { kind: 'delay', duration: 'P1D', next: 'ask' },
        ask: {
          kind: 'split',
          branches: [{ id: 'x', when: { segment: 'vip' }, next: 'pause' }],
          else: 'done',
        },
        done: DONE,
      });
      expect(faults(definition)).toEqual([]);
    });

    it('refuses paths from which nothing leads out, and warns where an exit rule might', () => {
      const steps: Record<string, Step> = { a: { kind: 'delay', duration: 'P1D', next: 'a' } };
      expect(faults(journey(steps))).toEqual(['error no_exit steps.a']);
      expect(faults(journey(steps, { exits: [{ ...order, id: 'x' }] }))).toEqual([
        'warning no_exit steps.a',
      ]);
    });
  });

  describe('on branches', () => {
    const same = (path: string): Match => ({ kind: 'event', event: 'Order Completed', same: path });
    const large: Match = {
      kind: 'event',
      event: 'Order Completed',
      where: [{ property: 'total', op: 'gt', value: 9 }],
    };
    const vip: Match = { kind: 'segment', segment: 'vip', on: 'entered' };

    it.each<[string, readonly Match[], boolean]>([
      ['the same event twice', [order, order], true],
      ['the same event and key twice', [same('cart_id'), same('cart_id')], true],
      ['an event, then the same with a key', [order, same('cart_id')], true],
      ['an event, then the same with a filter', [order, large], true],
      ['the same filter twice', [large, large], true],
      ['the same segment twice', [vip, vip], true],
      ['a key, then without', [same('cart_id'), order], false],
      ['a filter, then without', [large, order], false],
      ['two keys', [same('cart_id'), same('order_id')], false],
      ['a filter, then a key', [large, same('cart_id')], false],
      ['both sides of a segment', [vip, { ...vip, on: 'left' }], false],
      ['a segment and an event', [vip, order], false],
    ])('with %s says overlap: %p', (_, on, overlaps) => {
      const expected = overlaps ? ['error branch_overlap steps.wait.branches.1.on'] : [];
      expect(faults(journey({ wait: waitFor(...on), done: DONE }))).toEqual(expected);
    });

    it('refuses an id that is used twice', () => {
      const split: Step = {
        kind: 'split',
        branches: [
          { id: 'x', when: { segment: 'a' }, next: 'done' },
          { id: 'x', when: { segment: 'b' }, next: 'done' },
        ],
        else: 'done',
      };
      expect(faults(journey({ split, done: DONE }))).toEqual([
        'error duplicate_branch steps.split.branches.1.id',
      ]);
    });

    it('refuses exits and goals with one id', () => {
      const twice = [
        { ...order, id: 'x' },
        { ...order, id: 'x' },
      ];
      expect(faults(cartJourney({ exits: twice, goals: twice }))).toEqual([
        'error duplicate_exit exits.1.id',
        'error duplicate_goal goals.1.id',
      ]);
    });
  });

  it.each([
    ['P1D', []],
    ['P200D', ['warning long_wait steps.a.duration']],
    ['P800D', ['error wait_too_long steps.a.duration']],
    [{ milliseconds: 10 }, ['error wait_too_short steps.a.duration']],
    ['P1M', ['error bad_duration steps.a.duration']],
  ])('on a delay of %p says %p', (duration, expected) => {
    expect(faults(journey({ a: { kind: 'delay', duration, next: 'done' }, done: DONE }))).toEqual(
      expected,
    );
  });

  it('looks at the timeouts of waits too', () => {
    const wait: Step = {
      ...waitFor(order),
      kind: 'waitFor',
      branches: [],
      timeout: { after: 'P999D', next: 'done' },
    };
    expect(faults(journey({ wait, done: DONE }))).toEqual([
      'error wait_too_long steps.wait.timeout.after',
    ]);
  });

  describe('on consent', () => {
    it('refuses a message without a purpose or a legal basis', () => {
      const steps = { mail: mail('done'), done: DONE };
      expect(faults(journey(steps, { purpose: null }))).toEqual([
        'error missing_purpose steps.mail',
      ]);
      expect(faults(journey(steps, { purpose: null, legalBasis: 'contract' }))).toEqual([]);
      expect(faults(journey({ done: DONE }, { purpose: null }))).toEqual([]);
    });

    it('refuses a step that asks for consent where the journey names no purpose', () => {
      const send = { kind: 'sendToDestination', connection: 'hook', action: 'post', input: {} };
      const asking: Step = {
        ...send,
        kind: 'sendToDestination',
        next: 'done',
        consent: { channel: 'ads' },
      };
      const faultsWith = (step: Step, over: Partial<JourneyDefinition>): readonly string[] =>
        faults(journey({ mail: step, done: DONE }, over));
      expect(faultsWith(asking, { purpose: null })).toEqual([
        'error consent_without_purpose steps.mail.consent',
      ]);
      expect(faultsWith(asking, { purpose: null, legalBasis: 'contract' })).toHaveLength(1);
      expect(faultsWith(asking, {})).toEqual([]);
      expect(faultsWith({ ...asking, consent: 'none' }, { purpose: null })).toEqual([]);
    });
  });

  describe('on keys', () => {
    const bySegment: Partial<JourneyDefinition> = {
      trigger: { kind: 'segment', segment: 'vip', on: 'entered' },
    };

    it('refuses restartOnRepeat without a key', () => {
      expect(faults(cartJourney({ entry: { reentry: 'once' } }))).toEqual([
        'error restart_without_key steps.wait.restartOnRepeat',
      ]);
    });

    it('refuses everything keyed on a segment trigger', () => {
      const definition = cartJourney({
        ...bySegment,
        exits: [{ ...order, id: 'x', same: 'cart_id' }],
      });
      expect(faults(definition)).toEqual([
        'error key_without_event entry.path',
        'error restart_without_key steps.wait.restartOnRepeat',
        'error same_without_event steps.wait.branches.0.on.same',
        'error same_without_event exits.0.same',
      ]);
    });

    it('warns of a path into properties that a segment trigger has not', () => {
      const steps: Record<string, Step> = {
        a: {
          kind: 'updateProfile',
          traits: {
            x: { $path: 'trigger.properties.y' },
            z: { $path: 'trigger.properties.segment' },
          },
          next: 'done',
        },
        done: DONE,
      };
      const definition = journey(steps, { ...bySegment, entry: { reentry: 'once' } });
      expect(faults(definition)).toEqual(['warning path_without_event steps.a.traits']);
    });
  });

  it('refuses a $path with an unknown root', () => {
    const send: Step = {
      kind: 'sendToDestination',
      connection: 'hook',
      action: 'post',
      input: {
        ok: { $path: 'traits.email' },
        bad: [{ $path: 'customer.email' }],
        worse: { $path: 'traits.' },
      },
      next: 'done',
    };
    expect(faults(journey({ send, done: DONE }))).toEqual([
      'error unknown_path steps.send.input',
      'error unknown_path steps.send.input',
    ]);
  });

  it('refuses names that the workspace does not know, if it is told which it knows', () => {
    const definition = journey(
      {
        split: {
          kind: 'split',
          branches: [
            {
              id: 'x',
              when: { all: [{ not: { segment: 'old' } }, { any: [{ segment: 'vip' }] }] },
              next: 'mail',
            },
          ],
          else: 'done',
        },
        mail: mail('done'),
        done: DONE,
      },
      {
        trigger: { kind: 'segment', segment: 'new', on: 'entered' },
        entry: { reentry: 'once' },
        exits: [{ id: 'x', kind: 'segment', segment: 'lost', on: 'entered' }],
      },
    );
    const none = new Set<string>();
    expect(faults(definition)).toEqual([]);
    expect(
      faults(definition, { segments: new Set(['vip']), connections: none, templates: none }),
    ).toEqual([
      'error unknown_segment trigger.segment',
      'error unknown_segment exits.0.segment',
      'error unknown_segment steps.split.branches.0.when',
      'error unknown_connection steps.mail.connection',
      'error unknown_template steps.mail.template',
    ]);
  });
});
