/**
 * From bytes to whole rows, one JSON line each: `[number, values]`, or `[number, text, code, detail]` where a row is none. The
 * first row after a header is number 1. A bad row is a reject of its own; only what leaves the rest unreadable refuses the file.
 */
import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { CsvError, parse } from 'csv-parse';
import { isJsonObject, parseJson, ThroughlineError } from '@throughline/domain/shared';
import type { ImportFormat } from '@throughline/store/ingestion';
import { delimiterOf } from './csv-delimiter.js';

const MAX_COLUMNS = 1_000;
const MAX_NAME = 255;
const MAX_FIELD = 32 * 1024;
const MAX_ROW = 256 * 1024;
const KEPT_OF_BAD_ROW = 2_000;

export interface RowReader {
  /** of a CSV file, once its first row is read */
  readonly columns: readonly string[] | null;
  /** lines as they are stored, in the order of the file */
  lines(source: AsyncIterable<Buffer>): AsyncGenerator<string>;
}

export function rowReader(format: ImportFormat): RowReader {
  return format === 'csv' ? new CsvRows() : new NdjsonRows();
}

class CsvRows implements RowReader {
  columns: readonly string[] | null = null;

  async *lines(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
    const iterator = source[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (first.done === true) throw noHeader();
    const parser = parse({
      bom: true,
      delimiter: delimiterOf(first.value.toString('utf8')),
      max_record_size: MAX_ROW,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
    const bytes = Readable.from(again(first.value, iterator), { objectMode: false });
    bytes.once('error', (error) => parser.destroy(error));
    bytes.pipe(parser);
    try {
      let number = 0;
      for await (const record of parser) {
        const values = textsOf(record);
        if (this.columns === null) this.columns = headerOf(values);
        else yield this.line((number += 1), values);
      }
    } catch (error) {
      throw error instanceof CsvError ? unreadable(error) : error;
    } finally {
      bytes.destroy();
      parser.destroy();
    }
    if (this.columns === null) throw noHeader();
  }

  private line(number: number, values: readonly string[]): string {
    const width = this.columns?.length ?? 0;
    if (values.length !== width) {
      const detail = `${values.length} fields where the header has ${width}`;
      return refused(number, values.join(','), { code: 'ragged_row', detail });
    }
    if (values.some((value) => value.length > MAX_FIELD)) {
      const detail = `a field of more than ${MAX_FIELD} characters`;
      return refused(number, values.join(','), { code: 'field_too_long', detail });
    }
    return `[${number},${JSON.stringify(values)}]`;
  }
}

async function* again(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function textsOf(record: unknown): readonly string[] {
  return Array.isArray(record) ? record.map(String) : [];
}

function headerOf(values: readonly string[]): readonly string[] {
  if (values.length > MAX_COLUMNS)
    throw new ThroughlineError(
      'invalid_request',
      `The header has more than ${MAX_COLUMNS} columns.`,
    );
  const names = values.map((value, index) => value.trim() || `column_${index + 1}`);
  const odd = names.find((name) => name.length > MAX_NAME || name.includes('\u0000'));
  if (odd !== undefined)
    throw new ThroughlineError(
      'invalid_request',
      `A column's name is longer than ${MAX_NAME} characters or holds a NUL.`,
    );
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new ThroughlineError(
      'invalid_request',
      `The header names the column "${twice.slice(0, 60)}" twice.`,
    );
  return names;
}

function noHeader(): ThroughlineError {
  return new ThroughlineError(
    'invalid_request',
    'The file is empty: its first row names the columns.',
  );
}

function unreadable({ code, lines }: CsvError & { readonly lines?: unknown }): ThroughlineError {
  const where = typeof lines === 'number' ? ` near line ${lines}` : '';
  const what =
    code === 'CSV_QUOTE_NOT_CLOSED' || code === 'CSV_MAX_RECORD_SIZE'
      ? `A quotation mark is never closed, or a row is longer than ${MAX_ROW} characters,`
      : 'The file is no CSV that can be read';
  return new ThroughlineError('invalid_request', `${what}${where}; nothing was imported.`);
}

class NdjsonRows implements RowReader {
  readonly columns = null;

  async *lines(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
    let number = 0;
    for await (const line of textLines(source)) {
      const text = line.trim();
      if (text !== '') yield checked((number += 1), text);
    }
  }
}

/** A valid line is kept as it was sent: printing it again would lose big integers. */
function checked(number: number, text: string): string {
  if (text.length > MAX_ROW) {
    return refused(number, text, {
      code: 'row_too_long',
      detail: `more than ${MAX_ROW} characters`,
    });
  }
  const value = parseJson(text);
  if (value === undefined)
    return refused(number, text, { code: 'not_json', detail: 'the line is not valid JSON' });
  if (!isJsonObject(value))
    return refused(number, text, { code: 'not_an_object', detail: 'the line is no JSON object' });
  return `[${number},${text}]`;
}

function refused(
  number: number,
  text: string,
  why: { readonly code: string; readonly detail: string },
): string {
  return JSON.stringify([number, text.slice(0, KEPT_OF_BAD_ROW), why.code, why.detail]);
}

/** Lines of any length up to a few rows' worth: what is longer without a break is no NDJSON. */
async function* textLines(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const bytes of source) {
    const parts = (rest + decoder.write(bytes)).split('\n');
    rest = parts.pop() ?? '';
    yield* parts.map(withoutMark);
    if (rest.length > 4 * MAX_ROW)
      throw new ThroughlineError(
        'invalid_request',
        `A line is longer than ${4 * MAX_ROW} characters; nothing was imported.`,
      );
  }
  yield withoutMark(rest + decoder.end());
}

function withoutMark(line: string): string {
  return line.charCodeAt(0) === 0xfeff ? line.slice(1) : line;
}
