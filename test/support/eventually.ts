/** Waits for something to become true by looking again and again, with a deadline; never by sleeping. */
import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  readonly deadlineMs?: number;
  readonly everyMs?: number;
}

/** Repeats `check` until it returns without throwing; at the deadline its last error is the failure. */
export async function eventually<T>(
  check: () => Promise<T> | T,
  options: EventuallyOptions = {},
): Promise<T> {
  const deadlineMs = options.deadlineMs ?? 10_000;
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() >= deadline) throw withDeadline(error, deadlineMs);
    }
    await delay(options.everyMs ?? 50);
  }
}

/** The same error, so that its diff is shown, with the time that was given. */
function withDeadline(error: unknown, deadlineMs: number): unknown {
  if (typeof error === 'object' && error !== null && 'message' in error) {
    error.message = `after ${deadlineMs} ms: ${String(error.message)}`;
  }
  return error;
}
