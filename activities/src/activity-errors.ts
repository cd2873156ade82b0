/**
 * The only place where our errors become Temporal's. A failure is written into histories and shown in the UI, so it says what
 * kind of thing went wrong, never with whom: messages of libraries may quote rows and stay in the process.
 */
import {
  ApplicationFailure,
  ApplicationFailureCategory,
  CancelledFailure,
} from '@temporalio/common';
import { classifyStoreError } from '@throughline/store/shared';
import { Superseded } from '@throughline/store/journeys';
import { FAILURES } from '@throughline/workflows/contract';
import type { ActivityLog } from './dependencies.js';

/** Runs an activity so that only failures of ours leave it. */
export async function translated<T>(
  log: ActivityLog,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(log, name, error);
  }
}

function translate(log: ActivityLog, name: string, error: unknown): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof Superseded)
    return ApplicationFailure.nonRetryable(error.message, FAILURES.superseded);
  const kind = classifyStoreError(error);
  log.warn({ activity: name, kind, ...nameAndCode(error) }, 'activity failed');
  // An outage passes by itself; a bug is retried as well, because a fixed worker can then go on where this one could not.
  return kind === 'outage'
    ? ApplicationFailure.create({
        message: 'the database is away or busy',
        type: 'StoreOutage',
        category: ApplicationFailureCategory.BENIGN,
      })
    : ApplicationFailure.create({
        message: `${name} failed; the worker's log has the code`,
        type: 'Defect',
      });
}

function nameAndCode(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    error: error.name,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    at: frames[0]?.trim(),
  };
}

const LONGEST_DELAY_MS = 3_600_000;

/** A definite no, for now. The provider's own wish is kept, with a little spread so that not all come back at once. */
export function tryAgain(code: string, afterMs?: number): ApplicationFailure {
  const delay =
    afterMs === undefined
      ? undefined
      : Math.min(afterMs, LONGEST_DELAY_MS) * (1 + Math.random() / 10);
  return ApplicationFailure.create({
    message: code,
    type: code === 'rate_limited' ? FAILURES.rateLimited : FAILURES.retryable,
    category: ApplicationFailureCategory.BENIGN,
    ...(delay === undefined ? {} : { nextRetryDelay: Math.ceil(delay) }),
  });
}
