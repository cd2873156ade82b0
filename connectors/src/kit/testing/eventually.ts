/** Waits for something that another party brings about, and no longer than a deadline. */
import { setTimeout as pause } from 'node:timers/promises';

export async function eventually(
  what: string,
  holds: () => boolean,
  deadlineMs = 5_000,
): Promise<void> {
  const until = Date.now() + deadlineMs;
  while (!holds()) {
    if (Date.now() > until) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await pause(5);
  }
}
