import { readFile } from 'node:fs/promises';
import { isJsonObject, type JsonObject } from '@throughline/domain/shared';
import { CallFailed, type Api } from '../api.js';
import { EXIT } from '../exit-codes.js';
import type { Outcome } from '../outcome.js';

/** Segment's limit for one body is larger; this keeps a file of a day's events within it. */
const EVENTS_A_BODY = 500;

export interface SendOptions {
  /** a file, or - for what is piped in */
  readonly from: string;
  readonly input: AsyncIterable<Buffer | string>;
  readonly api: Api;
}

/** Sends one event, a list of events, or events one a line (NDJSON). Each is acknowledged only when it is committed. */
export async function send({ from, input, api }: SendOptions): Promise<Outcome> {
  const events = parseEvents(from === '-' ? await readAll(input) : await readText(from));
  for (let start = 0; start < events.length; start += EVENTS_A_BODY) {
    const batch = events.slice(start, start + EVENTS_A_BODY);
    await api.call({ method: 'POST', path: '/v1/batch', body: { batch } });
  }
  return {
    exit: EXIT.ok,
    lines: [`${events.length} event${events.length === 1 ? '' : 's'} committed`],
    data: { committed: events.length },
  };
}

function parseEvents(text: string): JsonObject[] {
  const whole = parse(text);
  const values = whole === undefined ? lines(text) : Array.isArray(whole) ? whole : [whole];
  const events = values.filter(isJsonObject);
  if (events.length !== values.length || events.length === 0) {
    throw new CallFailed(
      'Events are JSON objects: one, a list of them, or one a line.',
      EXIT.usage,
    );
  }
  // The call that a single file stands for is told by what it holds, as Segment's libraries do it.
  return events.map((event) => (event['type'] === undefined ? { ...event, type: 'track' } : event));
}

function lines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parse);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readAll(input: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new CallFailed(`${path} cannot be read.`, EXIT.usage);
  }
}
