/** Settings of a connection to a bucket: where files go, which columns they have, and how values are written. */
import { z } from 'zod';
import { BaseUrl } from '../kit/base-url.js';

/** Tells repeats apart, so it stands in every file. */
export const DELIVERY_ID = 'delivery_id';

const ColumnName = z.string().regex(/^[A-Za-z_][\w.-]{0,62}$/, 'must be a plain name');
const Columns = z.array(ColumnName).max(200);
const printable = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

export const CsvS3Settings = z
  .object({
    bucket: z
      .string()
      // A dot would break the certificate of the bucket's own host name.
      .regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'must be a name of a bucket without dots')
      .meta({ title: 'Bucket' }),
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/, 'must be a name of a region')
      .default('us-east-1')
      .meta({ title: 'Region' }),
    accessKeyId: printable.max(128).meta({ title: 'Access key ID' }),
    secretAccessKey: printable.max(200).meta({ title: 'Secret access key', secret: true }),
    prefix: z
      .string()
      .max(200)
      .regex(/^(?:[\w-][\w.-]*(?:\/[\w-][\w.-]*)*)?$/, 'must be names with slashes between them')
      .optional()
      .meta({ title: 'Prefix', description: 'The folder of the files, such as exports/people.' }),
    columns: Columns.min(1)
      .refine((names) => new Set([...names, DELIVERY_ID]).size > names.length, {
        message: `must differ from each other and from ${DELIVERY_ID}`,
      })
      .meta({ title: 'Columns', description: 'In this order, behind delivery_id.' }),
    hashedColumns: Columns.optional().meta({
      title: 'Hashed columns',
      description: 'Written as SHA-256 of the trimmed value in small letters.',
    }),
    guardFormulas: z.boolean().default(true).meta({
      title: 'Guard against formulas',
      description: 'An apostrophe before texts that a spreadsheet would calculate.',
    }),
    baseUrl: BaseUrl,
  })
  // A misspelt one would be written in clear.
  .refine(
    ({ columns, hashedColumns = [] }) => hashedColumns.every((one) => columns.includes(one)),
    {
      path: ['hashedColumns'],
      message: 'must be among the columns',
    },
  );
export type CsvS3Settings = z.output<typeof CsvS3Settings>;
