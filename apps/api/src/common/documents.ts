import type { z } from 'zod';
import {
  faultsOf,
  isJsonObject,
  ThroughlineError,
  type JsonObject,
} from '@throughline/domain/shared';

/** A nested document parsed by its own schema; each fault with the path to it. */
export function parseDocument<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ThroughlineError('invalid_definition', undefined, faultsOf(parsed.error));
}

/** The body of a put: an object whose `key`, if it says one, is the path's. */
export function namedBody(key: string, body: unknown): JsonObject {
  if (!isJsonObject(body))
    throw new ThroughlineError('invalid_definition', 'The body is a JSON object.');
  const own = body['key'];
  if (own !== undefined && own !== key) {
    const fault = { path: 'key', code: 'key_mismatch', message: `the address says ${key}` };
    throw new ThroughlineError(
      'invalid_definition',
      'The body names another key than the address.',
      [fault],
    );
  }
  return { ...body, key };
}

/** What has been parsed out of JSON, as JSON again: without the undefined of optional properties. */
export function asJson(value: Readonly<Record<string, unknown>>): JsonObject {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  return isJsonObject(copy) ? copy : {};
}
