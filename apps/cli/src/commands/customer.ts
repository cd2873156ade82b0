import { isJsonList, isJsonObject, type Json, type JsonObject } from '@throughline/domain/shared';
import { CallFailed, type Api } from '../api.js';
import { EXIT } from '../exit-codes.js';
import type { Outcome } from '../outcome.js';

export interface CustomerOptions {
  /** an id, or an identifier as type:value */
  readonly who: string;
  /** RFC 3339; undefined: now */
  readonly asOf: string | undefined;
  readonly api: Api;
}

/** The profile of one person, now or as of an instant. */
export async function customer({ who, asOf, api }: CustomerOptions): Promise<Outcome> {
  const id = await idOf(who, api);
  const query = asOf === undefined ? '' : `?asOf=${encodeURIComponent(asOf)}`;
  const answer = await api.call({
    method: 'GET',
    path: `/api/v1/customers/${encodeURIComponent(id)}${query}`,
  });
  if (answer === null) {
    const then = asOf === undefined ? '' : ` at ${asOf}`;
    throw new CallFailed(`There is no customer ${who}${then}.`, EXIT.refused);
  }
  return { exit: EXIT.ok, lines: linesOf(answer.body), data: answer.body };
}

/** An identifier is looked up; what holds no colon is an id. */
async function idOf(who: string, api: Api): Promise<string> {
  if (!who.includes(':')) return who;
  const path = `/api/v1/customers?identifier=${encodeURIComponent(who)}`;
  const answer = await api.call({ method: 'GET', path });
  const [found] = objectsOf(answer?.body['items']);
  const id = found?.['id'];
  if (typeof id !== 'string') throw new CallFailed(`Nobody has ${who}.`, EXIT.refused);
  return id;
}

function linesOf(body: JsonObject): string[] {
  const { id, createdAt, asOf, absorbed } = body;
  const others =
    isJsonList(absorbed) && absorbed.length > 0
      ? [`absorbed ${absorbed.map(said).join(', ')}`]
      : [];
  return [
    `customer ${said(id)}`,
    `known since ${said(createdAt)}${typeof asOf === 'string' ? `, as of ${asOf}` : ''}`,
    ...others,
    ...section('identifiers', objectsOf(body['identifiers']), ({ type, value }) => [type, value]),
    ...section('traits', traitsOf(body['traits']), ({ name, value, at, source }) => [
      name,
      value,
      at,
      source,
    ]),
    ...section('consents', objectsOf(body['consents']), (one) => [
      `${said(one['purpose'])}/${said(one['channel'])}`,
      one['state'],
      one['since'],
      one['source'],
    ]),
    ...section('segments', objectsOf(body['segments']), ({ key, since }) => [key, since]),
  ];
}

/** A heading and a row for each, in columns; nothing where there are none. */
function section(
  title: string,
  items: readonly JsonObject[],
  cells: (item: JsonObject) => readonly (Json | undefined)[],
): string[] {
  if (items.length === 0) return [];
  const rows = items.map((item) => cells(item).map(said));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [
    `${title}:`,
    ...rows.map((row) =>
      `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
    ),
  ];
}

function traitsOf(traits: Json | undefined): JsonObject[] {
  if (!isJsonObject(traits)) return [];
  return Object.entries(traits).flatMap(([name, trait]) =>
    isJsonObject(trait) ? [{ ...trait, name }] : [],
  );
}

function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return isJsonList(value) ? value.filter(isJsonObject) : [];
}

function said(value: Json | undefined): string {
  if (value === undefined || value === null) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
