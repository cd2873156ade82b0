import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { parseItems } from '../kit/parse-items.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { buildMail, messageIdOf } from './build-mail.js';
import { MailInput, mailboxAddress, SmtpSettings } from './smtp.settings.js';

const settings = SmtpSettings.parse({
  host: 'smtp.example',
  from: 'Jörg’s Shop <shop@mail.example>',
  replyTo: 'help@mail.example',
});
const mail = (over: Partial<MailInput> = {}): { key: string; input: MailInput } => ({
  key: '0197-e:send:1',
  input: { to: 'ada@example.com', subject: 'Your cart', html: '<p>Hello &amp; hi</p>', ...over },
});
const rawOf = async (over: Partial<MailInput> = {}): Promise<string> =>
  (await buildMail(mail(over), settings, NOW_MS)).mime.toString('utf8');

describe('buildMail', () => {
  it('makes a mail with both parts, the delivery as Message-ID and the given instant', async () => {
    const built = await buildMail(mail({ subject: 'Grüße 🛒' }), settings, NOW_MS);
    const parsed = await simpleParser(built.mime);
    expect(built.envelope).toEqual({ from: 'shop@mail.example', to: ['ada@example.com'] });
    expect(parsed.messageId).toBe('<0197-e+send+1@mail.example>');
    expect(parsed.subject).toBe('Grüße 🛒');
    expect(parsed.from?.text).toBe('"Jörg’s Shop" <shop@mail.example>');
    expect(parsed.replyTo?.text).toBe('help@mail.example');
    expect(parsed.date?.getTime()).toBe(NOW_MS);
    expect(parsed.text?.trim()).toBe('Hello & hi');
    expect(parsed.html).toContain('<p>Hello &amp; hi</p>');
  });

  it('is the same mail at every attempt, apart from the boundary between its parts', async () => {
    const boundary = /--_NmP-[^"\s]*|boundary="[^"]*"/g;
    const [one, other] = [await rawOf(), await rawOf()];
    expect(one.replace(boundary, '')).toBe(other.replace(boundary, ''));
  });

  it('prefers a given text part, a given sender and sends text alone when there is no HTML', async () => {
    const built = await buildMail(
      mail({ text: 'given', from: 'VIP <vip@other.example>' }),
      settings,
      NOW_MS,
    );
    const parsed = await simpleParser(built.mime);
    expect(parsed.text?.trim()).toBe('given');
    expect(built.envelope.from).toBe('vip@other.example');
    expect(built.messageId).toMatch(/@other\.example>$/);
    const plain = await buildMail(
      { key: 'k', input: { to: 'a@b.example', subject: 's', text: 't' } },
      settings,
      NOW_MS,
    );
    expect(plain.mime.toString()).toMatch(/^Content-Type: text\/plain/m);
    expect(plain.mime.toString()).not.toContain('multipart');
  });

  it('offers one-click unsubscription by two headers, each on one line however long', async () => {
    const url = `https://api.example/u/${'t'.repeat(400)}`;
    const lines = (await rawOf({ unsubscribeUrl: url })).split('\r\n');
    expect(lines).toContain(`List-Unsubscribe: <${url}>`);
    expect(lines).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    expect(await rawOf()).not.toContain('List-Unsubscribe');
  });

  it('adds further headers', async () => {
    expect(await rawOf({ headers: { 'X-Campaign': 'cart' } })).toMatch(/^X-Campaign: cart\r$/m);
  });
});

describe('messageIdOf', () => {
  it('is a valid Message-ID for any key, and a different one for a different key', () => {
    const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(key, key, (one, other) => {
        expect(messageIdOf(one, 'a@b.example')).toMatch(/^<[A-Za-z0-9_=+-]+@b\.example>$/);
        const same = messageIdOf(one, 'a@b.example') === messageIdOf(other, 'a@b.example');
        expect(same).toBe(one === other);
      }),
    );
  });

  it('stays short', () => {
    expect(messageIdOf('x:'.repeat(500), 'a@b.example').length).toBeLessThan(220);
  });
});

describe('what may become a header', () => {
  const valid = mail().input;
  it.each<[string, object]>([
    ['two recipients', { to: 'a@x.example, b@x.example' }],
    ['a name beside the address', { to: 'Ada <ada@x.example>' }],
    ['a group', { to: 'all: a@x.example;' }],
    ['no domain', { to: 'ada' }],
    ['no local part', { to: '@x.example' }],
    ['two senders', { from: 'a@x.example, b@x.example' }],
    ['a header of ours', { headers: { 'Message-ID': '<x@y>' } }],
    ['a recipient in a header', { headers: { bcc: 'b@x.example' } }],
    ['a header name with a line break', { headers: { 'X-A\r\nBcc': 'b' } }],
    ['a header name with a colon', { headers: { 'X-A:': 'b' } }],
    ['an unsubscribe URL that ends the header', { unsubscribeUrl: 'https://x.example/>\r\nX: y' }],
    ['an unsubscribe URL with a bracket', { unsubscribeUrl: 'https://x.example/a>b' }],
    ['an unsubscribe URL of another kind', { unsubscribeUrl: 'mailto:a@x.example' }],
    ['no body at all', { html: undefined }],
  ])('refuses %s', (_name, over) => {
    expect(MailInput.safeParse({ ...valid, ...over }).success).toBe(false);
  });

  it.each<[string, object]>([
    ['the address', { to: 'a@x.example\r\nBcc: b@x.example' }],
    ['the subject', { subject: 'Hi\r\nBcc: b@x.example' }],
    ['the subject, by a bare line feed', { subject: 'Hi\nX: y' }],
    ['the subject, by a NUL', { subject: 'Hi\u0000' }],
    ['the subject, by a line separator', { subject: 'Hi\u2028x' }],
    ['the sender', { from: 'Shop\r\nBcc: x <s@x.example>' }],
    ['a header', { headers: { 'X-A': 'a\r\nBcc: b@x.example' } }],
  ])('calls it an injection when something breaks the line of %s', (_name, over) => {
    const { faults } = parseItems(MailInput, [{ key: 'k', input: { ...valid, ...over } }], 9_999);
    expect(faults.get(0)).toMatchObject({ class: 'invalidItem', code: 'header_injection' });
  });

  it.each([
    'ada@example.com',
    'a.b+c@sub.example.co.uk',
    "o'hara@example.com",
    'jörg@bücher.example',
    'x@localhost',
  ])('accepts %s', (to) => {
    expect(MailInput.safeParse({ ...valid, to }).success).toBe(true);
  });

  it('lets no text whatever add a header line', async () => {
    const plain = (await rawOf({ subject: 'x' })).split('\r\n\r\n')[0] ?? '';
    const before = plain.split(/\r\n(?!\s)/).length;
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async (subject) => {
        const parsed = MailInput.safeParse({ ...valid, subject });
        fc.pre(parsed.success);
        const head = (await rawOf({ subject })).split('\r\n\r\n')[0] ?? '';
        expect(head.split(/\r\n(?!\s)/).length).toBeLessThanOrEqual(before);
      }),
      { numRuns: 60 },
    );
  });
});

describe('mailboxAddress', () => {
  it.each<[string, string | undefined]>([
    ['a@b.example', 'a@b.example'],
    ['Shop <a@b.example>', 'a@b.example'],
    ['"Shop, Inc." <a@b.example>', 'a@b.example'],
    ['Shop', undefined],
    ['a@b.example, c@d.example', undefined],
    ['', undefined],
  ])('finds the address of %j', (mailbox, expected) => {
    expect(mailboxAddress(mailbox)).toBe(expected);
  });
});
