/** A suppression list as it is uploaded, line by line: CSV with a header or NDJSON, addresses or hashes of them. */
import { z } from 'zod';
import { isJsonList, isJsonObject, parseJson, type Json } from '@throughline/domain/shared';
import type { SuppressionLine } from '@throughline/store/consent';

export interface BadLine {
  readonly line: number;
  readonly detail: string;
}

const Line = z
  .object({
    channel: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'channel is not a name')
      .default('email'),
    address: z.string().trim().min(3).max(255).nullable().default(null),
    addressHash: z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^[0-9a-f]{64}$/, 'addressHash is not the hex of a SHA-256')
      .nullable()
      .default(null),
    reason: z.string().trim().min(1).max(100).default('imported'),
  })
  .refine(({ address, addressHash }) => (address === null) !== (addressHash === null), {
    message: 'a line has an address or an addressHash',
  });

/** `text` is a row of the reader: `[number, values]`, or `[number, text, code, detail]` where it is none. */
export function suppressionOf(
  text: string,
  columns: readonly string[] | null,
): SuppressionLine | BadLine {
  const parsed = parseJson(text);
  const [number, values, , detail] = isJsonList(parsed) ? parsed : [];
  const line = typeof number === 'number' ? number : 0;
  if (typeof detail === 'string') return { line, detail };
  const read = Line.safeParse(fieldsOf(values, columns));
  if (read.success) return read.data;
  return { line, detail: read.error.issues[0]?.message ?? 'not a line of a suppression list' };
}

/** Empty cells of a CSV say nothing. */
function fieldsOf(values: Json | undefined, columns: readonly string[] | null): unknown {
  if (columns === null || !isJsonList(values)) return isJsonObject(values) ? values : null;
  return Object.fromEntries(
    columns
      .map((column, index) => [column.trim(), values[index]] as const)
      .filter(([, value]) => value !== ''),
  );
}
