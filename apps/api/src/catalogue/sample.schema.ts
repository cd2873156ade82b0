/** Sampled rows as they come from a file's beginning: objects, or the text of a CSV file with its header. */
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { columnsOf } from '@throughline/domain/catalogue';
import { MappingSchema } from '@throughline/domain/catalogue/schemas';
import { isJsonObject, ThroughlineError, type Json } from '@throughline/domain/shared';
import { delimiterOf } from '../ingestion/csv-delimiter.js';

const MOST_ROWS = 500;
const MOST_TEXT = 512 * 1024;

const rows = z.array(z.record(z.string(), z.json())).max(MOST_ROWS).optional();
const csv = z.string().max(MOST_TEXT).optional().describe('the beginning of a file, header first');

export const SampleSchema = z.strictObject({
  target: z.enum(['customers', 'events', 'orders']),
  rows,
  csv,
});

export const TrialSchema = z.strictObject({ mapping: MappingSchema, rows, csv });

export interface Sample {
  readonly columns: readonly string[];
  readonly rows: readonly Json[];
}

export function rowsOf({
  rows: given,
  csv: text,
}: Pick<z.infer<typeof SampleSchema>, 'rows' | 'csv'>): Sample {
  const found = text === undefined ? objectsIn(given ?? []) : csvRows(text);
  if (found.length === 0)
    throw new ThroughlineError('invalid_request', 'There is no row to look at.');
  return { columns: columnsOf(found), rows: found };
}

function objectsIn(values: readonly unknown[]): readonly Json[] {
  return values.filter(isJsonObject);
}

function csvRows(text: string): readonly Json[] {
  try {
    const records: unknown = parse(text, {
      bom: true,
      columns: true,
      delimiter: delimiterOf(text),
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      to: MOST_ROWS,
    });
    return Array.isArray(records) ? records.filter(isJsonObject) : [];
  } catch {
    throw new ThroughlineError(
      'invalid_request',
      'The beginning of the file is no CSV that can be read.',
    );
  }
}
