/** Rings for everybody who waits. A ticket drawn before the work makes a ring during the work count. */
export class Bell {
  private rings = 0;
  private readonly waiting = new Set<() => void>();

  ring(): void {
    this.rings += 1;
    for (const wake of [...this.waiting]) wake();
  }

  ticket(): number {
    return this.rings;
  }

  async wait(ms: number, signal: AbortSignal, ticket: number = this.rings): Promise<void> {
    if (signal.aborted || ticket !== this.rings) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.waiting.add(done);
    });
  }
}
