import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A profile is rewritten with most events of its person. Compressed and written out of line, as PostgreSQL does from 2 kB on, it
 * costs a compression, several rows of a second table and their index entries each time; whole in its page, it costs the page.
 * Counted facts are read and written as a whole and never looked into by SQL: as text they are a third smaller than as jsonb.
 * Old versions are cleared away before there are as many of them as of people.
 */
export class InlineProfiles0016 implements MigrationInterface {
  readonly name = 'InlineProfiles1764000000016';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table customer alter facts drop default;
      alter table customer alter facts type json using facts::json;
      alter table customer alter facts set default '{}';
      alter table customer set (toast_tuple_target = 8160, fillfactor = 60,
        autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table customer alter facts drop default;
      alter table customer alter facts type jsonb using facts::jsonb;
      alter table customer alter facts set default '{}';
      alter table customer set (fillfactor = 80);
      alter table customer reset (toast_tuple_target, autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay);
    `);
  }
}
