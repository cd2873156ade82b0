/** A superuser's door to the database under test, for looking only: it waits while the server is away. */
import { setTimeout as delay } from 'node:timers/promises';
import { classifyStoreError } from '@throughline/store/shared';
import pg from 'pg';

const RETRY_MS = 25;
const PATIENCE_MS = 60_000;

export class Database {
  private readonly pool: pg.Pool;

  constructor(url: string) {
    this.pool = new pg.Pool({
      connectionString: url,
      max: 3,
      connectionTimeoutMillis: 2_000,
      application_name: 'throughline faults',
    });
    this.pool.on('error', () => undefined);
  }

  async rows<T extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<T[]> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return (await this.pool.query<T>(text, [...values])).rows;
      } catch (error) {
        if (!isAway(error) || performance.now() > deadline) throw error;
      }
      await delay(RETRY_MS);
    }
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

/** The driver's own complaints about a connection have no code. */
function isAway(error: unknown): boolean {
  return (
    classifyStoreError(error) === 'outage' || (error instanceof Error && !('routine' in error))
  );
}
