import type { Consent } from '../consent/types.js';
import type { Facts, TraitValue } from '../profiles/types.js';
import { updateFacts } from '../segments/index.js';
import type { FactDefinition } from '../segments/types.js';
import type { JsonObject, StampedRef } from '../shared/index.js';
import type { VirtualCustomer } from './virtual-world.js';
import type { Happening, StepView, TriggerContext } from './types.js';

export interface FactIndex {
  factsByEvent(name: string): readonly FactDefinition[];
}

const ANY_ADDRESS = 'somebody@example.org';

/** A customer of the virtual host: what the lane would keep of one. Segments come as happenings; they are not evaluated here. */
export class VirtualPerson {
  readonly applied: Happening[] = [];
  private readonly traits: Record<string, TraitValue>;
  private readonly segments: Set<string>;
  private facts: Facts;

  constructor(
    readonly given: VirtualCustomer,
    private readonly index: FactIndex,
  ) {
    this.traits = { ...given.traits };
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

  apply(happening: Happening): void {
    this.applied.push(happening);
    if (happening.kind === 'event')
      this.facts = updateFacts(this.index, this.facts, happening).facts;
    else if (happening.change === 'entered') this.segments.add(happening.segment);
    else this.segments.delete(happening.segment);
  }

  write(traits: JsonObject, at: StampedRef): void {
    for (const [name, value] of Object.entries(traits)) {
      this.traits[name] = { v: value, t: at.clock, p: at.position, o: at.ordinal, s: null };
    }
  }

  view(trigger: TriggerContext): StepView {
    return { traits: this.traits, facts: this.facts, segments: this.segments, trigger };
  }
}
