/** Posts one message to the channel of an incoming webhook. Slack answers in plain words, and knows no key of ours. */
import {
  ambiguous,
  configFault,
  itemFault,
  resultOfFault,
  type DeliveryFault,
} from '../kit/faults.js';
import { faultOfUnrepeatable } from '../kit/gateway-fault.js';
import type { HttpActionSpec } from '../kit/http-action.js';
import type { HttpPlan, HttpResponse } from '../kit/http-plan.js';
import { statusMessage } from '../kit/read-json.js';
import { PostInput, type SlackSettings } from './slack.settings.js';

export const postSpec: HttpActionSpec<SlackSettings, PostInput> = {
  title: 'Post to the channel',
  input: PostInput,
  build: (items, { settings }) =>
    items.map(({ input }, index) => slackPost(settings, input, [index])),
  read: (response, items, { nowMs, idempotency }) => {
    const fault = faultOfSlack(response, nowMs);
    return items.map(() =>
      fault === undefined ? { status: 'delivered' } : resultOfFault(fault, idempotency),
    );
  },
};

export function slackPost(
  { url }: SlackSettings,
  value: unknown,
  items: readonly number[],
): HttpPlan {
  return { method: 'POST', url, headers: {}, body: { kind: 'json', value }, items };
}

/** The webhook or its channel is no more. */
const GONE = new Set([
  'channel_is_archived',
  'channel_not_found',
  'no_active_hooks',
  'no_service',
  'no_team',
  'team_disabled',
]);
/** Whoever owns the webhook may not post there. */
const FORBIDDEN = new Set([
  'action_prohibited',
  'posting_to_general_channel_denied',
  'user_not_found',
]);
const TOKEN = new Set(['invalid_token', 'no_permission']);
const CONTENT = new Set(['invalid_payload', 'invalid_blocks', 'no_text', 'too_many_attachments']);

/** Only the word `ok` under a 2xx says that it was posted. */
export function faultOfSlack(response: HttpResponse, nowMs: number): DeliveryFault | undefined {
  const word = response.complete ? response.body.trim() : '';
  const fault = faultOfUnrepeatable(response, nowMs);
  const named = faultOfWord(word, statusMessage(response, [word]));
  if (fault === undefined) return word === 'ok' ? undefined : (named ?? unreadable(response));
  const isAnswer = fault.class !== 'retryable' && fault.class !== 'rateLimited';
  return isAnswer && fault.class !== 'ambiguous' ? (named ?? fault) : fault;
}

function faultOfWord(word: string, message: string): DeliveryFault | undefined {
  if (GONE.has(word)) return { class: 'gone', code: 'endpoint_gone', message };
  if (FORBIDDEN.has(word)) return configFault('sender_refused', message);
  if (TOKEN.has(word)) return { class: 'authInvalid', code: 'auth_invalid', message };
  return CONTENT.has(word) ? itemFault('message_refused', message) : undefined;
}

function unreadable(response: HttpResponse): DeliveryFault {
  return ambiguous('response_unreadable', `${statusMessage(response, [])} without ok`);
}
