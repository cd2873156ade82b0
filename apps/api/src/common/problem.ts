import { ERRORS, ThroughlineError, type ErrorCode, type Fault } from '@throughline/domain/shared';
import { classifyStoreError } from '@throughline/store/shared';

/** RFC 9457: what every refusal looks like, from any door. */
interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly faults: readonly Fault[];
  readonly requestId: string;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export interface Refusal {
  readonly problem: Problem;
  readonly retryAfterSeconds: number | undefined;
  /** what to log: refusals are expected, the rest is for us to look at */
  readonly unexpected: unknown;
}

/** Anything thrown, as a refusal. Of what we did not foresee, nothing but the request id leaves. */
export function refusalOf(error: unknown, requestId: string): Refusal {
  const known = asThroughlineError(error);
  const { status, sentence, retryable } = ERRORS[known.code];
  return {
    problem: {
      type: `urn:throughline:error:${known.code}`,
      title: sentence,
      status,
      code: known.code,
      detail: known.message,
      faults: known.faults,
      requestId,
    },
    retryAfterSeconds: known.retryAfterSeconds ?? (retryable && status !== 500 ? 1 : undefined),
    unexpected: known.code === 'internal' ? (known.cause ?? error) : undefined,
  };
}

function asThroughlineError(error: unknown): ThroughlineError {
  if (error instanceof ThroughlineError) return error;
  const named = byFrameworkCode(codeOf(error)) ?? byStatus(statusOf(error));
  if (named !== undefined) return new ThroughlineError(named);
  switch (classifyStoreError(error)) {
    case 'outage':
      return new ThroughlineError('unavailable', undefined, [], { cause: error });
    case 'data':
      return new ThroughlineError('invalid_request', 'A value cannot be stored or compared.');
    case 'bug':
      return new ThroughlineError('internal', undefined, [], { cause: error });
  }
}

/** Fastify refuses before any handler of ours runs. */
function byFrameworkCode(code: string | undefined): ErrorCode | undefined {
  switch (code ?? '') {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return 'body_too_large';
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'unsupported_media_type';
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return 'malformed_json';
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_BAD_URL':
    case 'ECONNRESET':
      return 'invalid_request';
    default:
      return undefined;
  }
}

function byStatus(status: number | undefined): ErrorCode | undefined {
  switch (status ?? 0) {
    case 400:
    case 405:
    case 414:
      return 'invalid_request';
    case 401:
      return 'unauthenticated';
    case 403:
      return 'forbidden';
    case 404:
      return 'not_found';
    case 413:
      return 'body_too_large';
    case 415:
      return 'unsupported_media_type';
    default:
      return undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return 'status' in error && typeof error.status === 'number' ? error.status : undefined;
}
