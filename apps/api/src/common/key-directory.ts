import { hashKey, isWellFormedKey, lookUpKey, type KeyHolder } from '@throughline/store/workspaces';
import type { Pool } from './database.js';

interface Known {
  readonly holder: KeyHolder | null;
  readonly readAt: number;
}

/** A revoked key is refused at most this long after the revocation's commit, with a second to spare of the promised five. */
const FRESH_MS = 4_000;
const MAX_KNOWN = 10_000;
/** Headers are remembered as they came, so as few of them as busy senders need. */
const MAX_HEADERS = 1_000;

/**
 * Who holds a key. Remembered by hash for a few seconds, the least recently used forgotten first; many requests that ask for
 * the same stale key share one look-up.
 */
export class KeyDirectory {
  private readonly known = new Map<string, Known>();
  private readonly underWay = new Map<string, Promise<Known>>();
  private readonly headers = new Map<string, Known>();

  constructor(
    private readonly door: Pool,
    private readonly now: () => number = Date.now,
  ) {}

  /** null for a key that is malformed, unknown, expired or revoked. */
  async find(key: string): Promise<KeyHolder | null> {
    return this.valid(await this.look(key));
  }

  /**
   * As `find`, for a header in which a key stands. Taking a key apart, checking it and hashing it costs more than the rest of
   * the way in, so a header that named a holder is known again by itself, for as long as that answer is fresh and no longer.
   */
  async findIn(header: string, keyOf: (header: string) => string): Promise<KeyHolder | null> {
    const seen = this.headers.get(header);
    if (seen !== undefined && this.isFresh(seen)) return this.valid(seen);
    const known = await this.look(keyOf(header));
    if (known?.holder == null) this.headers.delete(header);
    else keep(this.headers, { id: header, known, most: MAX_HEADERS });
    return this.valid(known);
  }

  private async look(key: string): Promise<Known | null> {
    if (!isWellFormedKey(key)) return null;
    const hash = hashKey(key);
    const id = hash.toString('base64');
    const known = this.known.get(id);
    if (known === undefined || !this.isFresh(known)) return this.read(id, hash);
    keep(this.known, { id, known, most: MAX_KNOWN });
    return known;
  }

  private isFresh({ readAt }: Known): boolean {
    return this.now() - readAt < FRESH_MS;
  }

  private valid(known: Known | null): KeyHolder | null {
    const holder = known?.holder ?? null;
    return holder !== null && this.now() < holder.validUntil ? holder : null;
  }

  private read(id: string, hash: Buffer): Promise<Known> {
    const running = this.underWay.get(id);
    if (running !== undefined) return running;
    // Dated before the question: the answer is at least as new as this.
    const readAt = this.now();
    const asked = lookUpKey(this.door, hash)
      .then((holder) => {
        const known = { holder, readAt };
        keep(this.known, { id, known, most: MAX_KNOWN });
        return known;
      })
      .finally(() => this.underWay.delete(id));
    this.underWay.set(id, asked);
    return asked;
  }
}

/** As the newest; the least recently kept goes when there are too many. */
function keep(
  map: Map<string, Known>,
  { id, known, most }: { readonly id: string; readonly known: Known; readonly most: number },
): void {
  map.delete(id);
  map.set(id, known);
  if (map.size <= most) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
