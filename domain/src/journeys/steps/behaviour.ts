import { InvariantBroken, type JsonObject } from '../../shared/index.js';
import type { Traits } from '../../profiles/types.js';
import { outline, type StepOutline } from './outline.js';
import type {
  JourneyDefinition,
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
  readonly pass: (view: StepView, here: Here) => Passage;
}

/** Where and when a step is entered. */
export interface Here {
  readonly definition: JourneyDefinition;
  readonly step: string;
  readonly instant: number; // ms on the lane's clock
}

export interface Passage {
  readonly next: string;
  readonly trail: { readonly kind: TrailKind; readonly detail: JsonObject };
  /** traits to write through the log */
  readonly traits?: JsonObject;
}

export interface WaitingStep {
  readonly mode: 'waits';
  /** until when, or the branch that holds already */
  readonly plan: (view: WaitView, here: Here) => WaitPlan;
  readonly subscriptions: (trigger: TriggerContext) => readonly Subscription[];
  /** where a branch leads; undefined: there is no such branch */
  readonly branches: ReadonlyMap<string, Way>;
  readonly timeout: string;
  /** how long a repeat of the trigger makes the wait last anew; null: it does not */
  readonly restartMs: number | null;
  /** traits whose change moves an open wait, because it is for a time of the person's clock */
  readonly plannedBy: readonly string[];
  readonly summary: string;
}

/** What a plan looks at: re-planning in the lane has no trigger at hand and needs none. */
export interface WaitView {
  readonly traits: Traits;
  readonly segments: ReadonlySet<string>;
}

export type WaitPlan =
  | { readonly kind: 'until'; readonly deadline: number }
  /** without waiting; `already`: because it holds */
  | { readonly kind: 'branch'; readonly branch: string };

/** Where a branch leads: on, or out. */
export type Way =
  | { readonly kind: 'step'; readonly step: string }
  | { readonly kind: 'exit'; readonly reason: string };

export function wayTo(step: string): Way {
  return { kind: 'step', step };
}

export interface DeliveringStep {
  readonly mode: 'delivers';
  readonly connection: string;
  readonly action: string;
  readonly next: string;
  /** null: the run is held */
  readonly onError: string | null;
  readonly onUnknown: string;
  /** a message that quiet hours keep waiting */
  readonly quietable: boolean;
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
