import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People are looked for by the beginning of any identifier, and a history asks who was merged away. */
export class ProfileSearch0015 implements MigrationInterface {
  readonly name = 'ProfileSearch1764000000015';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index identifier_search on identifier (workspace_id, value text_pattern_ops);
      create index customer_merge_absorbed on customer_merge (workspace_id, absorbed_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index identifier_search, customer_merge_absorbed');
  }
}
