/** From a ticket to what the connector is given: a rendered message, or the input of an action. */
import {
  tagMessage,
  type EmailTemplate,
  type MissingPolicy,
  type RenderResult,
} from '@throughline/connectors/templates';
import { assertNever, type JsonObject } from '@throughline/domain/shared';
import type { Settlement, Ticket } from '@throughline/store/destinations';
import type { RecommendedItem } from '@throughline/store/recommendations';
import { couponFor } from './coupon-in-message.js';
import type { ActivityDependencies } from './dependencies.js';
import { messageInput } from './message-input.js';
import { recommendationsFor } from './recommend-in-message.js';

export type Composed = { readonly input: unknown } | { readonly settlement: Settlement };

type Composer = Pick<
  ActivityDependencies,
  'renderer' | 'unsubscribeUrl' | 'pool' | 'openSecret' | 'log'
>;

export async function compose(deps: Composer, ticket: Ticket): Promise<Composed> {
  const { content } = ticket;
  if (content.kind === 'input') return { input: content.input };
  const template = templateOf(content.body);
  if (template === null || !isFor(ticket.channel, content.body))
    return { settlement: { state: 'failed', code: 'template_invalid' } };
  const unsubscribeUrl = unsubscribeUrlOf(deps, ticket);
  const recommendations = await recommendationsFor(deps.pool, template, ticket);
  const given = await couponFor(deps, content.body, ticket);
  if ('settlement' in given) return given;
  const { coupon } = given;
  const variables = variablesOf(ticket, { unsubscribeUrl, recommendations, coupon });
  const rendered = await deps.renderer.render(template, variables);
  const tagged = tagMessage(rendered, content.body['utm'], ticket.journey);
  const opened = await deeplinkOf(deps, content.body, variables);
  return composed(ticket, tagged, { unsubscribeUrl, opened });
}

/** Null: the template has none. */
async function deeplinkOf(
  { renderer }: Composer,
  { deeplink, missing }: JsonObject,
  variables: Record<string, unknown>,
): Promise<RenderResult | null> {
  if (typeof deeplink !== 'string' || deeplink === '') return null;
  return renderer.render({ subject: deeplink, ...policyOf(missing) }, variables);
}

interface Links {
  readonly unsubscribeUrl: string | null;
  readonly opened: RenderResult | null;
}

function composed(
  ticket: Ticket,
  rendered: RenderResult,
  { unsubscribeUrl, opened }: Links,
): Composed {
  if (opened !== null && opened.status !== 'rendered' && rendered.status === 'rendered')
    return composed(ticket, opened, { unsubscribeUrl, opened: null });
  const deeplink = opened?.status === 'rendered' ? opened.subject.trim() : null;
  switch (rendered.status) {
    case 'rendered': {
      return { input: messageInput(ticket, { ...rendered, unsubscribeUrl, deeplink }) };
    }
    case 'skipped':
      return {
        settlement: { state: 'skipped', reason: 'missing_variable', detail: rendered.name },
      };
    case 'failed':
      return { settlement: { state: 'failed', code: rendered.code } };
    default:
      return assertNever(rendered);
  }
}

interface Added {
  readonly unsubscribeUrl: string | null;
  /** null: the template does not name them */
  readonly recommendations: readonly RecommendedItem[] | null;
  /** null: the message gives none away */
  readonly coupon: string | null;
}

/** What templates may name: `traits`, `trigger.properties`, `journey`, `recommendations`, `coupon`; `customer` is another word for `traits`. */
function variablesOf(
  { traits, trigger, journey }: Ticket,
  { unsubscribeUrl, recommendations, coupon }: Added,
): Record<string, unknown> {
  const values = Object.fromEntries(Object.entries(traits).map(([name, { v }]) => [name, v]));
  return {
    traits: values,
    customer: values,
    trigger: { name: trigger.name, eventTime: trigger.eventTime, properties: trigger.properties },
    journey: { key: journey.key, name: journey.name },
    ...(unsubscribeUrl === null ? {} : { unsubscribeUrl, unsubscribe_url: unsubscribeUrl }),
    ...(recommendations === null ? {} : { recommendations }),
    ...(coupon === null ? {} : { coupon }),
  };
}

/** A transactional message has no purpose that could be revoked. */
function unsubscribeUrlOf(
  deps: Composer,
  { request, customerId, purpose, channel }: Ticket,
): string | null {
  if (purpose === null || channel === null) return null;
  return deps.unsubscribeUrl({
    workspaceId: request.workspaceId,
    customerId,
    purpose,
    channel,
  });
}

/** A template is made for one channel; those from before there were others are mails. */
function isFor(channel: Ticket['channel'], body: JsonObject): boolean {
  return channel === null || (body['channel'] ?? 'email') === channel;
}

const POLICIES: readonly MissingPolicy[] = ['default', 'skip', 'fail'];

function templateOf(body: JsonObject): EmailTemplate | null {
  const { channel, subject, html, text, missing } = body;
  // Only a mail needs a subject; of a push message it is the title.
  const isText = channel === 'sms' || channel === 'push';
  if (typeof subject !== 'string' && !isText) return null;
  return {
    subject: typeof subject === 'string' ? subject : '',
    ...(typeof html === 'string' ? { html } : {}),
    ...(typeof text === 'string' ? { text } : {}),
    ...policyOf(missing),
  };
}

function policyOf(missing: unknown): { readonly missing?: MissingPolicy } {
  const policy = POLICIES.find((one) => one === missing);
  return policy === undefined ? {} : { missing: policy };
}
