import type { Json, JsonObject } from '../shared/index.js';
import { mapPayload } from './apply-mapping.js';
import type { Catalogue, Mapping, MappingRejection, MappingWarning } from './types.js';

export interface PreviewedRow {
  /** from 1, as people count the lines of a file; the elements of one payload share its number */
  readonly row: number;
  readonly events: readonly JsonObject[];
  readonly warnings: readonly MappingWarning[];
  readonly rejection: MappingRejection | null;
}

export interface MappingPreview {
  readonly rows: readonly PreviewedRow[];
  readonly counts: {
    readonly rows: number;
    readonly events: number;
    /** rows with a value that was kept although it does not fit */
    readonly warned: number;
    /** rows with a value that was left out */
    readonly omitted: number;
    readonly rejected: number;
  };
  /** how often each code came up, in warnings and rejections */
  readonly byCode: Readonly<Record<string, number>>;
}

/** What an import of these rows would do, without doing it. */
export function previewMapping(
  mapping: Mapping,
  rows: readonly Json[],
  { catalogue, importedAt }: { readonly catalogue: Catalogue; readonly importedAt: number },
): MappingPreview {
  const previewed = rows.flatMap((row, index) => {
    const rowId = String(index + 1);
    const mapped = mapPayload(mapping, row, { catalogue, importKey: 'preview', rowId, importedAt });
    return mapped.map((one): PreviewedRow => ({ row: index + 1, ...one }));
  });
  return { rows: previewed, counts: countsOf(previewed), byCode: codesOf(previewed) };
}

function countsOf(rows: readonly PreviewedRow[]): MappingPreview['counts'] {
  const withAction = (action: MappingWarning['action']) =>
    rows.filter(({ warnings }) => warnings.some((warning) => warning.action === action)).length;
  return {
    rows: rows.length,
    events: rows.reduce((sum, { events }) => sum + events.length, 0),
    warned: withAction('kept'),
    omitted: withAction('omitted'),
    rejected: rows.filter(({ rejection }) => rejection !== null).length,
  };
}

function codesOf(rows: readonly PreviewedRow[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { warnings, rejection } of rows) {
    for (const { code } of warnings) counts[code] = (counts[code] ?? 0) + 1;
    if (rejection !== null) counts[rejection.code] = (counts[rejection.code] ?? 0) + 1;
  }
  return counts;
}
