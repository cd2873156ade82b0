import type { JsonObject } from '@throughline/domain/shared';
import type { AudienceDefinition, AudienceInput } from '@throughline/domain/destinations';
import type { Sealed } from '../workspaces/secret-box.js';

export interface AudienceRunRef {
  readonly workspaceId: string;
  readonly runId: string;
}

export type AudienceRunState = 'asked' | 'running' | 'done' | 'stopped' | 'failed';

/** People by what became of them: added, removed, noted, failed, no_consent, … */
export type AudienceCounts = Readonly<Record<string, number>>;

/** Code → how many, and some of the customers by id. */
export type AudienceFailures = Readonly<
  Record<string, { readonly count: number; readonly customers: readonly string[] }>
>;

/** A run as it is shown. */
export interface AudienceRun {
  readonly runId: string;
  readonly audienceKey: string;
  readonly kind: 'full' | 'delta';
  readonly dryRun: boolean;
  readonly state: AudienceRunState;
  readonly version: number | null;
  readonly fromPosition: number | null;
  readonly toPosition: number | null;
  readonly counts: AudienceCounts;
  readonly failures: AudienceFailures;
  readonly samples: readonly AudienceSample[];
  readonly error: string | null;
  readonly requestedBy: string;
  readonly requestedAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

export interface AudienceSample {
  readonly customerId: string;
  readonly would: 'add' | 'remove' | 'note';
  readonly why: string;
}

/** A run that has begun, with what it goes by. */
export interface OpenAudienceRun extends AudienceRunRef {
  readonly audienceKey: string;
  readonly kind: 'full' | 'delta';
  readonly dryRun: boolean;
  readonly version: number;
  readonly from: number;
  readonly to: number;
  readonly planned: boolean;
  /** body of the live version, as it was published */
  readonly body: JsonObject;
  readonly connection: AudienceConnection | null;
  /** paused, stopped or archived: nobody is looked at, and only who was erased is taken out */
  readonly resting: boolean;
  /** why nothing may be sent at all */
  readonly blocked: 'sending_stopped' | 'published_anew' | null;
}

interface AudienceConnection {
  readonly key: string;
  readonly connector: string;
  readonly settings: JsonObject;
  readonly sealed: Sealed | null;
}

/** The run with its definition read. */
export interface AudienceWork {
  readonly run: OpenAudienceRun;
  readonly audience: AudienceDefinition;
}

/** A declared page: what is sent in one call, whoever sends it, however often. */
export interface AudiencePage {
  readonly page: number;
  readonly op: 'add' | 'remove';
  readonly items: readonly AudienceItem[];
}

export interface AudienceItem {
  readonly customerId: string;
  readonly input: AudienceInput;
}

/** kept: it may have gone out, so it stays declared. again: it has not, and is looked at anew. */
export type AudienceOutcome =
  | { readonly customerId: string; readonly outcome: 'done' | 'kept' | 'again' }
  | { readonly customerId: string; readonly outcome: 'failed' | 'skipped'; readonly code: string };
