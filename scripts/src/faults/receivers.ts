/** The two worlds outside: a mail server and a webhook receiver that are sometimes slow, refuse, or lose their answer, and count. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Server as NetServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { freePort, HOST } from '../servers/ports.js';
import { asRecord, asText } from '../shop/api-client.js';
import type { HookManner } from './plan.js';

export interface ReceivedMail {
  readonly messageId: string;
  readonly to: string;
}

/** What one key came to: the receiver does its work once for each, however often it is offered. */
export interface HookEffect {
  readonly key: string;
  readonly cart: string;
  readonly step: string;
  readonly offers: number;
  /** times that the work was done; a receiver that honours keys does it once */
  readonly effects: number;
  /** different contents under one key: a repeat must be a repeat */
  readonly bodies: number;
}

export interface Receivers {
  readonly smtpPort: number;
  readonly hookUrl: string;
  readonly mails: () => readonly ReceivedMail[];
  readonly hooks: () => readonly HookEffect[];
  /** answers 503 for this cart until it is released */
  readonly hold: (cart: string) => void;
  readonly release: (cart: string) => void;
  readonly offersTo: (cart: string) => number;
  readonly stop: () => Promise<void>;
}

export interface ReceiverManners {
  /** by the part of the address before the @ */
  mailMs(shopper: string): number;
  hook(cart: string): { readonly manner: HookManner; readonly ms: number };
}

export async function startReceivers(manners: ReceiverManners): Promise<Receivers> {
  const mails: ReceivedMail[] = [];
  const ledger = new HookLedger(manners);
  const smtp = createSmtp(manners, mails);
  const hook = createServer((request, response) => {
    ledger.answer(request, response).catch(() => response.destroy());
  });
  const [smtpPort, hookPort] = [await freePort(), await freePort()];
  await listen(smtp.server, smtpPort);
  await listen(hook, hookPort);
  return {
    smtpPort,
    hookUrl: `http://${HOST}:${hookPort}/hook`,
    mails: () => mails,
    hooks: () => ledger.list(),
    hold: (cart) => ledger.held.add(cart),
    release: (cart) => ledger.held.delete(cart),
    offersTo: (cart) => ledger.offersTo(cart),
    stop: async () => {
      await Promise.all([closeSmtp(smtp), closeHttp(hook)]);
    },
  };
}

/** A mail counts when its body is here, before we say so: a sender that is killed in between has sent it. */
function createSmtp(manners: ReceiverManners, mails: ReceivedMail[]): SMTPServer {
  return new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 500,
    onData: (stream, session, callback) => {
      const to = session.envelope.rcptTo[0]?.address ?? 'nobody';
      textOf(stream)
        .then(async (text) => {
          mails.push({ messageId: messageIdOf(text), to });
          await delay(manners.mailMs(to.split('@')[0] ?? ''));
          callback(null, '2.0.0 taken');
        })
        .catch((error: unknown) => {
          callback(error instanceof Error ? error : new Error('the mail broke off'));
        });
    },
  });
}

function messageIdOf(text: string): string {
  return /^message-id:\s*(\S+)/im.exec(text)?.[1] ?? 'without Message-ID';
}

interface Offered {
  cart: string;
  step: string;
  offers: number;
  effects: number;
  bodies: Set<string>;
}

class HookLedger {
  readonly held = new Set<string>();
  private readonly offered = new Map<string, Offered>();

  constructor(private readonly manners: ReceiverManners) {}

  list(): HookEffect[] {
    return [...this.offered].map(([key, one]) => ({ key, ...one, bodies: one.bodies.size }));
  }

  offersTo(cart: string): number {
    return this.list()
      .filter((one) => one.cart === cart)
      .reduce((sum, { offers }) => sum + offers, 0);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await textOf(request);
    const one = this.note(request, text);
    const { manner, ms } = this.manners.hook(one.cart);
    const isFirst = one.offers === 1;
    if (this.held.has(one.cart) || (manner === 'refuses once' && isFirst)) {
      response.writeHead(503).end('try later');
      return;
    }
    if (one.effects === 0) one.effects = 1;
    if (manner === 'slow') await delay(ms);
    if (manner === 'loses the answer' && isFirst) {
      request.socket.destroy();
      return;
    }
    response.writeHead(200).end('ok');
  }

  private note(request: IncomingMessage, text: string): Offered {
    const id = request.headers['webhook-id'];
    const key = typeof id === 'string' ? id : 'without id';
    const { cart, step } = contentOf(text);
    const before = this.offered.get(key);
    const one = before ?? { cart, step, offers: 0, effects: 0, bodies: new Set<string>() };
    one.offers += 1;
    one.bodies.add(`${cart}/${step}`);
    this.offered.set(key, one);
    return one;
  }
}

function contentOf(text: string): { cart: string; step: string } {
  const found = findCart(JSON.parse(text));
  return { cart: asText(found['cart']) ?? 'no cart', step: asText(found['step']) ?? 'no step' };
}

/** The connector wraps what the journey says; where exactly is not our business here. */
function findCart(value: unknown): Record<string, unknown> {
  const record = asRecord(value);
  if ('cart' in record) return record;
  for (const inner of Object.values(record)) {
    const found = findCart(inner);
    if ('cart' in found) return found;
  }
  return {};
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
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

function closeHttp(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
