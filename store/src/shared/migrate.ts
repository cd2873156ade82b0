import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../migrations/index.js';

/**
 * Brings a database to the newest schema; two starters at once wait for each other.
 * The login must own the database and may create roles (docs/operations.md says how to split the two).
 */
export async function migrate(connectionString: string): Promise<string[]> {
  const source = new DataSource({
    type: 'postgres',
    url: connectionString,
    migrations: MIGRATIONS,
    migrationsTableName: 'schema_migration',
    migrationsTransactionMode: 'each',
    extra: { max: 2 },
  });
  await source.initialize();
  try {
    const guard = source.createQueryRunner();
    try {
      await guard.query('select pg_advisory_lock(7301, 0)');
      const done = await source.runMigrations();
      await guard.query('select ensure_partitions(14)');
      return done.map((migration) => migration.name);
    } finally {
      await guard.query('select pg_advisory_unlock(7301, 0)');
      await guard.release();
    }
  } finally {
    await source.destroy();
  }
}
