import { applyConsents } from '../consent/index.js';
import type { Consent } from '../consent/types.js';
import { addressOn } from '../destinations/address-on.js';
import type { CountedSend } from '../destinations/types.js';
import { applyTraits } from '../profiles/index.js';
import type { Facts, Traits } from '../profiles/types.js';
import { updateFacts, type SegmentChange, type SegmentIndex } from '../segments/index.js';
import type { CustomerFacts } from '../segments/types.js';
import { assertNever, type JsonObject, type StampedRef } from '../shared/index.js';
import type { Touched } from './virtual-due.js';
import type { CustomerHappening, VirtualCustomer } from './virtual-world.js';
import type { Happening, MessageChannel, StepView, TriggerContext } from './types.js';

const UNTOUCHED: Touched = { changedFacts: [], changedTraits: [], changedSegments: [] };
const ANY_ADDRESS = 'somebody@example.org';

/** A customer of the virtual host: what the lane would keep of one. Segments come as happenings; they are not evaluated here. */
export class VirtualPerson {
  readonly applied: Happening[] = [];
  /** messages that went out */
  readonly sends: CountedSend[] = [];
  private traits: Traits;
  private readonly segments: Set<string>;
  private facts: Facts;
  private said: readonly Consent[] | undefined;

  constructor(
    readonly customerId: string,
    readonly given: VirtualCustomer,
    private readonly index: SegmentIndex,
  ) {
    this.traits = given.traits ?? {};
    this.segments = new Set(given.segments);
    this.facts = given.facts ?? {};
    this.said = given.consents;
  }

  /** Of other channels than e-mail the host knows what traits say, and no identifiers. */
  address(now: number, channel: MessageChannel = 'email'): string | null {
    const { address, emails } = this.given;
    if (emails === undefined) return address === undefined ? ANY_ADDRESS : address;
    const known = emails.filter(({ since }) => since <= now).toReversed();
    const contacts = known.map(({ value }) => ({ type: 'email', value }));
    return addressOn(channel, this.traits, contacts);
  }

  suppressed(now: number, channel: MessageChannel = 'email'): boolean {
    if (channel !== 'email') return this.given.suppressed ?? false;
    const { suppressed = false, suppressions = [] } = this.given;
    const address = this.address(now)?.toLowerCase();
    return suppressed || suppressions.some(({ value, since }) => value === address && since <= now);
  }

  /** Nothing said means that the person has agreed: tests that are about consent say so. */
  consents(purpose: string | null): readonly Consent[] {
    if (this.said !== undefined) return this.said;
    if (purpose === null) return [];
    return [{ purpose, channel: '*', state: 'granted', eventTime: 0, position: 0, ordinal: 0 }];
  }

  /** Names what may have changed. */
  apply({ happening, traits, consents }: Omit<CustomerHappening, 'customer'>): Touched {
    this.applied.push(happening);
    switch (happening.kind) {
      case 'event': {
        const counted = updateFacts(this.index, this.facts, happening);
        this.facts = counted.facts;
        if (traits !== undefined) this.set(traits, happening);
        if (consents !== undefined && consents.length > 0)
          this.said = applyConsents(this.said ?? [], { ...happening, consents }).consents;
        return {
          ...UNTOUCHED,
          changedFacts: counted.changedKeys,
          changedTraits: Object.keys(traits ?? {}),
        };
      }
      case 'segment':
        this.change(happening);
        return { ...UNTOUCHED, changedSegments: [happening.segment] };
      case 'date':
        return UNTOUCHED;
      default:
        return assertNever(happening);
    }
  }

  change({ segment, change }: SegmentChange): void {
    if (change === 'entered') this.segments.add(segment);
    else this.segments.delete(segment);
  }

  /** What a step sets: the log brings it back in production, here it holds at once. */
  write(traits: JsonObject, ref: StampedRef): void {
    this.set(traits, { eventTime: ref.clock, ref });
  }

  private set(
    traits: JsonObject,
    { eventTime, ref }: { eventTime: number; ref: StampedRef },
  ): void {
    this.traits = applyTraits(this.traits, { traits, eventTime, ref, sourceKey: null }).traits;
  }

  /** What conditions look at. */
  get facing(): CustomerFacts {
    return { traits: this.traits, facts: this.facts, segments: this.segments };
  }

  view(trigger: TriggerContext): StepView {
    const { customerId } = this;
    return { customerId, traits: this.traits, facts: this.facts, segments: this.segments, trigger };
  }
}
