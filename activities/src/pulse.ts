import { Context } from '@temporalio/activity';
import type { Pulse } from './import-pages.js';

export type { Pulse } from './import-pages.js';

/** A beat also brings the news of a cancellation and of a worker that is to stop. */
export function pulse<T>(): Pulse<T> {
  const context = Context.current();
  return {
    beat: (report) => {
      context.heartbeat(report);
      context.cancellationSignal.throwIfAborted();
    },
    signal: context.cancellationSignal,
  };
}
