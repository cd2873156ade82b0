import type { ConsentAssertion } from '../consent/types.js';
import type { CapsDocument } from '../destinations/types.js';
import { canonicalJson, type Duration, type JsonObject } from '../shared/index.js';
import { lengthOf } from './lookup.js';
import { runVirtually } from './virtual-host.js';
import type {
  CustomerHappening,
  ScriptedOutcome,
  VirtualCustomer,
  VirtualDeliveryResult,
  VirtualEnrolment,
  VirtualRequest,
  VirtualResult,
} from './virtual-world.js';
import type {
  DeliveryOutcome,
  JourneyDefinition,
  OperatorRequest,
  SkipReason,
  TrailEntry,
} from './types.js';

/** 1 January 2026, 09:00 UTC: a test's time begins here. */
const BEGINNING = 1_767_258_000_000;
const CUSTOMER = 'customer';

/** An expectation about a journey that was not met; the message holds the trail. */
export class JourneyExpectationFailed extends Error {
  override readonly name = 'JourneyExpectationFailed';
}

/**
 * A journey's unit test in virtual time, for our playbooks and for users' own journeys:
 *
 *     journeyTest(cartReminder)
 *       .event('Cart Updated', { cart_id: 'c1' })
 *       .after({ hours: 1 }).event('Order Completed', { cart_id: 'c1' })
 *       .after({ hours: 4 }).expectNotSent('reminder');
 *
 * One customer, who may be reached and has consented unless `customer` says otherwise.
 */
export function journeyTest(definition: JourneyDefinition): JourneyTest {
  return new JourneyTest(definition);
}

/** What else there is to say of an event. */
interface HappeningOptions {
  readonly imported?: boolean;
  /** that it sets */
  readonly traits?: JsonObject;
  /** that it says */
  readonly consents?: readonly ConsentAssertion[];
  /** it happened so long before it came */
  readonly ageMs?: number;
}

export class JourneyTest {
  private now = BEGINNING;
  private person: VirtualCustomer = {};
  private capsDocument: CapsDocument = { rules: [] };
  private readonly log: CustomerHappening[] = [];
  private readonly requests: VirtualRequest[] = [];
  private readonly outcomes = new Map<string, ScriptedOutcome>();

  constructor(private readonly definition: JourneyDefinition) {}

  // ── What happens ──────────────────────────────────────────────────────────────────────────────

  /** Who the customer is before anything happens. */
  customer(person: VirtualCustomer): this {
    this.person = { ...this.person, ...person };
    return this;
  }

  event(name: string, properties: JsonObject = {}, options: HappeningOptions = {}): this {
    const ref = this.nextRef();
    const happening = {
      kind: 'event',
      name,
      properties,
      eventTime: this.now - (options.ageMs ?? 0),
      messageId: `m${ref.position}`,
      ref,
      imported: options.imported ?? false,
    } as const;
    const { traits, consents } = options;
    return this.add({
      customer: CUSTOMER,
      happening,
      ...(traits === undefined ? {} : { traits }),
      ...(consents === undefined ? {} : { consents }),
    });
  }

  entersSegment(segment: string): this {
    return this.changesSegment(segment, 'entered');
  }

  leavesSegment(segment: string): this {
    return this.changesSegment(segment, 'left');
  }

  after(duration: Duration): this {
    this.now += lengthOf(duration);
    return this;
  }

  /** Frequency caps of the workspace. */
  caps(document: CapsDocument): this {
    this.capsDocument = document;
    return this;
  }

  /** What comes of every delivery of a step from the beginning; default: accepted. */
  delivers(step: string, outcome: DeliveryOutcome, takesMs = 0): this {
    this.outcomes.set(step, { outcome, takesMs });
    return this;
  }

  operator(request: OperatorRequest): this {
    this.requests.push({ at: this.now, journey: this.definition.key, customer: CUSTOMER, request });
    return this;
  }

  // ── What must be so by now ────────────────────────────────────────────────────────────────────

  expectEntered(times = 1): this {
    const { enrolments } = this.run();
    return this.expect(
      enrolments.length === times,
      `entered ${enrolments.length} times, expected ${times}`,
    );
  }

  expectNotEntered(): this {
    return this.expectEntered(0);
  }

  expectSent(step: string, times = 1): this {
    const sent = this.deliveries(step).filter(({ outcome }) => outcome?.kind === 'accepted').length;
    return this.expect(sent === times, `${step} was sent ${sent} times, expected ${times}`);
  }

  expectNotSent(step: string): this {
    return this.expectSent(step, 0);
  }

  expectSkipped(step: string, reason: SkipReason): this {
    const outcomes = this.deliveries(step).map(({ outcome }) => outcome);
    const found = outcomes.some(
      (outcome) => outcome?.kind === 'skipped' && outcome.reason === reason,
    );
    return this.expect(found, `${step} was not skipped for ${reason}`);
  }

  expectWaitingAt(step: string): this {
    const place = this.last()?.state.place;
    return this.expect(
      place?.kind === 'waiting' && place.step === step,
      `does not wait at ${step}`,
    );
  }

  expectHeld(reason: string): this {
    const place = this.last()?.state.place;
    return this.expect(
      place?.kind === 'held' && place.reason === reason,
      `is not held for ${reason}`,
    );
  }

  /** Without an outcome: ended, however. */
  expectEnded(outcome?: string): this {
    const found = this.last()?.outcome ?? null;
    const met = found !== null && (outcome === undefined || found === outcome);
    return this.expect(met, `ended as ${found ?? 'not yet'}, expected ${outcome ?? 'an end'}`);
  }

  expectGoal(goal: string): this {
    const goals = this.run().enrolments.flatMap((enrolment) => enrolment.goals);
    return this.expect(
      goals.some(({ goalId }) => goalId === goal),
      `did not reach the goal ${goal}`,
    );
  }

  /** Everything that came of it up to now. */
  run(): VirtualResult {
    return runVirtually({
      definitions: [this.definition],
      log: this.log,
      from: BEGINNING,
      until: this.now,
      customers: { [CUSTOMER]: this.person },
      requests: this.requests,
      caps: this.capsDocument,
      outcomes: ({ step }) => this.outcomes.get(step) ?? { outcome: { kind: 'accepted' } },
    });
  }

  /** The trail of the enrolment that entered last. */
  trail(): readonly TrailEntry[] {
    return this.last()?.trail ?? [];
  }

  private last(): VirtualEnrolment | undefined {
    return this.run().enrolments.at(-1);
  }

  private deliveries(step: string): readonly VirtualDeliveryResult[] {
    const all = this.run().enrolments.flatMap((enrolment) => enrolment.deliveries);
    return all.filter(({ delivery }) => delivery.step === step);
  }

  private changesSegment(segment: string, change: 'entered' | 'left'): this {
    const happening = {
      kind: 'segment',
      segment,
      change,
      ref: this.nextRef(),
      imported: false,
    } as const;
    return this.add({ customer: CUSTOMER, happening });
  }

  private add(happening: CustomerHappening): this {
    this.log.push(happening);
    return this;
  }

  private nextRef(): {
    readonly position: number;
    readonly ordinal: number;
    readonly clock: number;
  } {
    return { position: this.log.length + 1, ordinal: 0, clock: this.now };
  }

  private expect(met: boolean, message: string): this {
    if (met) return this;
    throw new JourneyExpectationFailed(`${message}\n${describeTrails(this.run(), BEGINNING)}`);
  }
}

function describeTrails({ enrolments, refusals }: VirtualResult, from: number): string {
  const refused = refusals.map(
    ({ ref, reason }) => `+${seconds(ref.clock, from)} s not entered: ${reason}`,
  );
  const trails = enrolments.flatMap(({ trail }) =>
    trail.map(
      ({ at, kind, step, detail }) =>
        `+${seconds(at, from)} s ${kind} ${step ?? ''} ${canonicalJson(detail)}`,
    ),
  );
  return [...refused, ...trails].join('\n');
}

function seconds(at: number, from: number): number {
  return (at - from) / 1_000;
}
