import { openPool } from '@throughline/store/shared';
import {
  openLoginPool,
  pendingMigrations,
  readLaneLag,
  type LaneLag,
} from '@throughline/store/workspaces';
import type { Pool } from '../common/database.js';
import type { TemporalGateway } from '../temporal/temporal-gateway.js';

export interface ReadinessOptions {
  readonly databaseUrl: string;
  readonly lagLimitMs: number;
  readonly temporal: TemporalGateway;
}

export interface Readiness {
  readonly ready: boolean;
  /** codes, one for each thing that is wrong */
  readonly reasons: readonly string[];
  readonly lagMs: number | undefined;
}

/** Can this server do what it is there for? Asked anew each time, with connections of its own so that a full pool cannot lie. */
export class ReadinessCheck {
  private readonly login: Pool;
  private readonly lanes: Pool;

  constructor(private readonly options: ReadinessOptions) {
    this.login = openLoginPool(options.databaseUrl);
    this.lanes = openPool({
      url: options.databaseUrl,
      role: 'tl_lane',
      max: 1,
      lockTimeoutMs: 1_000,
      transactionTimeoutMs: 3_000,
    });
  }

  async check(): Promise<Readiness> {
    const [migrations, lags, temporal] = await Promise.all([
      this.migrations(),
      this.laneLags(),
      this.options.temporal.complaints(),
    ]);
    const reasons = [
      ...migrations,
      ...(lags === undefined ? [] : this.lagReasons(lags)),
      ...temporal,
    ];
    return {
      ready: reasons.length === 0,
      reasons,
      lagMs: lags === undefined ? undefined : worst(lags),
    };
  }

  async lagMs(): Promise<number | undefined> {
    const lags = await this.laneLags();
    return lags === undefined ? undefined : worst(lags);
  }

  async close(): Promise<void> {
    await Promise.all([this.login.end(), this.lanes.end()]);
  }

  private async migrations(): Promise<string[]> {
    try {
      const pending = await pendingMigrations(this.login);
      return pending.map((name) => `migration_pending:${name}`);
    } catch {
      return ['database_unreachable'];
    }
  }

  /** undefined: could not be read, which `migrations` reports already. */
  private laneLags(): Promise<LaneLag[] | undefined> {
    return readLaneLag(this.lanes).catch(() => undefined);
  }

  private lagReasons(lags: readonly LaneLag[]): string[] {
    return lags.flatMap(({ workspaceId, lagMs, stoppedReason }) => [
      ...(stoppedReason === null ? [] : [`lane_stopped:${workspaceId}`]),
      ...(lagMs > this.options.lagLimitMs ? [`lane_behind:${workspaceId}`] : []),
    ]);
  }
}

function worst(lags: readonly LaneLag[]): number {
  return Math.max(0, ...lags.map(({ lagMs }) => Math.round(lagMs)));
}
