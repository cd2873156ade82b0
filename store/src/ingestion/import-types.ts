/** What a file on its way into the log is, and how far it has come. */
import type { JsonObject } from '@throughline/domain/shared';

export type ImportKind = 'customers' | 'events' | 'orders';
export type ImportFormat = 'csv' | 'ndjson';
export type ImportState = 'uploading' | 'staged' | 'running' | 'done' | 'failed' | 'cancelled';

export interface NewImport {
  readonly kind: ImportKind;
  readonly format: ImportFormat;
  readonly mappingKey: string;
  readonly mappingVersion: number;
  /** { mapping, catalogue } as they are now: rows map the same whenever they are tried again */
  readonly mapping: JsonObject;
  readonly startJourneys: boolean;
  readonly createdBy: string;
}

export interface Import {
  readonly importId: string;
  readonly kind: ImportKind;
  readonly format: ImportFormat;
  readonly state: ImportState;
  readonly mappingKey: string;
  readonly mappingVersion: number;
  readonly contentHash: string | null;
  readonly run: number;
  readonly rerunOf: string | null;
  readonly columns: readonly string[] | null;
  readonly startJourneys: boolean;
  readonly bytes: number;
  readonly rowsTotal: number;
  readonly rowsRead: number;
  readonly events: number;
  readonly warned: number;
  readonly omitted: number;
  readonly rejected: number;
  readonly warnings: JsonObject;
  /** what the lane made of the events; null until it has passed the last of them */
  readonly accepted: number | null;
  readonly duplicates: number | null;
  readonly quarantined: number | null;
  readonly lastPosition: number | null;
  readonly error: string | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

export const IMPORT_COLUMNS = `import_id as "importId", kind, format, state, mapping_key as "mappingKey",
  mapping_version as "mappingVersion", encode(content_hash, 'hex') as "contentHash", run, rerun_of as "rerunOf", columns,
  start_journeys as "startJourneys", bytes, rows_total as "rowsTotal", rows_read as "rowsRead", events, warned, omitted, rejected,
  warnings, accepted, duplicates, quarantined, last_position as "lastPosition", error, created_by as "createdBy",
  created_at as "createdAt", started_at as "startedAt", finished_at as "finishedAt"`;

/** Some whole rows of a file, one a line. */
export interface Chunk {
  readonly seq: number;
  readonly firstRow: number;
  readonly rows: number;
  readonly body: string;
}

/** A row that became no event, and why. `raw` is the row as JSON. */
export interface Reject {
  readonly row: number;
  readonly code: string;
  readonly field: string | null;
  readonly detail: string;
  readonly raw: string;
  /** what makes the message id, where that is not the number */
  readonly rowId?: string;
}
