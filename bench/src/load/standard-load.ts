/**
 * The standard load: 100,000 customers by Zipf, 50 event names, 10 % identify; 1 % duplicates, 2 % late, 0.1 % bad; varied
 * events of 300 to 900 bytes. Seeded: whoever knows the seed and how much was sent knows what must have come of it.
 */
import { seededChance } from '@throughline/domain/shared';
import { below, createZipf, type Random } from './random.js';
import {
  EVENT_NAMES,
  factsCountedFor,
  TIERS,
  TRIGGER_EVENT,
  TRIGGER_SHARE,
} from './standard-definitions.js';

export const CUSTOMERS = 100_000;

const SHARES = {
  identify: 0.1,
  duplicate: 0.01,
  late: 0.02,
  bad: 0.001,
  anonymous: 0.3,
  trigger: TRIGGER_SHARE,
} as const;

const MIN_BYTES = 300;
const MAX_BYTES = 900;
/** Repeats come soon after: what a sender tries again after a timeout. */
const REMEMBERED = 512;
/** Coprime to the number of customers, so that triggers visit each customer once before any twice. */
const TRIGGER_STRIDE = 30_011;

/** One event as text, and what must come of it. */
export type LoadEvent =
  | { readonly kind: 'bad'; readonly text: string }
  | { readonly kind: 'duplicate'; readonly text: string }
  | {
      readonly kind: 'track';
      readonly text: string;
      readonly customer: number;
      readonly name: string;
      readonly amount: number;
      /** facts that it counts */
      readonly facts: number;
      readonly late: boolean;
    }
  | {
      readonly kind: 'identify';
      readonly text: string;
      readonly customer: number;
      readonly late: boolean;
    };

export interface StandardLoadOptions {
  readonly seed: number;
  /** ms since epoch */
  readonly nowMs: () => number;
  /** how many triggers loads before this one have used up */
  readonly triggersBefore?: number;
  readonly customers?: number;
}

export class StandardLoad {
  private readonly random: Random;
  private readonly zipf: () => number;
  private readonly customers: number;
  private readonly recent: string[] = [];
  private readonly padding: string;
  private count = 0;
  private triggers: number;

  constructor(private readonly options: StandardLoadOptions) {
    this.random = seededChance(options.seed);
    this.customers = options.customers ?? CUSTOMERS;
    this.zipf = createZipf(this.customers, this.random);
    this.padding = words(this.random, 8_192);
    this.triggers = options.triggersBefore ?? 0;
  }

  next(): LoadEvent {
    this.count += 1;
    const dice = this.random();
    if (dice < SHARES.bad) return { kind: 'bad', text: this.badText() };
    const repeated = this.recent[below(this.random, this.recent.length)];
    if (dice < SHARES.bad + SHARES.duplicate && repeated !== undefined)
      return { kind: 'duplicate', text: repeated };
    const event = this.goodEvent();
    this.remember(event.text);
    return event;
  }

  private goodEvent(): Exclude<LoadEvent, { kind: 'bad' | 'duplicate' }> {
    const dice = this.random();
    if (dice < SHARES.trigger) return this.trigger();
    const late = this.random() < SHARES.late;
    const customer = this.zipf();
    if (dice < SHARES.trigger + SHARES.identify)
      return { kind: 'identify', customer, late, text: this.identifyText(customer, late) };
    // The first name is the trigger's own.
    const name = EVENT_NAMES[1 + below(this.random, EVENT_NAMES.length - 1)] ?? TRIGGER_EVENT;
    return this.track(customer, name, late);
  }

  /** Never late, and each time somebody else: every trigger is an enrolment. */
  private trigger(): Extract<LoadEvent, { kind: 'track' }> {
    const customer = (this.triggers * TRIGGER_STRIDE) % this.customers;
    this.triggers += 1;
    return this.track(customer, TRIGGER_EVENT, false);
  }

  private track(
    customer: number,
    name: string,
    late: boolean,
  ): Extract<LoadEvent, { kind: 'track' }> {
    const amount = below(this.random, 200);
    const properties = `"amount":${amount},"category":"c${below(this.random, 12)}","sku":"SKU-${below(this.random, 5_000)}","quantity":${1 + below(this.random, 4)}`;
    const body = `"event":"${name}",${this.common(customer, late)},"properties":{${properties},"note":"`;
    const text = this.filled(`{"type":"track",${body}`, '"}}');
    const facts = factsCountedFor(name, amount);
    return { kind: 'track', text, customer, name, late, amount, facts };
  }

  private identifyText(customer: number, late: boolean): string {
    const tier = TIERS[below(this.random, TIERS.length)] ?? '';
    const traits = `"email":"u${customer}@example.com","name":"Customer ${customer}","tier":"${tier}","visits":${this.count}`;
    return this.filled(
      `{"type":"identify",${this.common(customer, late)},"traits":{${traits},"about":"`,
      '"}}',
    );
  }

  private common(customer: number, late: boolean): string {
    const anonymous =
      this.random() < SHARES.anonymous ? `,"anonymousId":"browser-of-${customer}"` : '';
    const page = below(this.random, 400);
    return `${this.envelope(late)},"userId":"u${customer}"${anonymous},"context":{"library":{"name":"bench","version":"1.0.0"},"page":{"path":"/shelf/${page}"}}`;
  }

  private envelope(late = false): string {
    const lateMs = late ? 3_600_000 * (2 + below(this.random, 70)) : 0;
    const at = new Date(this.options.nowMs() - lateMs).toISOString();
    return `"messageId":"${this.options.seed}-${this.count}","timestamp":"${at}"`;
  }

  /** Fills the text up to a length that is drawn anew each time, by words that differ each time. */
  private filled(head: string, tail: string): string {
    const wanted = MIN_BYTES + below(this.random, MAX_BYTES - MIN_BYTES + 1);
    const room = Math.max(1, wanted - head.length - tail.length);
    const from = below(this.random, this.padding.length - room);
    return head + this.padding.slice(from, from + room) + tail;
  }

  private badText(): string {
    const filler = this.padding.slice(0, 300);
    switch (below(this.random, 3)) {
      case 0:
        return `{"type":"track","event":"Nobody's",${this.envelope()},"properties":{"note":"${filler}"}}`;
      case 1:
        return `{"type":"track","userId":"u1",${this.envelope()},"properties":{"note":"${filler}"}}`;
      default:
        return `{"type":"track","event":"Event 07","userId":"u2",${this.envelope()},"properties":{"note":"a\\u0000b ${filler}"}}`;
    }
  }

  private remember(text: string): void {
    if (this.recent.length < REMEMBERED) this.recent.push(text);
    else this.recent[this.count % REMEMBERED] = text;
  }
}

const LETTERS = 'etaoinshrdlucmfwypvbgkjqxz';

function words(random: Random, length: number): string {
  let text = '';
  while (text.length < length) {
    const letters = 2 + below(random, 9);
    for (let i = 0; i < letters; i += 1) text += LETTERS[Math.floor(random() ** 2 * 26)] ?? 'e';
    text += ' ';
  }
  return text;
}
