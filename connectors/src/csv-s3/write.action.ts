/**
 * Writes rows, one file for each batch and day. The name of a file comes from what is in it alone,
 * so that a batch which is sent again, tomorrow even, replaces its own file.
 */
import { z } from 'zod';
import { hashed, sha256 } from '../hashing/index.js';
import type { BuildContext } from '../kit/context.js';
import { ambiguous, resultOfFault } from '../kit/faults.js';
import { groupPlaces } from '../kit/group-places.js';
import type { HttpActionSpec } from '../kit/http-action.js';
import type { HttpPlan } from '../kit/http-plan.js';
import type { DeliveryItem } from '../kit/results.js';
import { csvOf, type Cell } from './csv.js';
import { DELIVERY_ID, type CsvS3Settings } from './csv-s3.settings.js';
import { bucketUrl, faultOfS3, signS3 } from './s3-api.js';

export const RowInput = z.object({
  occurredAt: z.iso.datetime({ offset: true }).meta({
    title: 'Occurred at',
    description: 'When it happened; the day (UTC) decides the folder.',
  }),
  values: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .meta({ title: 'Values', description: 'By column; others than the columns are left out.' }),
});
export type RowInput = z.infer<typeof RowInput>;

type Row = DeliveryItem<RowInput>;

export const writeSpec: HttpActionSpec<CsvS3Settings, RowInput> = {
  title: 'Write a row',
  input: RowInput,
  build: (items, ctx) =>
    [...groupPlaces(items, dayOf).values()].map((places) => fileOf(items, places, ctx)),
  sign: signS3,
  read: (response, items, { nowMs, idempotency, settings }) => {
    const fault =
      faultOfS3(response, nowMs) ??
      // Whatever keeps objects names the version that it has now; a page of a proxy does not.
      (response.headers['etag'] === undefined
        ? ambiguous('response_unreadable', `HTTP ${response.status} without an ETag`)
        : undefined);
    return items.map(() =>
      fault === undefined
        ? { status: 'delivered', providerId: objectKey(settings, items) }
        : resultOfFault(fault, idempotency),
    );
  },
};

function dayOf({ input }: Row): string {
  return new Date(input.occurredAt).toISOString().slice(0, 10);
}

function fileOf(
  items: readonly Row[],
  places: readonly number[],
  { settings }: BuildContext<CsvS3Settings>,
): HttpPlan {
  const rows = places.flatMap((place) => items[place] ?? []);
  const header = [DELIVERY_ID, ...settings.columns];
  const text = csvOf(
    [header, ...rows.map((row) => cellsOf(row, settings))],
    settings.guardFormulas,
  );
  return {
    method: 'PUT',
    url: bucketUrl(settings, objectKey(settings, rows)),
    headers: {},
    body: { kind: 'text', text, contentType: 'text/csv; charset=utf-8' },
    items: places,
  };
}

/** Of one day. The order of a batch is no part of what it is. */
export function objectKey({ prefix }: CsvS3Settings, rows: readonly Row[]): string {
  const [first] = rows;
  const day = first === undefined ? '' : dayOf(first);
  const batch = sha256(JSON.stringify(rows.map(({ key }) => key).sort())).slice(0, 32);
  return [prefix, day, `${batch}.csv`]
    .filter((part) => part !== undefined && part !== '')
    .join('/');
}

function cellsOf({ key, input }: Row, settings: CsvS3Settings): readonly Cell[] {
  const secret = new Set(settings.hashedColumns);
  const cells = settings.columns.map((column) => {
    const value = Object.hasOwn(input.values, column) ? (input.values[column] ?? null) : null;
    return secret.has(column) && value !== null ? (hashed(String(value), small) ?? null) : value;
  });
  return [key, ...cells];
}

function small(text: string): string {
  return text.toLowerCase();
}
