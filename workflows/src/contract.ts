/**
 * What workflows, activities, API and worker agree on: names, ids, queues, payloads. Payloads hold references, never people.
 * Types and constants only, so that the API may signal workflows without loading one.
 */

export const NAMESPACE = 'throughline';

export const TASK_QUEUES = { journeys: 'journeys', deliver: 'deliver', batch: 'batch' } as const;

export const SEARCH_ATTRIBUTES = {
  JourneyKey: 'Keyword',
  JourneyVersion: 'Int',
  CustomerRef: 'Keyword',
  JourneyState: 'Keyword',
  CurrentStep: 'Keyword',
  WaitUntil: 'Datetime',
  ExitReason: 'Keyword',
  BatchId: 'Keyword',
  TenantId: 'Keyword',
} as const;

/** The only place where a journey's workflow id is made. Entry keys may hold personal data, so they stay out of it. */
export function journeyWorkflowId(journeyKey: string, enrolmentId: string): string {
  return `journey/${journeyKey}/${enrolmentId}`;
}

/** The only place where a delivery key is made: what providers get as idempotency key, and the ledger's primary key. */
export function deliveryKey(enrolmentId: string, step: string, visit: number): string {
  return `${enrolmentId}:${step}:${visit}`;
}

/** A page of a longer history begins where the one before it ended: only these few numbers are carried over. */
export interface CustomerJourneyInput {
  readonly workspaceId: string;
  readonly enrolmentId: string;
  readonly journeyKey: string;
  readonly generation: number;
  /** seq of the last command that an earlier page saw; 0 at first */
  readonly seq: number;
}

/** One command, at most 1 KB. `seq` is the store's: the driver asks for seq + 1 next. */
export type JourneyCommand =
  | {
      readonly kind: 'wait';
      readonly seq: number;
      readonly step: string;
      /** ms since epoch; null waits for a wake only */
      readonly until: number | null;
      /** ms the timer may lie behind, from a hash of the enrolment: a thousand waits due at nine do not wake in one second */
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
      /** ms since epoch after which the effect is worthless */
      readonly expiresAt: number;
      readonly summary: string;
      readonly details: string;
    }
  | { readonly kind: 'end'; readonly seq: number; readonly outcome: string };

export interface StepRequest {
  readonly workspaceId: string;
  readonly enrolmentId: string;
  readonly generation: number;
  /** seq of the command asked for */
  readonly seq: number;
}

export interface DeliverRequest {
  readonly workspaceId: string;
  readonly enrolmentId: string;
  readonly generation: number;
  readonly seq: number;
  readonly step: string;
  readonly visit: number;
}

/** settled: the ledger has the outcome. blocked: a stop or pause keeps it; the run waits for a wake. */
export type DeliverReport = 'settled' | 'blocked';

export interface OperateRequest {
  readonly workspaceId: string;
  readonly enrolmentId: string;
  readonly generation: number;
  readonly requestId: string;
  readonly kind: OperatorUpdateName;
  readonly args: { readonly step?: string; readonly visit?: number; readonly reason?: string };
  readonly actor: string;
}

export type OperatorVerdict =
  | { readonly accepted: true; readonly state: string }
  | { readonly accepted: false; readonly reason: string };

export type OperatorUpdateName = 'skipWait' | 'forceExit' | 'hold' | 'resume' | 'retryStep';
export const OPERATOR_UPDATES = ['skipWait', 'forceExit', 'hold', 'resume', 'retryStep'] as const;

export interface OperatorArgs {
  readonly requestId: string;
  readonly actor: string;
  readonly step?: string;
  readonly visit?: number;
  readonly reason?: string;
}

/** Signal without content: the rows say what happened. */
export const WAKE_SIGNAL = 'wake';

/** Local activities: short transactions that may be repeated. */
export interface JourneyLocalActivities {
  step(request: StepRequest): Promise<JourneyCommand>;
  recordRequest(request: OperateRequest): Promise<void>;
  readVerdict(request: {
    workspaceId: string;
    enrolmentId: string;
    requestId: string;
  }): Promise<OperatorVerdict | null>;
}

/** Regular activities: what leaves the system, visible by name in the Temporal UI. */
export interface DeliverActivities {
  deliver(request: DeliverRequest): Promise<DeliverReport>;
}

/** Types of ApplicationFailure; a type stops or goes on, a message never holds personal data. */
export const FAILURES = {
  /** the run is of an older generation, or its enrolment is gone: the run ends */
  superseded: 'Superseded',
  rateLimited: 'RateLimited',
  retryable: 'RetryableDelivery',
} as const;
