/** What must have come of a load that was sent: counted from the same seed, after the clock has stopped. */
import { CUSTOMERS, StandardLoad, type LoadEvent } from './standard-load.js';
import { TRIGGER_EVENT } from './standard-definitions.js';

export interface Tally {
  readonly sent: number;
  readonly good: number;
  readonly duplicates: number;
  readonly bad: number;
  readonly facts: number;
  readonly customers: number;
  readonly enrolments: number;
}

export class TallyKeeper {
  private readonly known = new Uint8Array(CUSTOMERS);
  private readonly entered = new Uint8Array(CUSTOMERS);
  private readonly counts = {
    sent: 0,
    good: 0,
    duplicates: 0,
    bad: 0,
    facts: 0,
    customers: 0,
    enrolments: 0,
  };
  private triggers = 0;

  /** Triggers so far, repeats of customers included: where the next load goes on. */
  get triggersUsed(): number {
    return this.triggers;
  }

  add(event: LoadEvent): void {
    this.counts.sent += 1;
    switch (event.kind) {
      case 'bad':
        this.counts.bad += 1;
        return;
      case 'duplicate':
        this.counts.duplicates += 1;
        return;
      case 'track':
        this.addTrack(event);
        return;
      case 'identify':
        this.addCustomer(event.customer);
    }
  }

  /** The first `events` of the load of that seed. */
  replay(seed: number, events: number): void {
    const load = new StandardLoad({ seed, nowMs: () => 0, triggersBefore: this.triggers });
    for (let i = 0; i < events; i += 1) this.add(load.next());
  }

  get tally(): Tally {
    return { ...this.counts };
  }

  private addTrack({ customer, name, facts }: Extract<LoadEvent, { kind: 'track' }>): void {
    this.addCustomer(customer);
    this.counts.facts += facts;
    if (name !== TRIGGER_EVENT) return;
    this.triggers += 1;
    if (this.entered[customer] === 0) this.counts.enrolments += 1;
    this.entered[customer] = 1;
  }

  private addCustomer(customer: number): void {
    this.counts.good += 1;
    if (this.known[customer] === 0) this.counts.customers += 1;
    this.known[customer] = 1;
  }
}
