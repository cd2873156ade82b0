import fc from 'fast-check';
import type { Condition } from '../../segments/types.js';
import { outlinesOf } from '../references.js';
import type {
  Entry,
  EventMatch,
  ExitRule,
  Goal,
  JourneyDefinition,
  Match,
  Step,
  StepKind,
  Trigger,
  WaitForStep,
} from '../types.js';

/**
 * Random valid journeys of up to twelve steps with waits of seconds, for the properties of the machine and for the comparison of
 * its hosts. Every definition passes the schema and the linter without an error: loops have a wait, and all paths can end.
 */

/** What a definition may name; a test on real servers passes what exists there. */
export interface JourneyNames {
  readonly key: string;
  readonly trigger: string;
  readonly events: readonly string[];
  /** empty: none of the journeys has anything to do with segments */
  readonly segments: readonly string[];
  readonly conditions: readonly Condition[];
  readonly connection: string;
  readonly template: string;
  readonly action: string;
  /** path of the key in the properties of all these events */
  readonly keyPath: string;
  readonly kinds: readonly Exclude<StepKind, 'exit'>[];
}

export const DEFAULT_NAMES: JourneyNames = {
  key: 'random',
  trigger: 'Begin',
  events: ['Red', 'Green', 'Blue', 'Black'],
  segments: ['vip', 'lapsed'],
  conditions: [
    { segment: 'vip' },
    { trait: 'plan', op: 'equals', value: 'gold' },
    { event: 'Red', count: { gte: 2 } },
    { not: { all: [{ segment: 'lapsed' }, { trait: 'stage', op: 'exists' }] } },
  ],
  connection: 'shop-mail',
  template: 'hello',
  action: 'post',
  keyPath: 'k',
  kinds: [
    'delay',
    'window',
    'waitFor',
    'split',
    'randomSplit',
    'message',
    'sendToDestination',
    'updateProfile',
  ],
};

const MAX_STEPS = 12;

export function arbitraryJourney(
  names: Partial<JourneyNames> = {},
): fc.Arbitrary<JourneyDefinition> {
  const all = { ...DEFAULT_NAMES, ...names };
  return fc
    .record({
      head: arbitraryHead(all),
      seeds: fc.array(arbitrarySeed(all), { minLength: 1, maxLength: MAX_STEPS - 1 }),
      exits: fc.array(arbitrarySeed(all), { maxLength: 2 }),
      goals: fc.array(arbitrarySeed(all), { maxLength: 1 }),
    })
    .map((parts) => build(parts, all));
}

/** The same journeys for the same seed: a failure on real servers can be run again. */
export function sampleJourneys(
  seed: number,
  count: number,
  names: Partial<JourneyNames> = {},
): readonly JourneyDefinition[] {
  return fc.sample(arbitraryJourney(names), { seed, numRuns: count });
}

interface Head {
  readonly trigger: Trigger;
  readonly entry: Entry;
  readonly transactional: boolean;
}

/** Numbers that become a step once its place is known. They shrink towards small, plain steps. */
interface Seed {
  readonly kind: Exclude<StepKind, 'exit'>;
  readonly picks: readonly number[];
  readonly seconds: number;
  readonly branches: number;
  readonly flags: readonly boolean[];
}

interface Parts {
  readonly head: Head;
  readonly seeds: readonly Seed[];
  readonly exits: readonly Seed[];
  readonly goals: readonly Seed[];
}

function arbitraryHead({ trigger, segments, keyPath }: JourneyNames): fc.Arbitrary<Head> {
  const event = fc.constant<Trigger>({ kind: 'event', event: trigger });
  const unkeyed = fc.constantFrom<Entry>(
    { reentry: 'once' },
    { reentry: 'afterExit', minGap: 'PT1S' },
  );
  const keyed = fc.constantFrom<Entry>(
    { reentry: 'perKey', path: keyPath, maxConcurrent: 1 },
    { reentry: 'perKey', path: keyPath, maxConcurrent: 10 },
  );
  const byEvent = fc.record({
    trigger: event,
    entry: fc.oneof(keyed, unkeyed),
    transactional: fc.boolean(),
  });
  if (segments.length === 0) return byEvent;
  const bySegment = fc.record({
    trigger: fc.record<Trigger & { kind: 'segment' }>({
      kind: fc.constant('segment'),
      segment: fc.constantFrom(...segments),
      on: fc.constantFrom('entered', 'left'),
    }),
    entry: unkeyed,
    transactional: fc.boolean(),
  });
  return fc.oneof({ weight: 4, arbitrary: byEvent }, { weight: 1, arbitrary: bySegment });
}

function arbitrarySeed({ kinds }: JourneyNames): fc.Arbitrary<Seed> {
  return fc.record({
    kind: fc.constantFrom(...kinds),
    picks: fc.array(fc.nat(1_000), { minLength: 8, maxLength: 8 }),
    seconds: fc.integer({ min: 1, max: 5 }),
    branches: fc.integer({ min: 1, max: 3 }),
    flags: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  });
}

function build({ head, seeds, exits, goals }: Parts, names: JourneyNames): JourneyDefinition {
  const count = seeds.length + 1;
  const steps: [string, Step][] = seeds.map((seed, index) => [
    stepId(index),
    new StepBuilder(seed, names, head, { index, count }).step(),
  ]);
  steps.push([stepId(seeds.length), { kind: 'exit', reason: 'completed' }]);
  const whole: JourneyDefinition = {
    key: names.key,
    name: 'Random',
    trigger: head.trigger,
    entry: head.entry,
    ...consentOf(head),
    start: stepId(0),
    steps: Object.fromEntries(steps),
    exits: exits.map((seed, index): ExitRule => ({
      ...ruleMatch(seed, names, head, 0),
      id: `x${index}`,
    })),
    goals: goals.map((seed, index): Goal => ({
      ...ruleMatch(seed, names, head, 2),
      id: `g${index}`,
    })),
    maxTriggerAge: 'PT1H',
    messageExpiry: 'PT6H',
  };
  return reachablePart(whole);
}

function consentOf({ transactional }: Head): Pick<JourneyDefinition, 'purpose' | 'legalBasis'> {
  return transactional ? { purpose: null, legalBasis: 'contract' } : { purpose: 'marketing' };
}

function ruleMatch(seed: Seed, names: JourneyNames, head: Head, from: number): Match {
  return new StepBuilder(seed, names, head, { index: 0, count: 1 }).match(from);
}

function stepId(index: number): string {
  return `s${index}`;
}

class StepBuilder {
  constructor(
    private readonly seed: Seed,
    private readonly names: JourneyNames,
    private readonly head: Head,
    private readonly at: { readonly index: number; readonly count: number },
  ) {}

  step(): Step {
    const { kind, seconds } = this.seed;
    switch (kind) {
      case 'delay':
        return { kind, duration: { seconds }, next: this.forward(0) };
      case 'window':
        return this.window();
      case 'randomSplit':
        return {
          kind,
          branches: this.each((index) => ({
            id: `b${index}`,
            weight: 1 + (this.pick(index) % 5),
            next: this.forward(index),
          })),
        };
      case 'waitFor':
        return this.waitFor();
      case 'split':
        return {
          kind,
          branches: this.each((index) => ({
            id: `b${index}`,
            when: this.condition(index),
            next: this.forward(index),
          })),
          else: this.forward(4),
        };
      case 'message': {
        const { connection, template } = this.names;
        return { kind, channel: 'email', connection, template, ...this.ways() };
      }
      case 'sendToDestination': {
        const { connection, action } = this.names;
        return {
          kind,
          connection,
          action,
          input: { literal: 1, ...this.pathValue() },
          ...this.ways(),
        };
      }
      case 'updateProfile':
        return {
          kind,
          traits: { stage: `stage ${this.at.index}`, ...this.pathValue() },
          next: this.forward(0),
        };
    }
  }

  /** Always within its hours, so that a life takes seconds; the hours themselves are tested by hand. */
  private window(): Step {
    const hours = { from: '00:00', to: '24:00' };
    const outside = this.flag(0) ? { outside: this.forward(1) } : {};
    return { kind: 'window', hours, next: this.forward(0), ...outside };
  }

  /** Events of one step differ, so that no branch hides another. */
  match(index: number): Match {
    const { segments, events } = this.names;
    const segment = segments[this.pick(index) % Math.max(1, segments.length)];
    if (index === 0 && this.flag(0) && segment !== undefined) {
      return { kind: 'segment', segment, on: this.flag(1) ? 'entered' : 'left' };
    }
    return this.eventMatch(events[(this.pick(3) + index) % events.length] ?? this.names.trigger);
  }

  private eventMatch(event: string): EventMatch {
    const { keyPath } = this.names;
    const same = this.flag(2) && this.head.trigger.kind === 'event';
    return {
      kind: 'event',
      event,
      ...(same ? { same: keyPath } : {}),
      ...(this.flag(3) ? { where: [{ property: 'amount', op: 'gte', value: 2 } as const] } : {}),
    };
  }

  private waitFor(): WaitForStep {
    const alreadyTrue = this.flag(1);
    const keyed = this.head.trigger.kind === 'event' && this.head.entry.reentry === 'perKey';
    return {
      kind: 'waitFor',
      branches: this.each((index) => {
        const on = this.match(index);
        const instant = alreadyTrue && on.kind === 'segment';
        return { id: `b${index}`, on, next: instant ? this.forward(index) : this.anywhere(index) };
      }),
      timeout: { after: { seconds: this.seed.seconds }, next: this.forward(4) },
      ...(keyed && this.flag(2) ? { restartOnRepeat: true } : {}),
      ...(alreadyTrue ? { alreadyTrue } : {}),
    };
  }

  private condition(index: number): Condition {
    const { conditions } = this.names;
    return conditions[this.pick(index) % conditions.length] ?? { trait: 'plan', op: 'exists' };
  }

  private ways(): {
    readonly next: string;
    readonly onError?: string;
    readonly onUnknown?: string;
  } {
    return {
      next: this.forward(0),
      ...(this.flag(0) ? { onError: this.forward(1) } : {}),
      ...(this.flag(1) ? { onUnknown: this.forward(2) } : {}),
    };
  }

  private pathValue(): { readonly [key: string]: { readonly $path: string } } {
    if (this.head.trigger.kind === 'segment') return {};
    return { key: { $path: `trigger.properties.${this.names.keyPath}` } };
  }

  private each<T>(make: (index: number) => T): T[] {
    return Array.from({ length: this.seed.branches }, (_, index) => make(index));
  }

  private forward(pick: number): string {
    const { index, count } = this.at;
    return stepId(index + 1 + (this.pick(pick) % (count - 1 - index)));
  }

  private anywhere(pick: number): string {
    return stepId(this.pick(pick) % this.at.count);
  }

  private pick(index: number): number {
    return this.seed.picks[index] ?? 0;
  }

  private flag(index: number): boolean {
    return this.seed.flags[index] ?? false;
  }
}

/** Steps that no path leads to would only be warned about, but they make failures hard to read. */
function reachablePart(definition: JourneyDefinition): JourneyDefinition {
  const edges = new Map(
    outlinesOf(definition).map((step) => [step.id, step.edges.map(({ to }) => to)]),
  );
  const reached = new Set<string>();
  const open = [definition.start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    open.push(...(edges.get(id) ?? []));
  }
  const steps = Object.entries(definition.steps).filter(([id]) => reached.has(id));
  return { ...definition, steps: Object.fromEntries(steps) };
}
