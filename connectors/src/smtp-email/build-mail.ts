/** Turns a checked mail into the bytes that go over the wire. */
import MailComposer from 'nodemailer/lib/mail-composer';
import type { DeliveryItem } from '../kit/results.js';
import { safeKey } from '../kit/safe-key.js';
import { htmlToText } from './html-to-text.js';
import { mailboxAddress, type MailInput, type SmtpSettings } from './smtp.settings.js';

export interface BuiltMail {
  readonly envelope: { readonly from: string; readonly to: readonly [string] };
  readonly messageId: string;
  readonly mime: Buffer;
}

export async function buildMail(
  { key, input }: DeliveryItem<MailInput>,
  settings: SmtpSettings,
  nowMs: number,
): Promise<BuiltMail> {
  const from = input.from ?? settings.from;
  const sender = mailboxAddress(from) ?? from;
  const messageId = messageIdOf(key, sender);
  const composer = new MailComposer({
    from,
    to: input.to,
    subject: input.subject,
    text: input.text ?? htmlToText(input.html ?? ''),
    messageId,
    date: new Date(nowMs),
    headers: { ...input.headers, ...unsubscribeHeaders(input.unsubscribeUrl) },
    // Bodies are text and only text: nothing in them makes us read files or call addresses.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(input.html === undefined ? {} : { html: input.html }),
    ...(settings.replyTo === undefined ? {} : { replyTo: settings.replyTo }),
  });
  const mime = await composer.compile().build();
  return { envelope: { from: sender, to: [input.to] }, messageId, mime };
}

/**
 * The same delivery has the same Message-ID at every attempt: mail systems that notice repeats can,
 * and a later receipt names the delivery. `+` stands for the key's colons, which an id cannot hold.
 */
export function messageIdOf(key: string, sender: string): string {
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  const local = key
    .split(':')
    .map((part) => safeKey(part))
    .join('+');
  return `<${local.length <= 200 ? local : safeKey(local)}@${domain}>`;
}

/** RFC 8058. `prepared` keeps each header on one line: folded, it breaks DKIM checks of some receivers. */
function unsubscribeHeaders(
  url: string | undefined,
): Record<string, { prepared: true; value: string }> {
  if (url === undefined) return {};
  return {
    'List-Unsubscribe': { prepared: true, value: `<${url}>` },
    'List-Unsubscribe-Post': { prepared: true, value: 'List-Unsubscribe=One-Click' },
  };
}
