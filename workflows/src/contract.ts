/**
 * What workflows, activities, API and worker agree on: names, ids, queues, payloads. Payloads hold references, never people.
 * Types and constants only, so that the API may signal workflows without loading one.
 */

export type * from './audience-contract.js';
export type * from './prediction-contract.js';
export type * from './recommendation-contract.js';

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

/** The only place where the id of an import's run is made: one run for one import, however often it is asked for. */
export function importWorkflowId(importId: string): string {
  return `ingest/${importId}`;
}

/** The only place where the id of a simulation's run is made. */
export function simulationWorkflowId(simulationId: string): string {
  return `simulate/${simulationId}`;
}

/** The only place where the id of a run of reconcileIdentity is made. */
export function reconcileWorkflowId(workspaceId: string, runId: string): string {
  return `reconcile/${workspaceId}/${runId}`;
}

/** The only place where the id of a workspace's schedule is made; its runs are named by it and their time. */
export function reconcileScheduleId(workspaceId: string): string {
  return `reconcile/${workspaceId}`;
}

/** The only place where the id of a run of refreshRecommendations is made. */
export function recommendationsWorkflowId(workspaceId: string, runId: string): string {
  return `recommendations/${workspaceId}/${runId}`;
}

/** The only place where the id of that schedule is made; its runs are named by it and their time. */
export function recommendationsScheduleId(workspaceId: string): string {
  return `recommendations/${workspaceId}`;
}

/** The only place where the id of a run of syncAudience is made. */
export function audienceWorkflowId(audienceKey: string, runId: string): string {
  return `audience/${audienceKey}/${runId}`;
}

/** The only place where the id of a run of scoreChurn is made. */
export function predictionWorkflowId(predictionKey: string, runId: string): string {
  return `predict/${predictionKey}/${runId}`;
}

/** The only place where the id of a prediction's schedule is made; its runs are named by it and their time. */
export function predictionScheduleId(workspaceId: string, predictionKey: string): string {
  return `predict/${workspaceId}/${predictionKey}`;
}

/** The only place where the id of a pull's schedule is made. */
export function pullScheduleId(workspaceId: string, pullKey: string): string {
  return `pull/${workspaceId}/${pullKey}`;
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
  /** the source of a pull says no: a person must change something first */
  pullRefused: 'PullRefused',
} as const;

export interface ImportRequest {
  readonly workspaceId: string;
  readonly importId: string;
}

/** Numbers of rows and events, never rows. */
export interface ImportReport {
  /** more: ask again. over: nothing is left to do here, whether it is finished, was ended by somebody, or is gone. */
  readonly state: 'more' | 'over';
  readonly rowsTotal: number;
  readonly rowsRead: number;
  readonly events: number;
  readonly rejected: number;
  /** events that the lane has decided about */
  readonly settled: number;
}

/** Pages of long work on the queue `batch`; each call does as much as it may in its time and says how far it came. */
export interface ImportActivities {
  stageImportPages(request: ImportRequest): Promise<ImportReport>;
  settleImportPages(request: ImportRequest): Promise<ImportReport>;
  /** the run was cancelled: what is in the log stays, the rest is not read */
  endImport(request: ImportRequest): Promise<void>;
}

/** The only place where the id of an erasure's run is made. */
export function erasureWorkflowId(eraseId: string): string {
  return `erase/${eraseId}`;
}

export interface EraseRequest {
  readonly workspaceId: string;
  readonly eraseId: string;
}

/** more: ask again. over: nothing is left of this part, or of the erasure. */
export interface EraseReport {
  readonly state: 'more' | 'over';
  /** runs that are still open, or whose histories are still there */
  readonly runs: number;
}

/** The parts of an erasure, in this order; each may be asked for again and does what is left. */
export interface EraseActivities {
  /** the lane has taken the profile away, and the person's runs have left */
  awaitRunsLeft(request: EraseRequest): Promise<EraseReport>;
  /** the lane takes away what the runs stood on */
  eraseRunRows(request: EraseRequest): Promise<EraseReport>;
  eraseTexts(request: EraseRequest): Promise<EraseReport>;
  forgetHistories(request: EraseRequest): Promise<EraseReport>;
  /** audiences have taken the person out at their destinations; `runs` counts those that have not */
  awaitAudiences(request: EraseRequest): Promise<EraseReport>;
  /** what they have not taken out by now is said in the certificate; their next run still does it */
  noteAudiencesLeft(request: EraseRequest): Promise<void>;
  listToTell(request: EraseRequest): Promise<readonly string[]>;
  tellErased(request: EraseRequest & { readonly connectionKey: string }): Promise<void>;
  /** a connection could not be told within the time there is */
  noteUntold(request: EraseRequest & { readonly connectionKey: string }): Promise<void>;
  certifyErasure(request: EraseRequest): Promise<void>;
}

/** The schedule and the only run of it at a time. */
export const RETENTION_SCHEDULE = 'retention';

export interface RetentionRequest {
  /** says what would go, and removes nothing */
  readonly dryRun: boolean;
}

/** Rows, and partitions, by table. */
export type RetentionReport = Readonly<Record<string, number>>;

export interface RetentionActivities {
  makePartitions(): Promise<void>;
  dropOldPartitions(request: RetentionRequest): Promise<RetentionReport>;
  sweepOldRows(request: RetentionRequest): Promise<RetentionReport>;
}

export interface SimulationRequest {
  readonly workspaceId: string;
  readonly simulationId: string;
}

/** Numbers of people and enrolments, never people. */
export interface SimulationReport {
  readonly state: 'more' | 'over';
  readonly people: number;
  /** how many will have been looked at in the end */
  readonly sample: number;
  readonly entered: number;
}

export interface SimulationActivities {
  simulatePages(request: SimulationRequest): Promise<SimulationReport>;
  /** it has failed too often: what was counted until then stays to be seen */
  giveUpSimulation(request: SimulationRequest): Promise<void>;
}

/** A run that a schedule begins has no id of its own yet. */
export interface ReconcileRequest {
  readonly workspaceId: string;
  readonly runId: string | null;
}

export interface ReconcileRef {
  readonly workspaceId: string;
  readonly runId: string;
}

/** Numbers of customers and of groups of them, never who they are. */
export interface ReconcileReport {
  readonly state: 'more' | 'over';
  readonly customers: number;
  readonly candidates: number;
  readonly proposed: number;
  readonly suggested: number;
  readonly merged: number;
  readonly skipped: number;
}

export interface ReconcileActivities {
  openReconcile(request: ReconcileRequest): Promise<ReconcileRef>;
  /** reads all customers, compares them and keeps what it proposes; as a whole or not at all */
  matchCustomers(ref: ReconcileRef): Promise<ReconcileReport>;
  /** a page of proposals becomes suggestions or merges */
  settleProposals(ref: ReconcileRef): Promise<ReconcileReport>;
  closeReconcile(ref: ReconcileRef): Promise<ReconcileReport>;
  /** the run was cancelled: what it has suggested stays, the rest is dropped */
  endReconcile(ref: ReconcileRef): Promise<void>;
}

export interface PullRequest {
  readonly workspaceId: string;
  readonly pullKey: string;
}

export interface PullReport {
  readonly state: 'more' | 'over';
  readonly rows: number;
  /** the import that the rows are in; null: there was none to do */
  readonly importId: string | null;
}

export interface PullActivities {
  pullPages(request: PullRequest): Promise<PullReport>;
}
