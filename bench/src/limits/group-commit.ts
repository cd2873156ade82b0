/** Gathers what comes while a flush is on its way, and flushes it together: what any good server would do. */
export type Flush = (bodies: readonly string[]) => Promise<void>;

interface Waiting {
  readonly body: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class GroupCommit {
  private waiting: Waiting[] = [];
  private idle: Flush[];

  /** One flush for each connection may be on its way at once. */
  constructor(
    flushes: readonly Flush[],
    private readonly maxBytes: number,
  ) {
    this.idle = [...flushes];
  }

  /** Returns once the body is committed. */
  add(body: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ body, resolve, reject });
      // One turn of the event loop lets the requests of this tick share the first flush.
      if (this.waiting.length === 1)
        setImmediate(() => {
          this.flush();
        });
    });
  }

  private flush(): void {
    while (this.waiting.length > 0) {
      const flush = this.idle.pop();
      if (flush === undefined) return;
      const batch = this.take();
      void flush(batch.map(({ body }) => body))
        .then(
          () => {
            for (const { resolve } of batch) resolve();
          },
          (error: unknown) => {
            for (const { reject } of batch) reject(error);
          },
        )
        .finally(() => {
          this.idle.push(flush);
          this.flush();
        });
    }
  }

  private take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { body } of this.waiting) {
      bytes += body.length;
      if (count > 0 && bytes > this.maxBytes) break;
      count += 1;
    }
    const batch = this.waiting.slice(0, count);
    this.waiting = this.waiting.slice(count);
    return batch;
  }
}
