import { setTimeout as delay } from 'node:timers/promises';

export interface LoopOptions {
  readonly everyMs: number;
  /** a pass that throws is reported and the loop goes on: an outage must not end it */
  readonly onFailure: (error: unknown) => void;
  /** pause after a failure */
  readonly afterFailureMs: number;
}

/** Repeats `pass` until told to stop: at once when it says that there is more to do, when rung, else after a pause. */
export class Loop {
  private readonly abort = new AbortController();
  private bell = new AbortController();
  private running: Promise<void> | null = null;

  constructor(
    private readonly pass: (signal: AbortSignal) => Promise<'more' | 'idle'>,
    private readonly options: LoopOptions,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Something may be there to do. Rung during a pass, the next one follows at once. */
  ring(): void {
    this.bell.abort();
  }

  async stop(): Promise<void> {
    this.abort.abort();
    this.ring();
    await this.running;
  }

  private async run(): Promise<void> {
    const { everyMs, afterFailureMs, onFailure } = this.options;
    while (!this.abort.signal.aborted) {
      this.bell = new AbortController();
      let pauseMs = everyMs;
      try {
        if ((await this.pass(this.abort.signal)) === 'more') pauseMs = 0;
      } catch (error) {
        onFailure(error);
        pauseMs = afterFailureMs;
      }
      if (pauseMs > 0) await this.pause(pauseMs);
    }
  }

  private async pause(ms: number): Promise<void> {
    // An abort is the ring: it ends the pause early and is no failure.
    await delay(ms, undefined, {
      signal: AbortSignal.any([this.bell.signal, this.abort.signal]),
    }).catch(() => undefined);
  }
}
