import { openEnginePool, type EnginePool, type RelayPool } from '@throughline/store/journeys';
import { openPrivacyPool, type PrivacyPool } from '@throughline/store/consent';
import { openPool } from '@throughline/store/shared';
import type { Log } from './log.js';

export interface PoolsOptions {
  readonly databaseUrl: string;
  readonly engineConnections: number;
  readonly log: Log;
}

/** The database as this process uses it: one pool for each role. Closed last, when nothing is under way any more. */
export class Pools {
  readonly engine: EnginePool;
  readonly relay: RelayPool;
  readonly privacy: PrivacyPool;

  constructor({ databaseUrl: url, engineConnections, log }: PoolsOptions) {
    const onError = (error: Error): void => {
      log.failure(error, {}, 'an idle database connection broke');
    };
    this.engine = openEnginePool({ url, max: engineConnections, onError });
    this.privacy = openPrivacyPool({ url, onError });
    this.relay = openPool({
      url,
      role: 'tl_relay',
      max: 6,
      lockTimeoutMs: 2_000,
      transactionTimeoutMs: 10_000,
      onError,
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.engine.end(), this.relay.end(), this.privacy.end()]);
  }
}
