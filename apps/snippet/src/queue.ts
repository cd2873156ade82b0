/**
 * Events on their way. Each has a place of its own in the store, so that two tabs of a site, which share it, never write over each
 * other; both may send the same event, and the server knows it by its message id.
 */
import type { Store } from './store.js';

const PREFIX = 'q.';
/** What a browser still sends while a page goes away is 64 KiB at most, for all that is under way. */
const BATCH_CHARS = 30_000;
const BATCH_EVENTS = 50;

export interface Batch {
  readonly keys: readonly string[];
  /** JSON texts: what is sent a second time is the same to the letter */
  readonly events: readonly string[];
}

export interface QueueOptions {
  readonly most: number;
  readonly now: () => number;
  readonly random: () => string;
}

export class Queue {
  private count = 0;

  constructor(
    private readonly store: Store,
    private readonly options: QueueOptions,
  ) {}

  /** The oldest go where there is no room: what just happened is worth more. */
  add(event: object): void {
    const keys = this.keys();
    const over = keys.length + 1 - this.options.most;
    if (over > 0) this.remove(keys.splice(0, over));
    const text = JSON.stringify(event);
    const key = this.nextKey();
    while (!this.store.set(key, text)) {
      const oldest = keys.shift();
      if (oldest === undefined) return;
      this.store.remove(oldest);
    }
  }

  next(most = BATCH_EVENTS): Batch {
    const keys: string[] = [];
    const events: string[] = [];
    let chars = 0;
    for (const key of this.keys()) {
      const text = this.store.get(key);
      if (text === null) continue;
      chars += text.length;
      if (events.length === most || (events.length > 0 && chars > BATCH_CHARS)) break;
      keys.push(key);
      events.push(text);
    }
    return { keys, events };
  }

  remove(keys: readonly string[]): void {
    for (const key of keys) this.store.remove(key);
  }

  clear(): void {
    this.remove(this.keys());
  }

  private keys(): string[] {
    return this.store
      .keys()
      .filter((key) => key.startsWith(PREFIX))
      .sort();
  }

  /** Sorts by time, then by order within the page. */
  private nextKey(): string {
    this.count += 1;
    const time = this.options.now().toString(36).padStart(9, '0');
    return `${PREFIX}${time}.${this.count.toString(36).padStart(6, '0')}.${this.options.random()}`;
  }
}
