/** CSV as it comes: a byte order mark, other delimiters, spaces around values, lines that are too short. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { parse } from 'csv-parse';
import { Failure, messageOf } from '../failure.js';

export interface CsvTable {
  readonly names: readonly string[];
  readonly rows: AsyncIterable<readonly string[]>;
}

const DELIMITERS = [',', ';', '\t', '|'];
const LONGEST_HEADER = 65_536;

/** The first line names the columns; rows are read as they are asked for. */
export async function openCsv(file: string): Promise<CsvTable> {
  const delimiter = await delimiterOf(file);
  const parser = createReadStream(file).pipe(
    parse({
      bom: true,
      delimiter,
      trim: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    }),
  );
  const lines = stringLines(parser);
  const first = await lines.next();
  if (first.done === true) throw unreadable(file, 'it is empty');
  return { names: first.value, rows: lines };
}

async function* stringLines(
  parser: AsyncIterable<unknown>,
): AsyncGenerator<readonly string[], undefined> {
  for await (const line of parser) {
    if (Array.isArray(line))
      yield line.map((value: unknown) => (typeof value === 'string' ? value : ''));
  }
}

async function delimiterOf(file: string): Promise<string> {
  const header = await firstBytes(file);
  const line = header.split(/\r?\n/, 1)[0] ?? '';
  const counted = DELIMITERS.map((delimiter) => ({
    delimiter,
    count: line.split(delimiter).length,
  }));
  return counted.reduce((most, each) => (each.count > most.count ? each : most)).delimiter;
}

async function firstBytes(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(
        Buffer.alloc(LONGEST_HEADER),
        0,
        LONGEST_HEADER,
        0,
      );
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(file, messageOf(error));
  }
}

function unreadable(file: string, why: string): Failure {
  return new Failure({
    code: 'command_failed',
    sentence: `The file ${file} could not be read: ${why}.`,
    command: 'npm run conformance -- --help',
  });
}
