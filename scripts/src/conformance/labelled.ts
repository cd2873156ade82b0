/** A labelled table: its columns ready to be linked, and the truth apart from them. */
import {
  TableBuilder,
  truePairs,
  type KnownKinds,
  type LinkageTable,
} from '@throughline/domain/identity/linkage';
import { Failure } from '../failure.js';
import { openCsv } from './csv.js';

export interface LabelledFile {
  readonly csv: string;
  readonly truth: string;
  /** the capture group (or the match) in the truth column that names the person */
  readonly truthPattern?: RegExp;
  readonly kinds?: KnownKinds;
}

export interface LabelledTable {
  readonly table: LinkageTable;
  readonly truth: readonly string[];
  readonly pairs: number;
  /** values as they are in the file, for counts that must not depend on cleaning */
  readonly raw: ReadonlyMap<string, readonly string[]>;
}

export async function readLabelled(file: LabelledFile, keepRaw = false): Promise<LabelledTable> {
  const { names, rows } = await openCsv(file.csv);
  const at = names.indexOf(file.truth);
  if (at < 0) throw noColumn(file, names);
  const others = names.flatMap((name, index) => (index === at ? [] : [{ name, index }]));
  const builder = new TableBuilder(others.map(({ name }) => name));
  const raw = new Map(others.map(({ name }) => [name, new Array<string>()]));
  const truth: string[] = [];
  for await (const row of rows) {
    builder.add(others.map(({ index }) => row[index]));
    truth.push(labelIn(row[at] ?? '', file));
    if (keepRaw) for (const { name, index } of others) raw.get(name)?.push(row[index] ?? '');
  }
  return { table: builder.build(file.kinds), truth, pairs: truePairs(truth), raw };
}

function labelIn(text: string, { truthPattern, truth }: LabelledFile): string {
  if (truthPattern === undefined) return text;
  const found = truthPattern.exec(text);
  if (found !== null) return found[1] ?? found[0];
  throw new Failure({
    code: 'command_failed',
    sentence: `The value "${text}" of ${truth} does not match ${String(truthPattern)}.`,
    command: 'npm run conformance -- --help',
  });
}

function noColumn({ csv, truth }: LabelledFile, names: readonly string[]): Failure {
  return new Failure({
    code: 'command_failed',
    sentence: `${csv} has no column "${truth}".`,
    command: 'npm run conformance -- --help',
    details: [`Its columns are: ${names.join(', ')}.`],
  });
}
