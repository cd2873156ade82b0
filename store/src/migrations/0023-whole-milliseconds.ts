import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A lane's first clock is of whole milliseconds as well: an input within the same millisecond as its workspace keeps it. */
export class WholeMilliseconds0023 implements MigrationInterface {
  readonly name = 'WholeMilliseconds1764000000023';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table lane_append alter clock set default date_trunc('milliseconds', clock_timestamp())`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table lane_append alter clock set default clock_timestamp()');
  }
}
