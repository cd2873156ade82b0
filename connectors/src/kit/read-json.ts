/** Reads what a vendor answered, and believes nothing that does not have the expected shape. */
import type { z } from 'zod';
import type { HttpResponse } from './http-plan.js';

/** Undefined for a body that was cut, is not JSON (a proxy's HTML page) or has another shape. */
export function jsonOf<T>({ body, complete }: HttpResponse, shape: z.ZodType<T>): T | undefined {
  if (!complete) return undefined;
  try {
    const parsed = shape.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** A vendor's machine word as it may stand in a message. Anything else, such as a sentence that may quote a person, becomes nothing. */
export function vendorCode(code: unknown): string | undefined {
  if (typeof code === 'number') return String(code);
  return typeof code === 'string' && /^[\w./-]{1,80}$/.test(code) ? code : undefined;
}

/** `HTTP 400, invalid, /data/attributes/email`: the status and the machine words that came with it. */
export function statusMessage({ status }: HttpResponse, codes: readonly unknown[]): string {
  return [`HTTP ${status}`, ...codes.map(vendorCode).filter((code) => code !== undefined)].join(
    ', ',
  );
}
