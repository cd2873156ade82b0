/**
 * Every error code a caller can meet, with its HTTP status and whether the same call may succeed later.
 * docs/api/errors.md is generated from this table.
 */
export const ERRORS = {
  malformed_json: { status: 400, retryable: false, sentence: 'The body is not valid JSON.' },
  invalid_request: {
    status: 400,
    retryable: false,
    sentence: 'The request does not have the expected shape.',
  },
  invalid_definition: { status: 422, retryable: false, sentence: 'The definition has faults.' },
  unauthenticated: {
    status: 401,
    retryable: false,
    sentence: 'The key is missing, unknown, expired or revoked.',
  },
  forbidden: { status: 403, retryable: false, sentence: 'The key lacks the scope for this call.' },
  not_found: {
    status: 404,
    retryable: false,
    sentence: 'There is no such thing in this workspace.',
  },
  conflict: { status: 409, retryable: false, sentence: 'The present state refuses this change.' },
  confirmation_required: {
    status: 409,
    retryable: false,
    sentence: 'This would set more going than is allowed without a confirmation.',
  },
  revision_mismatch: {
    status: 412,
    retryable: false,
    sentence: 'Somebody changed this since you read it.',
  },
  body_too_large: { status: 413, retryable: false, sentence: 'The body is larger than allowed.' },
  too_many_events: {
    status: 413,
    retryable: false,
    sentence: 'The body holds more events than allowed.',
  },
  unsupported_media_type: {
    status: 415,
    retryable: false,
    sentence: 'The content type or encoding is not supported.',
  },
  idempotency_key_reused: {
    status: 422,
    retryable: false,
    sentence: 'This Idempotency-Key came with another body before.',
  },
  rate_limited: { status: 429, retryable: true, sentence: 'Too many requests; try again later.' },
  overloaded: {
    status: 503,
    retryable: true,
    sentence: 'The server cannot take this now; try again later.',
  },
  unavailable: {
    status: 503,
    retryable: true,
    sentence: 'A part that is needed for this does not answer.',
  },
  internal: { status: 500, retryable: true, sentence: 'Something broke on our side.' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** One fault inside a document, by its path (`steps.wait_a_day.next`). */
export interface Fault {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** A refusal on its way to an edge, where a filter turns it into RFC 9457 or a CLI message. */
export class ThroughlineError extends Error {
  override readonly name = 'ThroughlineError';

  constructor(
    readonly code: ErrorCode,
    detail?: string,
    readonly faults: readonly Fault[] = [],
    options?: { readonly cause?: unknown; readonly retryAfterSeconds?: number },
  ) {
    super(
      detail ?? ERRORS[code].sentence,
      options?.cause === undefined ? undefined : { cause: options.cause },
    );
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }

  readonly retryAfterSeconds: number | undefined;
}
