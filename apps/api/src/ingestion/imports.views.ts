import { z } from 'zod';
import type { Import } from '@throughline/store/ingestion';
import { iso, isoOrNull } from '../common/params.js';

export const KINDS = ['customers', 'events', 'orders'] as const;
export const FORMATS = ['csv', 'ndjson'] as const;

export const ImportView = z.object({
  id: z.uuid(),
  kind: z.enum(KINDS),
  format: z.enum(FORMATS),
  state: z.enum(['uploading', 'staged', 'running', 'done', 'failed', 'cancelled']),
  mapping: z.string(),
  mappingVersion: z.int(),
  rerunOf: z.uuid().nullable().describe('the import whose rejects this one mapped again'),
  run: z.int().describe('1 for the first import of this content by this mapping'),
  columns: z.array(z.string()).nullable(),
  startJourneys: z.boolean(),
  bytes: z.int().describe('inflated'),
  rows: z.object({
    total: z.int(),
    read: z.int(),
    warned: z.int(),
    omitted: z.int().describe('rows of which a field was left out'),
    rejected: z.int(),
  }),
  warnings: z.record(z.string(), z.int()).describe('by code'),
  events: z.object({
    made: z.int(),
    accepted: z.int().nullable().describe('null until all of them are decided'),
    duplicates: z.int().nullable(),
    quarantined: z.int().nullable(),
  }),
  error: z.string().nullable().describe('a code; null unless it failed'),
  runUrl: z.string().describe('the run in the Temporal UI'),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
});
export type ImportView = z.infer<typeof ImportView>;

export function importView(row: Import, runUrl: string): ImportView {
  return {
    id: row.importId,
    kind: row.kind,
    format: row.format,
    state: row.state,
    mapping: row.mappingKey,
    mappingVersion: row.mappingVersion,
    rerunOf: row.rerunOf,
    run: row.run,
    columns: row.columns === null ? null : [...row.columns],
    startJourneys: row.startJourneys,
    bytes: row.bytes,
    rows: {
      total: row.rowsTotal,
      read: row.rowsRead,
      warned: row.warned,
      omitted: row.omitted,
      rejected: row.rejected,
    },
    warnings: z.record(z.string(), z.int()).parse(row.warnings),
    events: {
      made: row.events,
      accepted: row.accepted,
      duplicates: row.duplicates,
      quarantined: row.quarantined,
    },
    error: row.error,
    runUrl,
    createdAt: iso(row.createdAt),
    startedAt: isoOrNull(row.startedAt),
    finishedAt: isoOrNull(row.finishedAt),
  };
}
