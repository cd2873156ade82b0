import { z } from 'zod';
import type { ReceiptReport } from '@throughline/domain/destinations';
import { faultsOf, ThroughlineError } from '@throughline/domain/shared';

/** A report of a bounce, a complaint or a delivery, in our own shape: for relays and for providers without a door of their own. */
const ReportSchema = z
  .object({
    type: z.enum(['bounce', 'complaint', 'delivered']),
    providerId: z.string().min(1).max(512).optional(),
    address: z.string().min(1).max(512).optional(),
    permanent: z.boolean().optional(),
    code: z
      .string()
      .regex(/^[\w.-]{1,80}$/, 'a code, not a sentence')
      .optional(),
  })
  .refine(({ providerId, address }) => providerId !== undefined || address !== undefined, {
    path: ['providerId'],
    message: 'needs providerId or address',
  });

export function readReport(body: string, eventId: string): ReceiptReport {
  const parsed = ReportSchema.safeParse(jsonOf(body));
  if (!parsed.success)
    throw new ThroughlineError('invalid_request', undefined, faultsOf(parsed.error));
  const { type: kind, providerId, address, permanent, code } = parsed.data;
  return {
    kind,
    eventId,
    ...(providerId === undefined ? {} : { providerId }),
    ...(address === undefined ? {} : { address }),
    ...(permanent === undefined ? {} : { permanent }),
    ...(code === undefined ? {} : { code }),
  };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ThroughlineError('invalid_request', 'The body is not JSON.');
  }
}
