/** The outside as tests have it: a mail server and a webhook receiver on loopback that remember what came, and can refuse. */
import { createServer, type Server } from 'node:http';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { createEgress } from '@throughline/connectors/kit';
import { closeConnectors, findConnector } from '@throughline/connectors/registry';
import { createRenderer } from '@throughline/connectors/templates';
import { isJsonObject, type JsonObject } from '@throughline/domain/shared';
import { newId } from '@throughline/store/shared';
import type { EnginePool } from '@throughline/store/journeys';
import type { ActivityDependencies } from '../dependencies.js';

export interface Received {
  readonly key: string;
  readonly body: unknown;
}

export class OutsideKit {
  readonly mails: ParsedMail[] = [];
  readonly hooks: Received[] = [];
  readonly log: Record<string, unknown>[] = [];
  /** statuses of the next webhook calls; 200 when empty */
  statuses: number[] = [];
  /** SMTP codes of the next mails; accepted when empty */
  refusals: number[] = [];
  /** awaited before a webhook is answered: a test holds a call open with it */
  beforeAnswer: () => Promise<void> = () => Promise.resolve();
  private readonly egress = createEgress({ allowPrivateAddresses: true });
  private readonly renderer = createRenderer();

  private constructor(
    private readonly smtp: SMTPServer,
    private readonly http: Server,
  ) {}

  static async open(): Promise<OutsideKit> {
    const smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onRcptTo: (_address, _session, callback) => {
        const code = kit.refusals.shift();
        callback(
          code === undefined
            ? null
            : Object.assign(new TypeError('refused'), { responseCode: code }),
        );
      },
      onData: (stream, _session, callback) => {
        simpleParser(stream).then(
          (mail) => {
            kit.mails.push(mail);
            callback();
          },
          (error: unknown) => {
            callback(error instanceof Error ? error : null);
          },
        );
      },
    });
    const http = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const key = String(request.headers['webhook-id']);
        kit.hooks.push({ key, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
        void kit.beforeAnswer().then(() => {
          response.writeHead(kit.statuses.shift() ?? 200, { 'content-type': 'application/json' });
          response.end('{"ok":true}');
        });
      });
    });
    const kit = new OutsideKit(smtp, http);
    await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return kit;
  }

  get smtpPort(): number {
    return portOf(this.smtp.server.address());
  }

  get hookUrl(): string {
    return `http://127.0.0.1:${portOf(this.http.address())}/hook`;
  }

  dependencies(pool: EnginePool): ActivityDependencies {
    const log = {
      debug: () => undefined,
      warn: (fields: Readonly<Record<string, unknown>>) => {
        this.log.push({ ...fields });
      },
    };
    return {
      pool,
      findConnector,
      renderer: this.renderer,
      context: { egress: this.egress, now: Date.now, newId: () => newId(), log },
      openSecret: (sealed) => objectIn(sealed.sealed),
      unsubscribeUrl: ({ customerId, purpose, channel }) =>
        `http://127.0.0.1/u/${customerId}.${purpose}.${channel}`,
      log,
    };
  }

  async close(): Promise<void> {
    await closeConnectors();
    await this.egress.close();
    await this.renderer.close();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
    await new Promise<void>((resolve) => {
      this.smtp.close(resolve);
    });
  }
}

/** Sealed by nobody: the secret box has tests of its own. */
function objectIn(sealed: Buffer): JsonObject {
  const value: unknown = JSON.parse(sealed.toString('utf8'));
  return isJsonObject(value) ? value : {};
}

function portOf(address: ReturnType<Server['address']>): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
