/** The pools of all accounts in use, found by what makes two connections the same: address, TLS and login. */
import { createHash } from 'node:crypto';
import type { Egress } from '../kit/egress.js';
import { SmtpPool } from './smtp-pool.js';
import { SmtpSession, type SmtpTarget } from './smtp-session.js';

export class SmtpPools {
  private readonly pools = new Map<string, SmtpPool>();
  private readonly egressIds = new WeakMap<Egress, number>();
  private lastEgressId = 0;

  /** `target` is asked for each new session: a name is resolved and checked again then, not once for ever. */
  poolFor(
    egress: Egress,
    identity: readonly unknown[],
    target: () => Promise<SmtpTarget>,
  ): SmtpPool {
    // Hashed, so that a dump of the map shows no passwords.
    const key = createHash('sha256')
      .update(JSON.stringify([this.idOf(egress), ...identity]))
      .digest('hex');
    const known = this.pools.get(key);
    if (known !== undefined) return known;
    this.forgetEmpty();
    const pool = new SmtpPool(async () => SmtpSession.open(await target()));
    this.pools.set(key, pool);
    return pool;
  }

  close(): void {
    for (const pool of this.pools.values()) pool.close();
    this.pools.clear();
  }

  /** What one way out may reach, another may not: their connections are never shared. */
  private idOf(egress: Egress): number {
    const known = this.egressIds.get(egress);
    if (known !== undefined) return known;
    this.lastEgressId += 1;
    this.egressIds.set(egress, this.lastEgressId);
    return this.lastEgressId;
  }

  private forgetEmpty(): void {
    for (const [key, pool] of this.pools) if (pool.empty) this.pools.delete(key);
  }
}
