import type { Command, Consumed, RunState, TriggerContext } from '@throughline/domain/journeys';
import type { Facts, Traits } from '@throughline/domain/profiles';
import type { openPool } from '../shared/index.js';

/** A pool of tl_engine: one transaction at a time, under one customer's lock. */
export type EnginePool = ReturnType<typeof openPool>;

/** What a run asks for. The workflows' contract has the same shape; this room may not import it. */
export interface StepRequest {
  readonly workspaceId: string;
  readonly enrolmentId: string;
  readonly generation: number;
  /** seq of the command asked for */
  readonly seq: number;
}

/** The one thing the run does next. */
export type DriverCommand =
  | {
      readonly kind: 'wait';
      readonly seq: number;
      readonly step: string;
      readonly until: number | null;
      readonly spreadMs: number;
      readonly state: 'waiting' | 'held' | 'blocked';
      readonly summary: string;
      readonly details: string;
    }
  | {
      readonly kind: 'deliver';
      readonly seq: number;
      readonly step: string;
      readonly visit: number;
      readonly expiresAt: number;
      readonly summary: string;
      readonly details: string;
    }
  | { readonly kind: 'end'; readonly seq: number; readonly outcome: string };

/** The machine's command, with the spread of its timer, which must not change when the command is asked for again. */
export type StoredCommand = Command & { readonly spreadMs?: number };

export interface FiredWait {
  readonly branch: string;
  readonly position: number;
  readonly ordinal: number;
  readonly clock: number;
}

export interface ExitRequest {
  readonly reason: string;
  readonly position?: number;
  readonly ordinal?: number;
  readonly clock?: number;
}

export interface OpenRequest {
  readonly requestId: string;
  readonly kind: OperatorKind;
  readonly args: { readonly step?: string; readonly visit?: number; readonly reason?: string };
}

export type OperatorKind = 'skipWait' | 'forceExit' | 'hold' | 'resume' | 'retryStep';

export type Verdict =
  | { readonly accepted: true; readonly state: string }
  | { readonly accepted: false; readonly reason: string };

export interface DeliveryFacts {
  readonly state: 'reserved' | 'sending' | 'accepted' | 'failed' | 'unknown' | 'skipped';
  readonly reason: string | null;
  readonly blockedBy: string | null;
  /** of quiet hours and caps, which end by themselves */
  readonly blockedUntil: number | null;
  readonly connectionKey: string;
  readonly settledAt: number | null;
}

/** All that a step looks at, read in one statement under the customer's lock. */
export interface StepRow {
  /** who entered; never changes */
  readonly customerId: string;
  readonly subjectId: string;
  readonly journeyKey: string;
  readonly version: number;
  readonly state: 'active' | 'held' | 'ended';
  readonly outcome: string | null;
  readonly generation: number;
  readonly seq: number;
  readonly runState: RunState;
  readonly command: StoredCommand | null;
  readonly trigger: TriggerContext;
  readonly enteredAt: number;
  readonly consumed: Consumed;
  readonly exitRequest: ExitRequest | null;
  readonly heldReason: string | null;
  readonly traits: Traits;
  readonly facts: Facts;
  readonly segments: readonly string[];
  readonly requests: readonly OpenRequest[];
  readonly wait: WaitFacts | null;
  readonly delivery: DeliveryFacts | null;
  readonly lane: { readonly position: number; readonly clock: number };
  readonly journeyState: string;
  readonly stops: readonly string[];
  readonly now: number;
}

export interface WaitFacts {
  readonly deadline: number | null;
  readonly restarts: number;
  readonly fired: FiredWait | null;
  readonly overdue: boolean;
}
