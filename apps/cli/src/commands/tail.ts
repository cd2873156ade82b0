import { setTimeout as pause } from 'node:timers/promises';
import { isJsonList, isJsonObject, type Json, type JsonObject } from '@throughline/domain/shared';
import { CallFailed, type Api } from '../api.js';
import { EXIT } from '../exit-codes.js';
import type { Output } from '../outcome.js';

export interface TailOptions {
  readonly type: string | undefined;
  readonly name: string | undefined;
  readonly source: string | undefined;
  /** so many events that came before, to begin with */
  readonly lines: number;
  /** ends after so many events; undefined: goes on until it is stopped */
  readonly count: number | undefined;
  /** seconds between two questions where nothing came */
  readonly every: number;
  readonly json: boolean;
  readonly output: Output;
  readonly api: Api;
}

const MOST_A_PAGE = 200;

/** Follows the events of the workspace as they are applied: one line each, at once. */
export async function tail(options: TailOptions): Promise<void> {
  const { api, count = Number.POSITIVE_INFINITY, every } = options;
  let place: string | null = null;
  let told = 0;
  while (told < count) {
    const page = await read(api, pathOf(options, place));
    const begins = place === null && options.lines === 0;
    const events = begins ? [] : page.events.slice(0, count - told);
    for (const event of events) tell(event, options);
    told += events.length;
    place = page.next;
    if (told < count && page.events.length < MOST_A_PAGE) await pause(every * 1_000);
  }
}

function pathOf({ type, name, source, lines }: TailOptions, place: string | null): string {
  const query = new URLSearchParams(place === null ? {} : { after: place });
  query.set('limit', String(place === null ? Math.max(1, lines) : MOST_A_PAGE));
  for (const [key, value] of Object.entries({ type, name, source }))
    if (value !== undefined) query.set(key, value);
  return `/api/v1/events?${query.toString()}`;
}

interface EventPage {
  readonly events: readonly JsonObject[];
  readonly next: string;
}

async function read(api: Api, path: string): Promise<EventPage> {
  const answer = await api.call({ method: 'GET', path });
  const { items, next } = answer?.body ?? {};
  if (typeof next !== 'string' || !isJsonList(items)) {
    throw new CallFailed('The server cannot be followed: it is of another version.', EXIT.refused);
  }
  return { events: items.filter(isJsonObject), next };
}

function tell(event: JsonObject, { json, output }: TailOptions): void {
  output.write(`${json ? JSON.stringify(event) : lineOf(event)}\n`);
}

function lineOf(event: JsonObject): string {
  const { receivedAt, type, name, source, customerId, messageId } = event;
  const what = type === 'track' ? `track ${said(name)}` : said(type);
  return `${said(receivedAt)}  ${what}  customer ${said(customerId)}  source ${said(source)}  ${said(messageId)}`;
}

/** Names come from senders: a line stays a line, and no terminal is told what to do. */
function said(value: Json | undefined): string {
  const text = typeof value === 'string' ? value : '-';
  return text.replace(/\p{Cc}/gu, '?');
}
