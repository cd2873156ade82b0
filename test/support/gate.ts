/** A place where a test holds somebody up: it learns that they have come, and lets them pass when it is ready. */
export class Gate {
  readonly reached: Promise<void>;
  private readonly passed: Promise<void>;
  private arrive = (): void => undefined;
  private letPass = (): void => undefined;

  constructor() {
    this.reached = new Promise((resolve) => (this.arrive = resolve));
    this.passed = new Promise((resolve) => (this.letPass = resolve));
  }

  /** For whoever is held up: says that it is here, and waits. Open, it holds nobody. */
  async enter(): Promise<void> {
    this.arrive();
    await this.passed;
  }

  open(): void {
    this.letPass();
  }
}
