/** A pull: a table of somebody's PostgreSQL, read on a schedule, page by page, never written to. */
import { z } from 'zod';

const key = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/);
/** Quoted when it is used; a name is a name and never SQL. */
const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_$]{0,62}$/, 'must be a plain name');

export const PullSchema = z.strictObject({
  key,
  name: z.string().max(200).optional(),
  mapping: key.describe('key of a published mapping'),
  connection: z.strictObject({
    host: z.string().min(1).max(253),
    port: z.int().min(1).max(65_535).default(5_432),
    database: z.string().min(1).max(63),
    user: z.string().min(1).max(63).describe('a role that may read the table and nothing else'),
    ssl: z.enum(['verify', 'disable']).default('verify'),
  }),
  schema: name.default('public'),
  table: name,
  columns: z.array(name).min(1).max(500).optional().describe('default: all'),
  cursor: name.describe('a column that grows with every change: a time of update, a number'),
  primaryKey: name,
  overlapSeconds: z
    .int()
    .min(0)
    .max(86_400)
    .default(0)
    .describe(
      'read again from before the cursor, for commits that came late; the cursor is a time',
    ),
  pageSize: z.int().min(1).max(5_000).default(1_000),
  startJourneys: z.boolean().default(false),
  schedule: z.union([
    z.strictObject({ everyMinutes: z.int().min(1).max(10_080) }),
    z.strictObject({ cron: z.string().min(9).max(100).describe('five fields, UTC') }),
  ]),
});
export type PullDefinition = z.output<typeof PullSchema>;
