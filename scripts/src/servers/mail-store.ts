/**
 * Keeps the caught mails: the last ones in memory, each appended to a file before it is
 * acknowledged, so that a killed catcher has lost nothing that it accepted.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface CaughtMail {
  readonly id: string;
  readonly receivedAt: string;
  /** The envelope: whom it was really sent to, whatever the headers say. */
  readonly to: readonly string[];
  readonly from: string;
  readonly subject: string;
  readonly messageId: string | null;
  readonly headers: readonly MailHeader[];
  readonly text: string | null;
  readonly html: string | null;
}

export interface MailHeader {
  readonly name: string;
  readonly value: string;
}

export type NewMail = Omit<CaughtMail, 'id' | 'receivedAt'>;

/** Enough for every cohort of a long day; a browser still shows the list at once. */
export const KEPT_MAILS = 2_000;

export class MailStore {
  /** Oldest first, as in the file. */
  private mails: CaughtMail[] = [];
  private lastWrite: Promise<void> = Promise.resolve();

  private constructor(private readonly file: string) {}

  static async open(dataDir: string): Promise<MailStore> {
    await mkdir(dataDir, { recursive: true });
    const store = new MailStore(join(dataDir, 'mails.ndjson'));
    await store.load();
    return store;
  }

  async add(mail: NewMail): Promise<CaughtMail> {
    const kept = { id: randomUUID(), receivedAt: new Date().toISOString(), ...mail };
    await this.write(() => appendFile(this.file, `${JSON.stringify(kept)}\n`));
    this.mails = [...this.mails, kept].slice(-KEPT_MAILS);
    return kept;
  }

  /** Newest first; to one address when it is given. */
  list(to?: string): CaughtMail[] {
    const wanted = to?.toLowerCase();
    const matching =
      wanted === undefined
        ? this.mails
        : this.mails.filter((mail) => mail.to.some((each) => each.toLowerCase() === wanted));
    return [...matching].reverse();
  }

  find(id: string): CaughtMail | undefined {
    return this.mails.find((mail) => mail.id === id);
  }

  async clear(): Promise<void> {
    await this.write(() => writeFile(this.file, ''));
    this.mails = [];
  }

  /** For an orderly stop: what is being written is written. */
  async settle(): Promise<void> {
    await this.lastWrite.catch(() => undefined);
  }

  /** One after the other: two appends at once could tear each other's line. */
  private write(work: () => Promise<void>): Promise<void> {
    const next = this.lastWrite.catch(() => undefined).then(work);
    this.lastWrite = next;
    return next;
  }

  private async load(): Promise<void> {
    if (!existsSync(this.file)) return;
    const lines = (await readFile(this.file, 'utf8')).split('\n').filter((line) => line !== '');
    const mails = lines.flatMap(parseMail);
    this.mails = mails.slice(-KEPT_MAILS);
    // The file only grows while we run; here it is cut back to what is kept.
    if (lines.length === this.mails.length) return;
    const beside = `${this.file}.new`;
    await writeFile(beside, this.mails.map((mail) => `${JSON.stringify(mail)}\n`).join(''));
    await rename(beside, this.file);
  }
}

/** A line that was torn by a kill was never acknowledged: it is left out. */
function parseMail(line: string): CaughtMail[] {
  try {
    const value: unknown = JSON.parse(line);
    return isMail(value) ? [value] : [];
  } catch {
    return [];
  }
}

function isMail(value: unknown): value is CaughtMail {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'id' in value &&
    typeof value.id === 'string' &&
    'receivedAt' in value &&
    typeof value.receivedAt === 'string' &&
    'from' in value &&
    typeof value.from === 'string' &&
    'subject' in value &&
    typeof value.subject === 'string' &&
    'messageId' in value &&
    isTextOrNull(value.messageId) &&
    'text' in value &&
    isTextOrNull(value.text) &&
    'html' in value &&
    isTextOrNull(value.html) &&
    'to' in value &&
    Array.isArray(value.to) &&
    value.to.every((each) => typeof each === 'string') &&
    'headers' in value &&
    Array.isArray(value.headers) &&
    value.headers.every(isHeader)
  );
}

function isHeader(value: unknown): value is MailHeader {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'name' in value &&
    typeof value.name === 'string' &&
    'value' in value &&
    typeof value.value === 'string'
  );
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
