/** Carries the queue to the server: one batch at a time, again after a while where that fails. */
import type { Queue } from './queue.js';

export interface SenderOptions {
  readonly queue: Queue;
  readonly url: string;
  readonly writeKey: string;
  readonly now: () => number;
  /** between 0 and 1 */
  readonly chance: () => number;
  /** answers the HTTP status; 0: it did not arrive, or nobody knows */
  readonly post: (url: string, body: string) => Promise<Answer>;
  /** takes a body along while the page goes away */
  readonly beacon: (url: string, body: string) => boolean;
  /** answers how to call it off */
  readonly later: (work: () => void, ms: number) => () => void;
}

export interface Answer {
  readonly status: number;
  readonly retryAfterMs: number;
}

const GATHER_MS = 250;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/** A body that will be refused the next time as well. */
const HOPELESS = [400, 413, 422];

export class Sender {
  private callOff: (() => void) | undefined;
  private sending = false;
  private failures = 0;
  private most: number | undefined;

  constructor(private readonly options: SenderOptions) {}

  /** Soon, with what else happens until then. */
  wake(): void {
    if (this.callOff === undefined && !this.sending) this.sleep(GATHER_MS);
  }

  /** At once: the connection is back, or somebody waits. */
  async flush(): Promise<void> {
    this.rest();
    if (this.sending) return;
    this.sending = true;
    let wait: number | null = 0;
    while (wait === 0) wait = await this.sendOne();
    this.sending = false;
    if (wait !== null) this.sleep(wait);
  }

  /** The page goes away. What is handed over stays in the queue too: only the next page can know whether it arrived. */
  leave(): void {
    const { queue, url, beacon } = this.options;
    const { events } = queue.next();
    if (events.length > 0) beacon(url, this.bodyOf(events));
  }

  rest(): void {
    this.callOff?.();
    this.callOff = undefined;
  }

  /** ms to wait for the next one; null: there is none. */
  private async sendOne(): Promise<number | null> {
    const { queue, url, post } = this.options;
    const { keys, events } = queue.next(this.most);
    if (events.length === 0) return null;
    const { status, retryAfterMs } = await post(url, this.bodyOf(events));
    if (status >= 200 && status < 300) {
      this.failures = 0;
      this.most = undefined;
      queue.remove(keys);
      return 0;
    }
    if (HOPELESS.includes(status)) {
      // One of them is at fault: each goes alone from here on, and the one that is refused alone is let go.
      if (events.length === 1) queue.remove(keys);
      this.most = 1;
      return 0;
    }
    this.failures += 1;
    return Math.max(retryAfterMs, retryAfter(this.failures, this.options.chance()));
  }

  private bodyOf(events: readonly string[]): string {
    const head = { writeKey: this.options.writeKey, sentAt: isoOf(this.options.now()) };
    return `${JSON.stringify(head).slice(0, -1)},"batch":[${events.join(',')}]}`;
  }

  private sleep(ms: number): void {
    this.rest();
    this.callOff = this.options.later(() => void this.flush(), ms);
  }
}

/** Doubles with every failure, up to a minute; by chance somewhere in the upper half, so that not all pages come back at once. */
export function retryAfter(failures: number, chance: number): number {
  const longest = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
  return Math.round(longest * (0.5 + chance / 2));
}

export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
