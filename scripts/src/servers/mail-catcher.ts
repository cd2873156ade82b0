/**
 * Takes every mail and delivers none. Three kinds of address behave like the world outside:
 * `bounce@…` and `…+bounce…` do not exist, and `…+soft…` is greylisted once.
 */
import type { Server as HttpServer } from 'node:http';
import type { Server as NetServer } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { createMailHttp } from './mail-http.js';
import { MailStore, type NewMail } from './mail-store.js';
import { choosePort, HOST } from './ports.js';

export interface MailCatcherOptions {
  readonly dataDir: string;
  /** Any free ones unless given. */
  readonly smtpPort?: number;
  readonly httpPort?: number;
}

export interface MailCatcher {
  readonly smtpPort: number;
  readonly httpPort: number;
  /** The page to read mail. */
  readonly url: string;
  readonly store: MailStore;
  readonly urlOf: (mailId: string) => string;
  readonly stop: () => Promise<void>;
}

const MAX_MAIL_BYTES = 10_000_000;

export async function startMailCatcher(options: MailCatcherOptions): Promise<MailCatcher> {
  const store = await MailStore.open(options.dataDir);
  const smtpPort = await choosePort({
    what: 'caught mail',
    flag: '--smtp-port',
    ...wished(options.smtpPort),
  });
  const httpPort = await choosePort({
    what: "the mail catcher's page",
    flag: '--mail-port',
    ...wished(options.httpPort),
  });
  const smtp = createSmtp(store);
  await listen(smtp.server, smtpPort);
  const http = createMailHttp(store);
  await listen(http, httpPort);
  const url = `http://${HOST}:${httpPort}`;
  return {
    smtpPort,
    httpPort,
    url,
    store,
    urlOf: (mailId) => `${url}/messages/${encodeURIComponent(mailId)}`,
    stop: async () => {
      await Promise.all([closeSmtp(smtp), closeHttp(http)]);
      await store.settle();
    },
  };
}

function createSmtp(store: MailStore): SMTPServer {
  const greylisted = new Set<string>();
  return new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    // The answers below carry their own enhanced codes.
    hideENHANCEDSTATUSCODES: true,
    size: MAX_MAIL_BYTES,
    closeTimeout: 1_000,
    onRcptTo: ({ address }, _session, callback) => {
      callback(refusalOf(address, greylisted));
    },
    onData: (stream, session, callback) => {
      const envelope = {
        from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
        to: session.envelope.rcptTo.map((recipient) => recipient.address),
      };
      readMail(stream, envelope)
        .then((mail) => store.add(mail))
        .then((kept) => {
          callback(null, `2.0.0 kept as ${kept.id}`);
        })
        .catch(() => {
          callback(refusal(451, '4.3.0 the mail could not be kept'));
        });
    },
  });
}

function refusalOf(address: string, greylisted: Set<string>): Error | null {
  const lower = address.toLowerCase();
  if (lower.startsWith('bounce@') || lower.includes('+bounce')) {
    return refusal(550, '5.1.1 there is no such mailbox here');
  }
  if (lower.includes('+soft') && !greylisted.has(lower)) {
    greylisted.add(lower);
    return refusal(451, '4.7.1 not now, try again later');
  }
  return null;
}

/** The code is what the SMTP library answers with. */
function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

async function readMail(
  stream: NodeJS.ReadableStream,
  envelope: { readonly from: string; readonly to: readonly string[] },
): Promise<NewMail> {
  const source = await bufferOf(stream);
  const parsed = await simpleParser(source);
  return {
    ...envelope,
    subject: parsed.subject ?? '',
    messageId: parsed.messageId ?? null,
    headers: parsed.headerLines.map(({ line }) => splitHeader(line)),
    text: parsed.text?.trimEnd() ?? null,
    html: typeof parsed.html === 'string' ? parsed.html : null,
  };
}

async function bufferOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** As it was sent, with folded lines joined. */
function splitHeader(line: string): { name: string; value: string } {
  const colon = line.indexOf(':');
  const value = line.slice(colon + 1).replaceAll(/\r?\n[ \t]+/g, ' ');
  return { name: line.slice(0, colon), value: value.trim() };
}

function listen(server: NetServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      resolve();
    });
  });
}

function closeSmtp(smtp: SMTPServer): Promise<void> {
  return new Promise((resolve) => {
    smtp.close(() => {
      resolve();
    });
  });
}

function closeHttp(http: HttpServer): Promise<void> {
  http.closeAllConnections();
  return new Promise((resolve) => {
    http.close(() => {
      resolve();
    });
  });
}

function wished(port: number | undefined): { port?: number } {
  return port === undefined ? {} : { port };
}
