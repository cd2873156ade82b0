import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { isJsonObject, type Json, type JsonObject } from '@throughline/domain/shared';
import { CallFailed, type Api } from '../api.js';
import { EXIT } from '../exit-codes.js';
import type { Outcome } from '../outcome.js';
import { progressBar, type Progress } from '../progress.js';

export interface ImportOptions {
  readonly file: string;
  readonly kind: string;
  readonly mapping: string;
  /** default: as the file's name ends */
  readonly format: string | undefined;
  readonly startJourneys: boolean;
  readonly rerun: boolean;
  /** until the last row is decided */
  readonly watch: boolean;
  readonly api: Api;
  readonly progress: Progress;
  readonly everyMs?: number;
}

const EVERY_MS = 500;
const OVER = ['done', 'failed', 'cancelled'];

/** Uploads a file as it is, packed or not, and, if asked to, waits and shows how far it is. */
export async function importFile(options: ImportOptions): Promise<Outcome> {
  const { kind, mapping, startJourneys, rerun, api } = options;
  const query = new URLSearchParams({
    kind,
    mapping,
    format: options.format ?? formatOf(options.file),
    startJourneys: String(startJourneys),
    rerun: String(rerun),
  });
  const path = `/api/v1/imports?${query.toString()}`;
  const answer = await api.upload({ path, body: await bytesOf(options) });
  const imported = answer.body;
  const known = answer.status === 200 ? ['this file was imported before: nothing was added'] : [];
  const last = options.watch ? await watch(options, textIn(imported, 'id')) : imported;
  return outcomeOf(last, known);
}

function formatOf(file: string): string {
  const [, ending] = /\.(csv|tsv|ndjson|jsonl)(?:\.gz)?$/i.exec(file) ?? [];
  if (ending === undefined)
    throw new CallFailed(
      `${file} ends in neither .csv nor .ndjson: say --format csv or --format ndjson.`,
      EXIT.usage,
    );
  return /^[ct]sv$/i.test(ending) ? 'csv' : 'ndjson';
}

/** The file as a stream that tells how far it is: a file of any size needs no memory. */
async function bytesOf({ file, progress }: ImportOptions): Promise<Transform> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile() !== true) throw new CallFailed(`${file} cannot be read.`, EXIT.usage);
  let sent = 0;
  const counted = new Transform({
    transform: (bytes: Buffer, _encoding, done) => {
      sent += bytes.length;
      progress.show(progressBar('upload', sent, found.size));
      done(null, bytes);
    },
  });
  createReadStream(file)
    .on('error', (error) => counted.destroy(error))
    .pipe(counted);
  return counted;
}

async function watch(options: ImportOptions, id: string): Promise<JsonObject> {
  const { api, progress, everyMs } = options;
  for (;;) {
    const answer = await api.call({ method: 'GET', path: `/api/v1/imports/${id}` });
    if (answer === null) throw new CallFailed('The import is gone.', EXIT.refused);
    const { body } = answer;
    const rows = objectIn(body, 'rows');
    progress.show(progressBar('rows', numberIn(rows, 'read'), numberIn(rows, 'total')));
    if (OVER.includes(textIn(body, 'state'))) {
      progress.end();
      return body;
    }
    await delay(everyMs ?? EVERY_MS);
  }
}

function outcomeOf(body: JsonObject, said: readonly string[]): Outcome {
  const [state, rows, events] = [
    textIn(body, 'state'),
    objectIn(body, 'rows'),
    objectIn(body, 'events'),
  ];
  const rejected = numberIn(rows, 'rejected');
  const lines = [
    ...said,
    `import ${textIn(body, 'id')}: ${state}`,
    `rows: ${numberIn(rows, 'total')}, read ${numberIn(rows, 'read')}, warned ${numberIn(rows, 'warned')}, rejected ${rejected}`,
    ...(typeof events['accepted'] === 'number'
      ? [
          `events: accepted ${events['accepted']}, duplicates ${numberIn(events, 'duplicates')}, quarantined ${numberIn(events, 'quarantined')}`,
        ]
      : []),
  ];
  const isBad = state === 'failed' || state === 'cancelled';
  return { exit: isBad ? EXIT.refused : EXIT.ok, lines, data: body };
}

function objectIn(body: JsonObject, key: string): JsonObject {
  const value: Json | undefined = body[key];
  return isJsonObject(value) ? value : {};
}

function textIn(body: JsonObject, key: string): string {
  const value = body[key];
  return typeof value === 'string' ? value : 'unknown';
}

function numberIn(body: JsonObject, key: string): number {
  const value = body[key];
  return typeof value === 'number' ? value : 0;
}
