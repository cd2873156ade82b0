import { hashKey, isWellFormedKey, lookUpKey, type KeyHolder } from '@throughline/store/workspaces';
import type { Pool } from './database.js';

interface Known {
  readonly holder: KeyHolder | null;
  readonly readAt: number;
}

/** A revoked key is refused at most this long after the revocation's commit, with a second to spare of the promised five. */
const FRESH_MS = 4_000;
const MAX_KNOWN = 10_000;

/**
 * Who holds a key. Remembered by hash for a few seconds, the least recently used forgotten first; many requests that ask for
 * the same stale key share one look-up.
 */
export class KeyDirectory {
  private readonly known = new Map<string, Known>();
  private readonly underWay = new Map<string, Promise<KeyHolder | null>>();

  constructor(
    private readonly door: Pool,
    private readonly now: () => number = Date.now,
  ) {}

  /** null for a key that is malformed, unknown, expired or revoked. */
  async find(key: string): Promise<KeyHolder | null> {
    if (!isWellFormedKey(key)) return null;
    const hash = hashKey(key);
    const id = hash.toString('base64');
    const known = this.known.get(id);
    const holder =
      known !== undefined && this.now() - known.readAt < FRESH_MS
        ? this.touch(id, known)
        : await this.read(id, hash);
    return holder !== null && this.now() < holder.validUntil ? holder : null;
  }

  private touch(id: string, known: Known): KeyHolder | null {
    this.known.delete(id);
    this.known.set(id, known);
    return known.holder;
  }

  private read(id: string, hash: Buffer): Promise<KeyHolder | null> {
    const running = this.underWay.get(id);
    if (running !== undefined) return running;
    // Dated before the question: the answer is at least as new as this.
    const readAt = this.now();
    const asked = lookUpKey(this.door, hash)
      .then((holder) => {
        this.remember(id, { holder, readAt });
        return holder;
      })
      .finally(() => this.underWay.delete(id));
    this.underWay.set(id, asked);
    return asked;
  }

  private remember(id: string, known: Known): void {
    this.known.delete(id);
    this.known.set(id, known);
    if (this.known.size <= MAX_KNOWN) return;
    const [oldest] = this.known.keys();
    if (oldest !== undefined) this.known.delete(oldest);
  }
}
