/** Rejects as a file: read page by page while it is sent, so that a million of them need no memory. */
import { Readable } from 'node:stream';
import { listRejects, type ImportFormat, type Reject } from '@throughline/store/ingestion';
import type { Caller } from '../common/caller.js';
import type { Database } from '../common/database.js';

export const REJECT_TYPES: Readonly<Record<ImportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

const PAGE = 500;

export function rejectStream(
  database: Database,
  caller: Caller,
  { importId, format }: { readonly importId: string; readonly format: ImportFormat },
): Readable {
  return Readable.from(pages(), { objectMode: false });

  async function* pages(): AsyncGenerator<string> {
    if (format === 'csv') yield `${['row', 'code', 'field', 'detail', 'raw'].join(',')}\r\n`;
    for (let after = 0; ;) {
      const page = { importId, after, limit: PAGE };
      const rows = await database.read(caller, (client, id) => listRejects(client, id, page));
      const last = rows.at(-1);
      if (last === undefined) return;
      yield rows.map(format === 'csv' ? csvLine : jsonLine).join('');
      after = last.row;
    }
  }
}

function jsonLine({ row, code, field, detail, raw }: Reject): string {
  const head = JSON.stringify({ row, code, field, detail });
  return `${head.slice(0, -1)},"raw":${raw}}\n`;
}

function csvLine({ row, code, field, detail, raw }: Reject): string {
  return `${[String(row), code, field ?? '', detail, raw].map(csvField).join(',')}\r\n`;
}

/** Spreadsheets take a field that begins like a formula for one, wherever it came from. */
function csvField(text: string): string {
  const safe = /^[=+\-@\t\r\0]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
