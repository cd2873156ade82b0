/** From a ticket to what the connector is given: a rendered message, or the input of an action. */
import type { EmailTemplate, MissingPolicy, RenderResult } from '@throughline/connectors/templates';
import { assertNever, type JsonObject } from '@throughline/domain/shared';
import type { Settlement, Ticket } from '@throughline/store/destinations';
import type { ActivityDependencies } from './dependencies.js';

export type Composed = { readonly input: unknown } | { readonly settlement: Settlement };

type Composer = Pick<ActivityDependencies, 'renderer' | 'unsubscribeUrl'>;

export async function compose(deps: Composer, ticket: Ticket): Promise<Composed> {
  const { content } = ticket;
  if (content.kind === 'input') return { input: content.input };
  const template = templateOf(content.body);
  if (template === null) return { settlement: { state: 'failed', code: 'template_invalid' } };
  const unsubscribeUrl = unsubscribeUrlOf(deps, ticket);
  return mailOf(
    ticket,
    await deps.renderer.render(template, variablesOf(ticket, unsubscribeUrl)),
    unsubscribeUrl,
  );
}

function mailOf(ticket: Ticket, rendered: RenderResult, unsubscribeUrl: string | null): Composed {
  switch (rendered.status) {
    case 'rendered': {
      const { subject, html, text } = rendered;
      return {
        input: {
          to: ticket.address,
          subject: subject.trim(),
          ...(html === undefined ? {} : { html }),
          ...(text === undefined ? {} : { text }),
          ...(unsubscribeUrl === null ? {} : { unsubscribeUrl }),
        },
      };
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

/** What templates may name: `traits`, `trigger.properties`, `journey`; `customer` is another word for `traits`. */
function variablesOf(
  { traits, trigger, journey }: Ticket,
  unsubscribeUrl: string | null,
): Record<string, unknown> {
  const values = Object.fromEntries(Object.entries(traits).map(([name, { v }]) => [name, v]));
  return {
    traits: values,
    customer: values,
    trigger: { name: trigger.name, eventTime: trigger.eventTime, properties: trigger.properties },
    journey: { key: journey.key, name: journey.name },
    ...(unsubscribeUrl === null ? {} : { unsubscribeUrl, unsubscribe_url: unsubscribeUrl }),
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

const POLICIES: readonly MissingPolicy[] = ['default', 'skip', 'fail'];

function templateOf(body: JsonObject): EmailTemplate | null {
  const { subject, html, text, missing } = body;
  if (typeof subject !== 'string') return null;
  const policy = POLICIES.find((one) => one === missing);
  return {
    subject,
    ...(typeof html === 'string' ? { html } : {}),
    ...(typeof text === 'string' ? { text } : {}),
    ...(policy === undefined ? {} : { missing: policy }),
  };
}
