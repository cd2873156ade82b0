/** Waits for a server to answer, with a deadline and an eye on whether it is still there. */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure, messageOf } from './failure.js';
import { lastLines, type RunningProcess } from './process.js';

export interface AwaitOptions {
  /** What is waited for, for the message. */
  readonly what: string;
  readonly deadlineMs: number;
  /** When given, its early end ends the wait. */
  readonly process?: Pick<RunningProcess, 'exit'>;
  readonly logFile?: string;
  readonly everyMs?: number;
}

/** Repeats `attempt` until it returns; the last error is the cause when the time is over. */
export async function awaitReady<T>(options: AwaitOptions, attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + options.deadlineMs;
  for (;;) {
    const ended = options.process?.exit();
    if (ended !== undefined) {
      throw notReady(
        options,
        `ended with ${ended.error ?? ended.signal ?? ended.code ?? 'no code'} before it was ready`,
      );
    }
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) {
        throw notReady(
          options,
          `was not ready after ${options.deadlineMs / 1_000} s (${messageOf(error)})`,
          error,
        );
      }
    }
    await delay(options.everyMs ?? 50);
  }
}

function notReady(options: AwaitOptions, what: string, cause?: unknown): Failure {
  return new Failure({
    code: 'not_ready',
    sentence: `${options.what} ${what}.`,
    command: options.logFile === undefined ? 'npm start' : `tail -50 ${options.logFile}`,
    details: options.logFile === undefined ? [] : lastLines(options.logFile, 10),
    cause,
  });
}

/** Waits until `url` answers with a status below 400. */
export function waitForHttp(url: string, options: AwaitOptions): Promise<void> {
  return awaitReady(options, async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    if (response.status >= 400)
      throw new Failure({
        code: 'not_ready',
        sentence: `${url} answered ${response.status}.`,
        command: `curl -i ${url}`,
      });
  });
}

/** Whether something accepts connections there, within `limitMs`. */
export function canConnect(host: string, port: number, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(limitMs, () => {
      end(false);
    });
    socket.once('connect', () => {
      end(true);
    });
    socket.once('error', () => {
      end(false);
    });
  });
}
