import type { Consent } from '../consent/types.js';
import { applyTraits } from '../profiles/index.js';
import type { Facts, Traits } from '../profiles/types.js';
import { updateFacts } from '../segments/index.js';
import type { FactDefinition } from '../segments/types.js';
import type { JsonObject, StampedRef } from '../shared/index.js';
import type { CustomerHappening, VirtualCustomer } from './virtual-world.js';
import type { Happening, StepView, TriggerContext } from './types.js';

export interface FactIndex {
  factsByEvent(name: string): readonly FactDefinition[];
}

const ANY_ADDRESS = 'somebody@example.org';

/** A customer of the virtual host: what the lane would keep of one. Segments come as happenings; they are not evaluated here. */
export class VirtualPerson {
  readonly applied: Happening[] = [];
  private traits: Traits;
  private readonly segments: Set<string>;
  private facts: Facts;

  constructor(
    readonly given: VirtualCustomer,
    private readonly index: FactIndex,
  ) {
    this.traits = given.traits ?? {};
    this.segments = new Set(given.segments);
    this.facts = given.facts ?? {};
  }

  get address(): string | null {
    return this.given.address === undefined ? ANY_ADDRESS : this.given.address;
  }

  /** Nothing said means that the person has agreed: tests that are about consent say so. */
  consents(purpose: string | null): readonly Consent[] {
    if (this.given.consents !== undefined) return this.given.consents;
    if (purpose === null) return [];
    return [{ purpose, channel: '*', state: 'granted', eventTime: 0, position: 0, ordinal: 0 }];
  }

  apply({ happening, traits }: Omit<CustomerHappening, 'customer'>): void {
    this.applied.push(happening);
    if (happening.kind === 'event') {
      this.facts = updateFacts(this.index, this.facts, happening).facts;
      if (traits !== undefined) this.set(traits, happening);
    } else if (happening.change === 'entered') this.segments.add(happening.segment);
    else this.segments.delete(happening.segment);
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

  view(trigger: TriggerContext): StepView {
    return { traits: this.traits, facts: this.facts, segments: this.segments, trigger };
  }
}
