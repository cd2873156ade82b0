import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMailCatcher, type MailCatcher } from './mail-catcher.js';
import { escapeHtml } from './mail-page.js';
import { KEPT_MAILS, MailStore, type CaughtMail } from './mail-store.js';
import { HOST } from './ports.js';

let folder: string;
let catcher: MailCatcher;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-mail-'));
  catcher = await startMailCatcher({ dataDir: folder });
});

afterEach(async () => {
  await catcher.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Speaks SMTP word by word, so that the answers are seen as a sender sees them. */
class SmtpTalk {
  private readonly lines: AsyncIterator<string>;
  private constructor(
    private readonly socket: Socket,
    reader: Interface,
  ) {
    this.lines = reader[Symbol.asyncIterator]();
  }

  static async open(port: number): Promise<SmtpTalk> {
    const socket = connect(port, HOST);
    const talk = new SmtpTalk(socket, createInterface(socket));
    await talk.answer();
    await talk.say('EHLO shop.example');
    return talk;
  }

  async say(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`);
    return this.answer();
  }

  close(): void {
    this.socket.destroy();
  }

  /** A dash behind the code says that more lines follow. */
  private async answer(): Promise<string> {
    for (;;) {
      const next = await this.lines.next();
      const line = next.done === true ? '' : next.value;
      if (line.charAt(3) !== '-') return line;
    }
  }
}

interface Sending {
  readonly to: readonly string[];
  readonly message: string;
}

async function sendMail(sending: Sending): Promise<string> {
  const talk = await SmtpTalk.open(catcher.smtpPort);
  await talk.say('MAIL FROM:<shop@example.com>');
  for (const to of sending.to) await talk.say(`RCPT TO:<${to}>`);
  await talk.say('DATA');
  const answer = await talk.say(`${sending.message.replaceAll('\n', '\r\n')}\r\n.`);
  talk.close();
  return answer;
}

const PLAIN = `From: Shop <shop@example.com>
To: Ada <ada@example.com>
Subject: Your cart is waiting
Message-ID: <delivery-1@shop.example>
List-Unsubscribe: <http://127.0.0.1:3000/unsubscribe/abc>,
 <mailto:leave@shop.example>
Content-Type: text/plain

Three things are still in it.`;

const HOSTILE = `From: "<b>Eve</b>" <eve@example.com>
To: Ada <ada@example.com>
Subject: <script>alert(1)</script>
X-Trick: "><img src=x onerror=alert(1)>
Content-Type: multipart/alternative; boundary=cut

--cut
Content-Type: text/plain

<script>alert(2)</script>
--cut
Content-Type: text/html

<script>alert(3)</script><a href="http://127.0.0.1/leave">leave</a>
--cut--`;

async function api(path: string): Promise<unknown> {
  const response = await fetch(`${catcher.url}${path}`);
  return response.json();
}

describe('catching mail', () => {
  it('keeps a mail with its envelope, headers and text', async () => {
    expect(await sendMail({ to: ['ada@example.com', 'bob@example.com'], message: PLAIN })).toMatch(
      /^250 2\.0\.0 kept as /,
    );
    expect(await api('/api/messages')).toEqual({
      messages: [
        expect.objectContaining({
          from: 'shop@example.com',
          to: ['ada@example.com', 'bob@example.com'],
          subject: 'Your cart is waiting',
          messageId: '<delivery-1@shop.example>',
          text: 'Three things are still in it.',
          html: null,
          headers: expect.arrayContaining([
            {
              name: 'List-Unsubscribe',
              value: '<http://127.0.0.1:3000/unsubscribe/abc>, <mailto:leave@shop.example>',
            },
          ]),
        }),
      ],
    });
  });

  it.each(['bounce@example.com', 'Bounce@Example.com', 'ada+bounce@example.com'])(
    'refuses %s for good, as a mailbox that does not exist',
    async (address) => {
      const talk = await SmtpTalk.open(catcher.smtpPort);
      await talk.say('MAIL FROM:<shop@example.com>');
      expect(await talk.say(`RCPT TO:<${address}>`)).toMatch(/^550 5\.1\.1 /);
      talk.close();
      expect(catcher.store.list()).toEqual([]);
    },
  );

  it('refuses a soft address once and takes it the next time', async () => {
    const talk = await SmtpTalk.open(catcher.smtpPort);
    await talk.say('MAIL FROM:<shop@example.com>');
    expect(await talk.say('RCPT TO:<ada+soft@example.com>')).toMatch(/^451 4\.7\.1 /);
    expect(await talk.say('RCPT TO:<ada+soft@example.com>')).toMatch(/^250 /);
    talk.close();
  });

  it('takes many at once without tearing a line', async () => {
    const addresses = Array.from({ length: 25 }, (_unused, index) => `s${index}@example.com`);
    await Promise.all(addresses.map((to) => sendMail({ to: [to], message: PLAIN })));
    const lines = (await readFile(join(folder, 'mails.ndjson'), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(25);
    expect(
      catcher.store
        .list()
        .flatMap((mail) => mail.to)
        .sort(),
    ).toEqual(addresses.sort());
  });
});

describe('the API', () => {
  it('lists newest first, and by address whatever its case', async () => {
    await sendMail({ to: ['ada@example.com'], message: PLAIN });
    await sendMail({ to: ['Bob@example.com'], message: PLAIN.replace('Your cart', 'Second') });
    const [newest, oldest] = catcher.store.list();
    expect([newest?.subject, oldest?.subject]).toEqual([
      'Second is waiting',
      'Your cart is waiting',
    ]);
    expect(await api('/api/messages?to=bob@EXAMPLE.com')).toEqual({ messages: [newest] });
    expect(await api(`/api/messages/${newest?.id ?? ''}`)).toEqual(newest);
  });

  it('forgets all mail when told to', async () => {
    await sendMail({ to: ['ada@example.com'], message: PLAIN });
    const response = await fetch(`${catcher.url}/api/messages`, { method: 'DELETE' });
    expect(await response.json()).toEqual({ messages: [] });
    expect(await api('/api/messages')).toEqual({ messages: [] });
  });

  it.each([
    ['GET', '/api/messages/none', 404],
    ['GET', '/messages/none', 404],
    ['GET', '/messages/none/body', 404],
    ['GET', '/elsewhere', 404],
    ['POST', '/api/messages', 405],
  ])('answers %s %s with %d', async (method, path, status) => {
    const response = await fetch(`${catcher.url}${path}`, { method });
    expect(response.status).toBe(status);
  });

  it('does not answer to a stranger who gave this address a name', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const options = { host: HOST, port: catcher.httpPort, headers: { host: 'evil.example' } };
      request(options, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .once('error', reject)
        .end();
    });
    expect(status).toBe(421);
  });
});

describe('the page', () => {
  it('says that there is nothing yet', async () => {
    expect(await (await fetch(catcher.url)).text()).toContain('No mail yet.');
  });

  it('shows list and mail with nothing of a hostile mail alive', async () => {
    await sendMail({ to: ['ada@example.com'], message: HOSTILE });
    const [mail] = catcher.store.list();
    for (const url of [catcher.url, catcher.urlOf(mail?.id ?? '')]) {
      const response = await fetch(url);
      const text = await response.text();
      expect(text).not.toMatch(/<script|<img|<b>Eve/);
      expect(text).toContain(escapeHtml('<script>alert(1)</script>'));
      expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    }
  });

  it('shuts the message in a frame that can run nothing', async () => {
    await sendMail({ to: ['ada@example.com'], message: HOSTILE });
    const id = catcher.store.list()[0]?.id ?? '';
    const around = await (await fetch(catcher.urlOf(id))).text();
    expect(around).toContain(`<iframe sandbox="allow-popups allow-popups-to-escape-sandbox"`);
    const inside = await fetch(`${catcher.urlOf(id)}/body`);
    expect(await inside.text()).toContain('<a href="http://127.0.0.1/leave">leave</a>');
    const policy = inside.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain('sandbox allow-popups');
    expect(policy).not.toContain('allow-scripts');
  });

  it('shows the headers by which a person leaves', async () => {
    await sendMail({ to: ['ada@example.com'], message: PLAIN });
    const text = await (await fetch(catcher.urlOf(catcher.store.list()[0]?.id ?? ''))).text();
    expect(text).toContain('<dt>List-Unsubscribe</dt>');
    expect(text).toContain('&lt;delivery-1@shop.example&gt;');
    expect(text).toContain('Three things are still in it.');
  });
});

describe('a restart', () => {
  it('keeps the mail that was accepted', async () => {
    await sendMail({ to: ['ada@example.com'], message: PLAIN });
    const before = catcher.store.list();
    await catcher.stop();
    catcher = await startMailCatcher({ dataDir: folder });
    expect(catcher.store.list()).toEqual(before);
  });

  it('leaves out a line that a kill tore, and what is no mail', async () => {
    await sendMail({ to: ['ada@example.com'], message: PLAIN });
    await appendFile(join(folder, 'mails.ndjson'), '{"id":1}\nnull\n{"id":"torn","to":["a');
    const reopened = await MailStore.open(folder);
    expect(reopened.list()).toHaveLength(1);
    expect(
      (await readFile(join(folder, 'mails.ndjson'), 'utf8')).trimEnd().split('\n'),
    ).toHaveLength(1);
  });

  it('cuts the file back to the mails that are kept', async () => {
    const mail = (index: number): CaughtMail => ({
      id: String(index),
      receivedAt: '2026-01-01T00:00:00.000Z',
      to: ['a@example.com'],
      from: '',
      subject: '',
      messageId: null,
      headers: [],
      text: null,
      html: null,
    });
    const lines = Array.from({ length: KEPT_MAILS + 5 }, (_unused, index) =>
      JSON.stringify(mail(index)),
    );
    await writeFile(join(folder, 'mails.ndjson'), `${lines.join('\n')}\n`);
    const reopened = await MailStore.open(folder);
    expect(reopened.list()).toHaveLength(KEPT_MAILS);
    expect(reopened.list()[0]?.id).toBe(String(KEPT_MAILS + 4));
    expect(reopened.find('0')).toBeUndefined();
  });
});
