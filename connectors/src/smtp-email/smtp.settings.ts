/** Settings of an SMTP connection and the input of a mail. Everything that becomes a header is checked here, before anything is built of it. */
import addressparser from 'nodemailer/lib/addressparser';
import { z } from 'zod';
import { SigningSecret } from '../webhook/webhook.settings.js';

const INJECTION = {
  message: 'must not contain line breaks or control characters',
  params: { faultCode: 'header_injection' },
};
const LOCAL_PART = /^[^\s<>@,;:"()[\]\\]{1,64}$/u;
const DOMAIN =
  /^(?=.{1,253}$)[\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?(\.[\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?)*$/u;

function headerText(maxLength: number): z.ZodString {
  return z.string().max(maxLength).refine(isOneLine, INJECTION);
}

function isOneLine(text: string): boolean {
  // eslint's no-control-regex exists to catch accidents; here the control characters are the point, so they are named by code.
  return !Array.from(text).some((char) => {
    const code = char.codePointAt(0) ?? 0;
    return (code < 32 && code !== 9) || code === 127 || code === 0x2028 || code === 0x2029;
  });
}

/** One plain address: no name, no group, no second recipient. */
const EmailAddress = headerText(320).refine(isAddress, {
  message: 'must be one e-mail address',
});

function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  return at > 0 && LOCAL_PART.test(text.slice(0, at)) && DOMAIN.test(text.slice(at + 1));
}

/** `Shop <shop@example.com>` or the address alone. */
const Mailbox = headerText(400).refine((text) => mailboxAddress(text) !== undefined, {
  message: 'must be one mailbox, such as Shop <shop@example.com>',
});

/** The bare address of a mailbox. */
export function mailboxAddress(mailbox: string): string | undefined {
  const [only, ...others] = addressparser(mailbox, { flatten: true });
  if (only === undefined || others.length > 0) return undefined;
  return isAddress(only.address) ? only.address : undefined;
}

export const SmtpSettings = z.object({
  host: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[A-Za-z0-9._:-]+$/, 'must be a host name or an address')
    .meta({ title: 'Host' }),
  port: z.int().min(1).max(65_535).default(587).meta({ title: 'Port' }),
  secure: z.boolean().default(false).meta({
    title: 'TLS from the start',
    description: 'Port 465. Otherwise STARTTLS, which is demanded wherever a password is sent.',
  }),
  user: z.string().min(1).max(320).optional().meta({ title: 'User' }),
  pass: z.string().min(1).max(1_000).optional().meta({ title: 'Password', secret: true }),
  from: Mailbox.meta({ title: 'From', description: 'Such as Shop <shop@example.com>.' }),
  replyTo: Mailbox.optional().meta({ title: 'Reply to' }),
  receiptSecret: SigningSecret.optional().meta({
    title: 'Receipt secret',
    description:
      'Reports of bounces and complaints must be signed with it; without it none are taken.',
    secret: true,
  }),
});
export type SmtpSettings = z.infer<typeof SmtpSettings>;

/** Headers that this connector, or the mail system, owns. */
const OWN_HEADERS = [
  /^(from|to|cc|bcc|sender|reply-to|subject|date|message-id|mime-version|return-path)$/i,
  /^(received|dkim-signature|content-.*|list-unsubscribe.*|resent-.*|arc-.*)$/i,
];

function isFreeHeader(name: string): boolean {
  return /^[A-Za-z0-9-]{1,76}$/.test(name) && !OWN_HEADERS.some((owned) => owned.test(name));
}

export const MailInput = z
  .object({
    to: EmailAddress.meta({ title: 'To' }),
    subject: headerText(998).meta({ title: 'Subject' }),
    html: z
      .string()
      .max(512 * 1024)
      .optional()
      .meta({ title: 'HTML body' }),
    text: z
      .string()
      .max(512 * 1024)
      .optional()
      .meta({ title: 'Text body', description: 'Made from the HTML body when not given.' }),
    from: Mailbox.optional().meta({ title: 'From', description: 'Instead of the connection’s.' }),
    unsubscribeUrl: z
      .url({ protocol: /^https?$/ })
      .max(900)
      .regex(/^[\x21-\x3b\x3d\x3f-\x7e]+$/, 'must be plain ASCII without spaces or brackets')
      .optional()
      .meta({ title: 'Unsubscribe URL', description: 'Sent as one-click List-Unsubscribe.' }),
    headers: z
      .record(z.string().refine(isFreeHeader, { message: 'cannot be set' }), headerText(900))
      .optional()
      .meta({ title: 'Further headers' }),
  })
  .refine((mail) => mail.html !== undefined || mail.text !== undefined, {
    message: 'needs an html or a text body',
  });
export type MailInput = z.infer<typeof MailInput>;
