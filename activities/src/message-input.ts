/** What the connector of a channel is given of a rendered message. */
import { assertNever } from '@throughline/domain/shared';
import type { Ticket } from '@throughline/store/destinations';

export interface Rendered {
  readonly subject: string;
  readonly html?: string;
  readonly text?: string;
  readonly unsubscribeUrl: string | null;
  /** of a push message: what a tap opens; null: nothing */
  readonly deeplink: string | null;
}

export function messageInput(
  { channel, address }: Pick<Ticket, 'channel' | 'address'>,
  rendered: Rendered,
): Record<string, unknown> {
  switch (channel) {
    case 'sms':
      return { to: address, text: textOf(rendered) };
    case 'push':
      return pushOf(address, rendered);
    case 'email':
    case null:
      return mailOf(address, rendered);
    default:
      return assertNever(channel);
  }
}

function mailOf(address: string | null, rendered: Rendered): Record<string, unknown> {
  const { subject, html, text, unsubscribeUrl } = rendered;
  return {
    to: address,
    subject: subject.trim(),
    ...(html === undefined ? {} : { html }),
    ...(text === undefined ? {} : { text }),
    ...(unsubscribeUrl === null ? {} : { unsubscribeUrl }),
  };
}

function pushOf(address: string | null, rendered: Rendered): Record<string, unknown> {
  const title = rendered.subject.trim();
  const { deeplink } = rendered;
  return {
    address,
    ...(title === '' ? {} : { title }),
    body: textOf(rendered),
    ...(deeplink === null || deeplink === '' ? {} : { deeplink }),
  };
}

function textOf({ text = '' }: Rendered): string {
  return text.trim();
}
