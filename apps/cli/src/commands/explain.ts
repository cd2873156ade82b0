import { isJsonList, isJsonObject, type Json, type JsonObject } from '@throughline/domain/shared';
import { CallFailed, type Api } from '../api.js';
import { EXIT } from '../exit-codes.js';
import type { Outcome } from '../outcome.js';

export interface ExplainOptions {
  /** an id, or type:value */
  readonly customer: string;
  readonly journey: string;
  readonly at: string | null;
  readonly api: Api;
}

/** What a journey did to a person, or the first guard that kept them out of it. */
export async function explain({ customer, journey, at, api }: ExplainOptions): Promise<Outcome> {
  const id = customer.includes(':') ? await found(api, customer) : customer;
  const query = new URLSearchParams({ journey, ...(at === null ? {} : { at }) });
  const path = `/api/v1/customers/${encodeURIComponent(id)}/explain?${query.toString()}`;
  const answer = await api.call({ method: 'GET', path });
  if (answer === null)
    throw new CallFailed('There is no such customer, or no such journey.', EXIT.refused);
  return { exit: EXIT.ok, lines: linesOf(answer.body), data: answer.body };
}

async function found(api: Api, identifier: string): Promise<string> {
  const path = `/api/v1/customers?${new URLSearchParams({ identifier }).toString()}`;
  const answer = await api.call({ method: 'GET', path });
  const [first] = listOf(answer?.body['items']);
  const id = first?.['id'];
  if (typeof id !== 'string') throw new CallFailed(`Nobody has ${identifier}.`, EXIT.refused);
  return id;
}

function linesOf(body: JsonObject): string[] {
  const { condition } = body;
  return [
    text(body['sentence']),
    ...listOf(body['enrolments']).flatMap(chainLines),
    ...listOf(body['notEntered']).flatMap((verdict) => [
      '',
      `${text(verdict['at'])}  not entered: ${text(verdict['obstacle'])}`,
      `  ${text(verdict['sentence'])}`,
    ]),
    ...(isJsonObject(condition) ? ['', ...listOf(condition['tests']).map(testLine)] : []),
  ];
}

function chainLines(chain: JsonObject): string[] {
  const { trigger } = chain;
  const cause = isJsonObject(trigger) ? text(trigger['name']) : '';
  return [
    '',
    `enrolment ${text(chain['enrolment'])} by ${cause}`,
    ...listOf(chain['trail']).map(trailLine),
    ...listOf(chain['deliveries']).map(
      ({ step, settledAt, sentence }) => `  ${text(settledAt)}  ${text(step)}: ${text(sentence)}`,
    ),
  ];
}

function trailLine({ at, kind, step, detail }: JsonObject): string {
  const more = isJsonObject(detail) && Object.keys(detail).length > 0 ? JSON.stringify(detail) : '';
  return `  ${text(at)}  ${text(kind).padEnd(9)} ${text(step)} ${more}`.trimEnd();
}

function testLine({ holds, sentence, because }: JsonObject): string {
  return `  ${holds === true ? 'yes' : 'no '} ${text(sentence)}: ${text(because)}`;
}

function listOf(value: Json | undefined): readonly JsonObject[] {
  return isJsonList(value) ? value.filter(isJsonObject) : [];
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
