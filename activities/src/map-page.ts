/** Rows of one page become batches of events and rejects. Pure: the same page maps the same on every worker. */
import { doorCheck } from '@throughline/domain/ingestion';
import {
  isJsonList,
  parseJson,
  utf8Length,
  type Json,
  type JsonObject,
} from '@throughline/domain/shared';
import type { ImportBatch, ImportPage, MappedPage, Reject } from '@throughline/store/ingestion';

/** What a mapping makes of one row; the catalogue's MappedRow is one. */
interface MappedRow {
  readonly events: readonly JsonObject[];
  readonly warnings: readonly { readonly code: string; readonly action: 'kept' | 'omitted' }[];
  readonly rejection: {
    readonly code: string;
    readonly field: string | null;
    readonly detail: string;
  } | null;
}

/** The id is the row's number in its file, or what else names it for good. */
export type RowMapper = (row: JsonObject, id: string) => MappedRow;

/** Small enough for the lane to take one in a tenth of a second, so that live events never wait long behind a file. */
const EVENTS_A_BATCH = 500;
const BYTES_A_BATCH = 400 * 1024;

export function mapPage(page: ImportPage, map: RowMapper): MappedPage {
  const batches = new Batches();
  const rejects: Reject[] = [];
  const warnings: Record<string, number> = {};
  const counts = { rows: 0, warned: 0, omitted: 0 };
  for (const line of (page.chunk ?? '').split('\n')) {
    if (line === '') continue;
    counts.rows += 1;
    const read = readLine(line, page.columns);
    if ('code' in read) {
      rejects.push(read);
      continue;
    }
    const mapped = map(read.row, read.id ?? String(read.number));
    if (mapped.warnings.length > 0) counts.warned += 1;
    if (mapped.warnings.some(({ action }) => action === 'omitted')) counts.omitted += 1;
    for (const { code } of mapped.warnings) warnings[code] = (warnings[code] ?? 0) + 1;
    if (mapped.rejection !== null)
      rejects.push({ row: read.number, ...mapped.rejection, raw: read.raw, ...named(read.id) });
    else for (const event of mapped.events) batches.add(event);
  }
  return { page, ...counts, warnings, batches: batches.all(), rejects };
}

type ReadLine =
  | {
      readonly number: number;
      readonly row: JsonObject;
      readonly raw: string;
      readonly id: string | undefined;
    }
  | Reject;

/** `[number, values]`, `[number, values, id]`, or `[number, text, code, detail]` where the reader refused it; see migration 0010. */
function readLine(line: string, columns: readonly string[] | null): ReadLine {
  const parsed = parseJson(line);
  const parts: readonly Json[] = isJsonList(parsed) ? parsed : [];
  const [number, values, third, detail] = parts;
  const row = typeof number === 'number' ? number : 0;
  const raw = JSON.stringify(values ?? null);
  const word = typeof third === 'string' ? third : undefined;
  if (word !== undefined && typeof detail === 'string')
    return { row, code: word, field: null, detail, raw };
  const object = rowOf(values, columns);
  if (object === null)
    return { row, code: 'not_an_object', field: null, detail: 'the row is no object', raw };
  return { number: row, row: object, raw, id: word };
}

function named(rowId: string | undefined): Pick<Reject, 'rowId'> {
  return rowId === undefined ? {} : { rowId };
}

function rowOf(values: Json | undefined, columns: readonly string[] | null): JsonObject | null {
  if (columns === null)
    return typeof values === 'object' && values !== null && !isJsonList(values) ? values : null;
  if (!isJsonList(values)) return null;
  return Object.fromEntries(columns.map((column, index) => [column, values[index] ?? null]));
}

class Batches {
  private readonly done: ImportBatch[] = [];
  private texts: string[] = [];
  private bytes = 0;

  add(event: JsonObject): void {
    const text = JSON.stringify(event);
    const bytes = utf8Length(text);
    if (this.texts.length === EVENTS_A_BATCH || this.bytes + bytes > BYTES_A_BATCH) this.close();
    this.texts.push(text);
    this.bytes += bytes;
  }

  all(): readonly ImportBatch[] {
    this.close();
    return this.done;
  }

  private close(): void {
    if (this.texts.length === 0) return;
    const body = `{"batch":[${this.texts.join(',')}]}`;
    this.done.push({ body, events: this.texts.length, revocations: revocationsIn(body) });
    this.texts = [];
    this.bytes = 0;
  }
}

/** Only bodies that speak of consent are looked into: a reservation must hear of a no before the lane has come to it. */
function revocationsIn(body: string): ImportBatch['revocations'] {
  if (!/"consent"|"Consent Changed"|"Message Unsubscribed"/.test(body)) return [];
  const checked = doorCheck('batch', body);
  return 'code' in checked ? [] : checked.revocations;
}
