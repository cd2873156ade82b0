/**
 * How often a key and a workspace may ask. Kept in the memory of one process, a number for each key: nothing is waited for, and
 * the limit of an installation is the sum over its processes.
 */
import { ThroughlineError } from '@throughline/domain/shared';

/** Requests a second; 0: no limit. */
export interface Rates {
  readonly perKey: number;
  readonly perWorkspace: number;
}

/** Who is counted. */
interface Counted {
  readonly keyId: string;
  readonly workspaceId: string;
}

/** What is saved up while nobody asks, as time at the rate: senders come in bursts, a flush of a queue above all. */
const SAVED_MS = 2_000;
/** Keys that were not used lately need no memory: at this many they are forgotten. */
const SWEEP_AT = 10_000;

export class RateLimits {
  private readonly keys: Buckets;
  private readonly workspaces: Buckets;

  constructor(
    { perKey, perWorkspace }: Rates,
    private readonly refused: (by: 'key' | 'workspace') => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.keys = new Buckets(perKey);
    this.workspaces = new Buckets(perWorkspace);
  }

  /** Counts the request, or refuses it. One that the workspace has no room for is not held against the key. */
  admit({ keyId, workspaceId }: Counted): void {
    const now = this.now();
    const keyWait = this.keys.waitMs(keyId, now);
    if (keyWait > 0) this.refuse('key', keyWait);
    const workspaceWait = this.workspaces.waitMs(workspaceId, now);
    if (workspaceWait > 0) this.refuse('workspace', workspaceWait);
    this.keys.take(keyId, now);
    this.workspaces.take(workspaceId, now);
  }

  private refuse(by: 'key' | 'workspace', waitMs: number): never {
    this.refused(by);
    const whose = by === 'key' ? 'This key asks' : 'The keys of this workspace ask';
    throw new ThroughlineError('rate_limited', `${whose} more often than is allowed.`, [], {
      retryAfterSeconds: Math.ceil(waitMs / 1_000),
    });
  }
}

/**
 * A token bucket for each id, told as the moment at which it would be full again: one number, no timer that fills it, and a
 * bucket whose moment has passed is as good as forgotten.
 */
class Buckets {
  private readonly fullAt = new Map<string, number>();
  private readonly tokenMs: number;

  constructor(rate: number) {
    this.tokenMs = rate === 0 ? 0 : 1_000 / rate;
  }

  /** 0: there is a token. */
  waitMs(id: string, now: number): number {
    if (this.tokenMs === 0) return 0;
    const fullAt = Math.max(this.fullAt.get(id) ?? now, now);
    return Math.max(0, fullAt + this.tokenMs - now - SAVED_MS);
  }

  take(id: string, now: number): void {
    if (this.tokenMs === 0) return;
    this.fullAt.set(id, Math.max(this.fullAt.get(id) ?? now, now) + this.tokenMs);
    if (this.fullAt.size > SWEEP_AT) this.sweep(now);
  }

  private sweep(now: number): void {
    for (const [id, fullAt] of this.fullAt) if (fullAt <= now) this.fullAt.delete(id);
  }
}
