import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { isJsonList, isJsonObject, type Json, type JsonObject } from '@throughline/domain/shared';
import { CallFailed, type Api } from '../api.js';
import { EXIT } from '../exit-codes.js';
import type { Outcome, Output } from '../outcome.js';

export interface SimulateOptions {
  /** key of a journey on the server, or a file that holds one */
  readonly journey: string;
  readonly days: number;
  readonly maxCustomers: number;
  readonly version: number | null;
  readonly api: Api;
  /** where progress is said, so that the answer can be piped on */
  readonly progress: Output;
  readonly everyMs?: number;
}

const EVERY_MS = 500;

/** Runs a journey over the server's real history and says what would have come of it. Nothing is sent. */
export async function simulate(options: SimulateOptions): Promise<Outcome> {
  const { api, days, maxCustomers, version } = options;
  const { key, definition } = await journeyOf(options.journey);
  const path = `/api/v1/journeys/${encodeURIComponent(key)}`;
  const body = {
    days,
    maxCustomers,
    ...(version === null ? {} : { version }),
    ...(definition === null ? {} : { definition }),
  };
  const begun = await api.call({ method: 'POST', path: `${path}/simulate`, body });
  const id = textOf(begun?.body['id']);
  const done = await waited(options, `${path}/simulations/${id}`);
  const failed = done['state'] === 'failed';
  return { exit: failed ? EXIT.refused : EXIT.ok, lines: linesOf(done), data: done };
}

async function journeyOf(
  named: string,
): Promise<{ readonly key: string; readonly definition: JsonObject | null }> {
  if (!named.endsWith('.json')) return { key: named, definition: null };
  const definition = parsed(await read(named));
  const key = isJsonObject(definition) ? definition['key'] : undefined;
  if (!isJsonObject(definition) || typeof key !== 'string')
    throw new CallFailed(`${named} holds no journey with a key.`, EXIT.usage);
  return { key, definition };
}

async function waited(
  { api, progress, everyMs = EVERY_MS }: SimulateOptions,
  path: string,
): Promise<JsonObject> {
  for (let said = ''; ;) {
    const answer = await api.call({ method: 'GET', path });
    if (answer === null) throw new CallFailed('The simulation is gone.', EXIT.refused);
    const { state, people, entered } = answer.body;
    const line = isJsonObject(people)
      ? `${number(people['done'])} of ${number(people['sample'])} people, ${number(entered)} entered`
      : '';
    if (line !== said) progress.write(`${line}\n`);
    said = line;
    if (state === 'done' || state === 'failed') return answer.body;
    await pause(everyMs);
  }
}

function linesOf(done: JsonObject): string[] {
  const { journey, days, state, people, entered, sent } = done;
  const looked = isJsonObject(people) ? people : {};
  const share = number(looked['share']);
  return [
    `${textOf(journey)} over ${number(days)} days: ${number(looked['done'])} of ${number(looked['population'])} people`,
    ...(share < 1
      ? [`a sample: all counts are of ${(share * 100).toFixed(1)} % of the people`]
      : []),
    ...(state === 'failed'
      ? ['it failed before it was through; the counts are of what it saw']
      : []),
    `entered ${number(entered)} · sent ${number(sent)}`,
    ...countsLine('not entered', done['refused']),
    ...countsLine('stopped by', done['guards']),
    ...countsLine('outcomes', done['outcomes']),
    ...countsLine('goals', done['goals']),
    '',
    ...table(listOf(done['steps'])),
  ];
}

const COLUMNS = ['step', 'visits', 'standing', 'sent', 'stopped', 'kept', 'branches'] as const;

function table(steps: readonly JsonObject[]): string[] {
  const rows = [
    [...COLUMNS],
    ...steps.map((step) => COLUMNS.map((column) => cellOf(step[column]))),
  ];
  const widths = COLUMNS.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function cellOf(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  return isJsonObject(value) ? counts(value) : '';
}

function countsLine(what: string, value: Json | undefined): string[] {
  return isJsonObject(value) && Object.keys(value).length > 0 ? [`${what}: ${counts(value)}`] : [];
}

/** The greatest first. */
function counts(value: JsonObject): string {
  return Object.entries(value)
    .sort(([, a], [, b]) => number(b) - number(a))
    .map(([name, count]) => `${name} ${number(count)}`)
    .join(', ');
}

function listOf(value: Json | undefined): readonly JsonObject[] {
  return isJsonList(value) ? value.filter(isJsonObject) : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function number(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new CallFailed(`${path} cannot be read.`, EXIT.usage);
  }
}
