/** One SMTP connection. It knows how far each conversation came, which is what tells "not sent" from "perhaps sent". */
import { Readable } from 'node:stream';
import SMTPConnection, {
  type SMTPConnectionOptions,
  type SMTPConnectionSendInfo,
} from 'nodemailer/lib/smtp-connection';
import type { NodemailerError } from 'nodemailer';
import { SmtpFailure, type SmtpStage } from './smtp-failure.js';
import type { BuiltMail } from './build-mail.js';

export interface SmtpTarget {
  /** Checked addresses of one server, tried in turn. */
  readonly addresses: readonly [string, ...string[]];
  readonly options: Omit<SMTPConnectionOptions, 'host'>;
  readonly login?: { readonly user: string; readonly pass: string };
}

export class SmtpSession {
  private constructor(private readonly connection: SMTPConnection) {}

  static async open(target: SmtpTarget): Promise<SmtpSession> {
    const [address, ...others] = target.addresses;
    const [next, ...rest] = others;
    try {
      return await SmtpSession.dial(target, address);
    } catch (error) {
      if (next === undefined || !isUnreachable(error)) throw error;
      return SmtpSession.open({ ...target, addresses: [next, ...rest] });
    }
  }

  private static async dial(target: SmtpTarget, host: string): Promise<SmtpSession> {
    const connection = new SMTPConnection({ ...target.options, host });
    try {
      await settled('connect', (done) => {
        connection.on('error', done);
        connection.once('end', () => {
          done(new SmtpFailure({ stage: 'connect', code: 'ECONNECTION', command: 'CONN' }));
        });
        connection.connect(done);
      });
      const { login } = target;
      if (login !== undefined) {
        await settled('login', (done) => {
          // A connection that breaks during the login is reported here and nowhere else.
          connection.once('error', done);
          connection.login({ credentials: { ...login } }, done);
        });
      }
    } catch (error) {
      connection.close();
      throw error;
    }
    return new SmtpSession(connection);
  }

  get usable(): boolean {
    return !this.connection.destroyed;
  }

  /** Rejects with an SmtpFailure; after `giveUp` aborts, with what is known at that moment. */
  async send(mail: BuiltMail, giveUp: AbortSignal): Promise<SMTPConnectionSendInfo> {
    const body = Readable.from([mail.mime]);
    // nodemailer reads the body only once the server has answered DATA with 354.
    const stage = (): SmtpStage => (body.readableDidRead ? 'data' : 'envelope');
    let info: SMTPConnectionSendInfo | undefined;
    await settled(stage, (done) => {
      const onAbort = (): void => {
        done(new SmtpFailure({ stage: stage(), code: 'ETIMEDOUT', command: 'DATA' }));
        this.connection.close();
      };
      giveUp.addEventListener('abort', onAbort, { once: true });
      const { from, to } = mail.envelope;
      this.connection.send({ from, to: [...to], size: mail.mime.length }, body, (error, sent) => {
        giveUp.removeEventListener('abort', onAbort);
        info = sent;
        done(error);
      });
      if (giveUp.aborted) onAbort();
    });
    if (info === undefined) {
      throw new SmtpFailure({ stage: 'data', code: 'EPROTOCOL', command: 'DATA' });
    }
    return info;
  }

  /** After a refused mail: true when the connection is ready for the next one. */
  async reset(): Promise<boolean> {
    try {
      await settled('envelope', (done) => {
        this.connection.once('error', done);
        this.connection.reset(done);
      });
      return this.usable;
    } catch {
      return false;
    }
  }

  quit(): void {
    if (this.usable) this.connection.quit();
  }

  close(): void {
    this.connection.close();
  }
}

/** The address did not answer at all; a server that answered has had its say. */
function isUnreachable(error: unknown): boolean {
  return (
    error instanceof SmtpFailure &&
    error.facts.stage === 'connect' &&
    error.facts.responseCode === undefined
  );
}

type Done = (error?: NodemailerError | SmtpFailure | null) => void;

/** Waits for the first word of a callback; later ones are echoes of the same end. */
function settled(stage: SmtpStage | (() => SmtpStage), start: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === undefined || error === null) resolve();
      else reject(failureOf(error, typeof stage === 'function' ? stage() : stage));
    });
  });
}

function failureOf(error: NodemailerError | SmtpFailure, stage: SmtpStage): SmtpFailure {
  if (error instanceof SmtpFailure) return error;
  const { code = 'EUNKNOWN', command = '', responseCode, response } = error;
  return new SmtpFailure(
    {
      stage,
      code,
      command,
      ...(responseCode === undefined ? {} : { responseCode }),
      ...(response === undefined ? {} : { response }),
    },
    error,
  );
}
