import type { ParsedEvent } from '@throughline/domain/ingestion';
import { compareRefs, InvariantBroken, type InputRef } from '@throughline/domain/shared';
import { applyEvent, type ApplyContext } from './lane-apply.js';
import type { LaneDefinitions } from './lane-definitions.js';
import { newWork } from './lane-load.js';
import { mergeAlone } from './lane-merge.js';
import { noWrites, type CustomerWork } from './lane-work.js';

/** An event as it is stored, with the profile that it is of. */
export interface StoredEvent {
  readonly originId: string;
  readonly event: ParsedEvent;
}

export interface StoredMerge extends InputRef {
  readonly survivorId: string;
  readonly absorbedId: string;
  /** lane clock, ms */
  readonly at: number;
  readonly cause: 'event' | 'operator';
}

interface ReplayOptions {
  readonly workspaceId: string;
  readonly definitions: LaneDefinitions;
  /** those that hold, in order; what lies before the first event has been carried out */
  readonly merges: readonly StoredMerge[];
  readonly from: InputRef;
  /** a customer who was not there at the beginning and comes in by a merge or an event; null: nobody who concerns this replay */
  readonly bring: (customerId: string, event: ParsedEvent | StoredMerge) => CustomerWork | null;
  /** called before each event is applied to somebody */
  readonly before?: (customer: CustomerWork, event: ParsedEvent) => void;
  /** position of what comes by time alone */
  readonly positionAt: (due: number) => number;
}

/**
 * Events and merges applied once more, in log order, by the code that applied them first, to customers in memory. What the
 * answer is compared with, or written over, is the caller's to know.
 */
export class Replay {
  readonly context: ApplyContext;
  /** the inputs whose events concerned somebody here */
  readonly applied: InputRef[] = [];
  private readonly survivors = new Map<string, string>();
  private readonly pending: StoredMerge[] = [];

  constructor(private readonly options: ReplayOptions) {
    const { workspaceId, definitions, merges, from, positionAt } = options;
    const customers = new Map<string, CustomerWork>();
    this.context = { workspaceId, definitions, customers, writes: noWrites(), positionAt };
    for (const merge of merges) {
      if (compareRefs(merge, from) < 0) this.survivors.set(merge.absorbedId, merge.survivorId);
      else this.pending.push(merge);
    }
  }

  enlist(customer: CustomerWork): void {
    this.context.customers.set(customer.id, customer);
  }

  run(events: readonly StoredEvent[]): void {
    for (const { originId, event } of events) {
      for (const merge of this.due(event.ref, -1)) this.merge(merge);
      this.apply(originId, event, this.due(event.ref, 0));
    }
    for (const merge of this.pending.splice(0)) this.merge(merge);
  }

  /** Who a profile belongs to by now. */
  survivorOf(customerId: string): string {
    let current = customerId;
    for (
      let next = this.survivors.get(current);
      next !== undefined;
      next = this.survivors.get(current)
    ) {
      current = next;
    }
    return current;
  }

  /** Takes the merges that lie before `ref`, or up to it. */
  private due(ref: InputRef, upTo: -1 | 0): StoredMerge[] {
    const later = this.pending.findIndex((merge) => compareRefs(merge, ref) > upTo);
    return this.pending.splice(0, later === -1 ? this.pending.length : later);
  }

  private apply(originId: string, event: ParsedEvent, merges: readonly StoredMerge[]): void {
    for (const { absorbedId, survivorId } of merges) this.survivors.set(absorbedId, survivorId);
    const customerId = this.survivorOf(originId);
    const own = merges.filter(({ survivorId }) => survivorId === customerId);
    for (const merge of merges) if (!own.includes(merge)) this.merge(merge);
    const { customers } = this.context;
    const isNew = !customers.has(customerId);
    const concerning = own.find(({ absorbedId }) => customers.has(absorbedId));
    const customer = this.find(customerId, concerning ?? event);
    if (customer === null) return;
    const absorbed = own.filter((merge) => this.find(merge.absorbedId, merge) !== null);
    this.options.before?.(customer, event);
    this.applied.push({ position: event.ref.position, ordinal: event.ref.ordinal });
    applyEvent(this.context, {
      event,
      customerId,
      originId,
      isNew: isNew && customer.isNew,
      added: [],
      absorbed: absorbed.map(({ absorbedId }) => absorbedId),
    });
  }

  private merge(merge: StoredMerge): void {
    const { survivorId, absorbedId, position, ordinal, at, cause } = merge;
    this.survivors.set(absorbedId, survivorId);
    const { customers } = this.context;
    if (!customers.has(survivorId) && !customers.has(absorbedId)) return;
    const survivor = this.find(survivorId, merge);
    const absorbed = this.find(absorbedId, merge);
    if (survivor === null || absorbed === null)
      throw new InvariantBroken('a merge is replayed of which one side is not known');
    const ref = { position, ordinal, clock: at };
    mergeAlone(this.context, { survivor, absorbedId, ref, cause });
  }

  private find(customerId: string, at: ParsedEvent | StoredMerge): CustomerWork | null {
    const known = this.context.customers.get(customerId);
    if (known !== undefined) return known;
    const brought = this.options.bring(customerId, at);
    if (brought !== null) this.enlist(brought);
    return brought;
  }
}

/** From the first event of everybody: whoever an event names is born by it. */
export function bornBy(customerId: string, at: ParsedEvent | StoredMerge): CustomerWork | null {
  return 'ref' in at ? newWork(customerId, at.ref) : null;
}
