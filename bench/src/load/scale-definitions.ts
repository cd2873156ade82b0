/**
 * Rules of one condition over the event names of the standard load, up to a thousand: a workspace where every event concerns
 * twenty segments. They ask how often something happened, of all orders or of the large ones only, so they share two facts a
 * name, as real segments do; ten of them are every hundredth.
 */
import type { JsonObject } from '@throughline/domain/shared';
import { EVENT_NAMES } from './standard-definitions.js';
import { StandardLoad } from './standard-load.js';

const MOST = 1_000;
const LARGE_AMOUNT = 100;
const PER_NAME = MOST / EVENT_NAMES.length;
/** So high that about a tenth of a membership changes with each event, as in the standard load. */
const STEP = 5;

interface ScaleRule {
  readonly key: string;
  readonly event: string;
  readonly large: boolean;
  readonly least: number;
}

function rulesFor(howMany: number): ScaleRule[] {
  const every = MOST / howMany;
  return Array.from({ length: howMany }, (_, index) => {
    const rule = index * every;
    const rank = Math.floor(rule / EVENT_NAMES.length) % PER_NAME;
    return {
      key: `scale-${String(rule).padStart(3, '0')}`,
      event: EVENT_NAMES[rule % EVENT_NAMES.length] ?? '',
      large: rank % 2 === 1,
      least: STEP * (1 + (rank >> 1)),
    };
  });
}

/** `howMany` divides a thousand. */
export function scaleSegments(howMany: number): (JsonObject & { readonly key: string })[] {
  return rulesFor(howMany).map(({ key, event, large, least }) => ({
    key,
    name: `Scale ${key}`,
    condition: {
      event,
      ...(large ? { where: [{ property: 'amount', op: 'gte', value: LARGE_AMOUNT }] } : {}),
      count: { gte: least },
    },
  }));
}

/** How often whom has done what, by the seeds of what was sent: the memberships that must have come of it. */
export class ScaleTally {
  private readonly counts = new Map<string, number>();
  private applied = 0;

  replay(seed: number, events: number): void {
    const load = new StandardLoad({ seed, nowMs: () => 0 });
    for (let sent = 0; sent < events; sent += 1) {
      const event = load.next();
      if (event.kind === 'bad' || event.kind === 'duplicate') continue;
      this.applied += 1;
      if (event.kind !== 'track') continue;
      this.raise(`${event.name} ${event.customer}`);
      if (event.amount >= LARGE_AMOUNT) this.raise(`large ${event.name} ${event.customer}`);
    }
  }

  get events(): number {
    return this.applied;
  }

  memberships(howMany: number): number {
    const rules = new Map<string, number[]>();
    for (const { event, large, least } of rulesFor(howMany)) {
      const fact = large ? `large ${event}` : event;
      rules.set(fact, [...(rules.get(fact) ?? []), least]);
    }
    let memberships = 0;
    for (const [key, count] of this.counts) {
      const fact = key.slice(0, key.lastIndexOf(' '));
      memberships += (rules.get(fact) ?? []).filter((least) => count >= least).length;
    }
    return memberships;
  }

  private raise(key: string): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
}
