/** Keeps a few SMTP connections of one account open between mails: a login for each mail is slow, and many providers count logins. */
import type { SmtpSession } from './smtp-session.js';

const MAX_SESSIONS = 10;
const IDLE_MS = 10_000;

export interface Lease {
  readonly session: SmtpSession;
  /** It has carried mails before, so the server may have closed it in the meantime without our noticing. */
  readonly reused: boolean;
}

export class SmtpPool {
  private readonly idle: SmtpSession[] = [];
  private readonly waiting: (() => void)[] = [];
  private readonly timers = new Map<SmtpSession, NodeJS.Timeout>();
  private open = 0;
  private closed = false;

  constructor(private readonly openSession: () => Promise<SmtpSession>) {}

  async acquire(): Promise<Lease> {
    while (this.open >= MAX_SESSIONS && this.idle.length === 0) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    const session = this.takeIdle();
    if (session !== undefined) return { session, reused: true };
    this.open += 1;
    try {
      return { session: await this.openSession(), reused: false };
    } catch (error) {
      this.freeSlot();
      throw error;
    }
  }

  release({ session }: Lease): void {
    if (this.closed || !session.usable) {
      this.discard({ session });
      return;
    }
    this.idle.push(session);
    this.timers.set(
      session,
      setTimeout(() => {
        this.retire(session);
      }, IDLE_MS).unref(),
    );
    this.waiting.shift()?.();
  }

  discard({ session }: Pick<Lease, 'session'>): void {
    session.close();
    this.freeSlot();
  }

  get empty(): boolean {
    return this.open === 0;
  }

  /** Says goodbye on idle connections; those in the middle of a mail finish it and are closed when they come back. */
  close(): void {
    this.closed = true;
    for (const session of [...this.idle]) this.retire(session);
  }

  private takeIdle(): SmtpSession | undefined {
    for (let session = this.idle.pop(); session !== undefined; session = this.idle.pop()) {
      this.stopTimer(session);
      if (session.usable) return session;
      this.freeSlot();
    }
    return undefined;
  }

  private retire(session: SmtpSession): void {
    const at = this.idle.indexOf(session);
    if (at === -1) return;
    this.idle.splice(at, 1);
    this.stopTimer(session);
    session.quit();
    this.freeSlot();
  }

  private stopTimer(session: SmtpSession): void {
    clearTimeout(this.timers.get(session));
    this.timers.delete(session);
  }

  private freeSlot(): void {
    this.open -= 1;
    this.waiting.shift()?.();
  }
}
