import { InvariantBroken, type JsonObject } from '../../shared/index.js';
import { outline, type StepOutline } from './outline.js';
import type {
  Step,
  StepKind,
  StepView,
  Subscription,
  TrailKind,
  TriggerContext,
} from '../types.js';

/**
 * What the machine knows of a step: how it behaves, and where each answer leads. One file per kind says it; the machine itself
 * (advance.ts, walk.ts) knows these four behaviours and no kind.
 */
export type StepBehaviour = PassingStep | WaitingStep | DeliveringStep | EndingStep;

/** Done at once, without the outside. */
export interface PassingStep {
  readonly mode: 'passes';
  readonly pass: (view: StepView) => Passage;
}

export interface Passage {
  readonly next: string;
  readonly trail: { readonly kind: TrailKind; readonly detail: JsonObject };
  /** traits to write through the log */
  readonly traits?: JsonObject;
}

export interface WaitingStep {
  readonly mode: 'waits';
  readonly lastsMs: number;
  /** the branch that holds already, where the step asks for that */
  readonly alreadyAt: (view: StepView) => string | null;
  readonly subscriptions: (trigger: TriggerContext) => readonly Subscription[];
  /** where a branch leads; undefined: there is no such branch */
  readonly branches: ReadonlyMap<string, string>;
  readonly timeout: string;
  readonly restartsOnRepeat: boolean;
  readonly summary: string;
}

export interface DeliveringStep {
  readonly mode: 'delivers';
  readonly connection: string;
  readonly action: string;
  readonly next: string;
  /** null: the run is held */
  readonly onError: string | null;
  readonly onUnknown: string;
  readonly summary: string;
}

export interface EndingStep {
  readonly mode: 'ends';
  readonly reason: string;
}

export type StepOf<K extends StepKind> = Extract<Step, { readonly kind: K }>;

/** The entry of one kind in the table of steps/index.ts. */
export interface StepDefinition<K extends StepKind> {
  readonly kind: K;
  readonly behaviourOf: (step: Step) => StepBehaviour;
  readonly outlineOf: (step: Step) => StepOutline;
}

export function defineStep<K extends StepKind>(
  kind: K,
  parts: {
    readonly behaviour: (step: StepOf<K>) => StepBehaviour;
    readonly outline: (step: StepOf<K>) => Partial<StepOutline>;
  },
): StepDefinition<K> {
  const isMine = (step: Step): step is StepOf<K> => step.kind === kind;
  const mine = (step: Step): StepOf<K> => {
    if (isMine(step)) return step;
    throw new InvariantBroken(`${kind} was asked about ${step.kind}`);
  };
  return {
    kind,
    behaviourOf: (step) => parts.behaviour(mine(step)),
    outlineOf: (step) => outline(parts.outline(mine(step))),
  };
}
