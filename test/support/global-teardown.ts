/** Stops what `global-setup.ts` started, and waits until it is gone: the next run may follow at once. */
import { setTimeout as delay } from 'node:timers/promises';

const DEADLINE_MS = 30_000;

export default async function globalTeardown(): Promise<void> {
  const pid = Number(process.env['TL_TEST_SERVERS_PID']);
  if (!Number.isInteger(pid)) return;
  const deadline = performance.now() + DEADLINE_MS;
  for (let isThere = sendTo(pid, 'SIGTERM'); isThere; isThere = sendTo(pid, 0)) {
    if (performance.now() > deadline)
      throw new Error(`the test servers (process ${pid}) do not stop`);
    await delay(20);
  }
}

/** False when it is gone. */
function sendTo(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
