import fc from 'fast-check';
import type { JsonObject } from '../../shared/index.js';
import { DEFAULT_NAMES, type JourneyNames } from './arbitrary-journey.js';
import type { CustomerHappening, VirtualRequest } from '../virtual-world.js';
import type { DeliveryOutcome, Happening, OperatorRequest } from '../types.js';

/** Random lives of one customer beside a random journey: events, changes of membership, operators, outcomes of deliveries. */

export type StreamItem = { readonly afterMs: number } & (
  | { readonly kind: 'event'; readonly event: string; readonly properties: JsonObject }
  | { readonly kind: 'segment'; readonly segment: string; readonly change: 'entered' | 'left' }
  | { readonly kind: 'request'; readonly request: OperatorRequest }
);

export interface Scenario {
  readonly log: readonly CustomerHappening[];
  readonly requests: readonly VirtualRequest[];
  /** of the last item */
  readonly endsAt: number;
}

const MAX_GAP_MS = 3_000;
const KEYS = ['a', 'b'];

export function arbitraryStream(
  names: Partial<JourneyNames> = {},
  {
    maxLength = 25,
    withRequests = true,
  }: { readonly maxLength?: number; readonly withRequests?: boolean } = {},
): fc.Arbitrary<readonly StreamItem[]> {
  const all = { ...DEFAULT_NAMES, ...names };
  const items: fc.WeightedArbitrary<StreamItem>[] = [{ weight: 8, arbitrary: arbitraryEvent(all) }];
  if (all.segments.length > 0) items.push({ weight: 2, arbitrary: arbitraryChange(all) });
  if (withRequests) items.push({ weight: 2, arbitrary: arbitraryRequestItem() });
  const began: fc.Arbitrary<StreamItem> = arbitraryEvent({ ...all, events: [] });
  return fc
    .tuple(began, fc.array(fc.oneof(...items), { maxLength: maxLength - 1 }))
    .map(([first, rest]) => [first, ...rest]);
}

export function arbitraryOutcome(): fc.Arbitrary<DeliveryOutcome> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant<DeliveryOutcome>({ kind: 'accepted' }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<DeliveryOutcome>(
        { kind: 'skipped', reason: 'no_consent' },
        { kind: 'failed', code: 'hard_bounce' },
        { kind: 'unknown' },
      ),
    },
  );
}

/** The outcome of a delivery from a random list: by step and visit, so that two hosts find the same. */
export function outcomeFor(
  outcomes: readonly DeliveryOutcome[],
  { step, visit }: { readonly step: string; readonly visit: number },
): DeliveryOutcome {
  const place = Array.from(step).reduce((sum, letter) => sum + letter.charCodeAt(0), visit);
  return outcomes[place % Math.max(1, outcomes.length)] ?? { kind: 'accepted' };
}

export function arbitraryRequest(): fc.Arbitrary<OperatorRequest> {
  return fc.oneof(
    fc.record({
      kind: fc.constant('skipWait' as const),
      step: fc.nat(5).map((index) => `s${index}`),
      visit: fc.integer({ min: 1, max: 2 }),
    }),
    fc.constantFrom<OperatorRequest>(
      { kind: 'hold', reason: 'asked' },
      { kind: 'resume' },
      { kind: 'retryStep' },
      { kind: 'forceExit', reason: 'asked' },
    ),
  );
}

/** The stream as log and requests, from an instant on; changes of membership that change nothing are left out. */
export function scenarioOf(
  stream: readonly StreamItem[],
  {
    beginsAt,
    journey,
    customer,
  }: { readonly beginsAt: number; readonly journey: string; readonly customer: string },
): Scenario {
  const log: CustomerHappening[] = [];
  const requests: VirtualRequest[] = [];
  const inside = new Set<string>();
  let now = beginsAt;
  for (const item of stream) {
    now += item.afterMs;
    if (item.kind === 'request') {
      requests.push({ at: now, journey, customer, request: item.request });
      continue;
    }
    if (item.kind === 'segment' && !changes(inside, item)) continue;
    log.push({ customer, happening: happeningOf(item, log.length + 1, now) });
  }
  return { log, requests, endsAt: now };
}

function changes(
  inside: Set<string>,
  { segment, change }: StreamItem & { readonly kind: 'segment' },
): boolean {
  if (change === 'left') return inside.delete(segment);
  if (inside.has(segment)) return false;
  inside.add(segment);
  return true;
}

function happeningOf(
  item: Exclude<StreamItem, { readonly kind: 'request' }>,
  position: number,
  clock: number,
): Happening {
  const ref = { position, ordinal: 0, clock };
  if (item.kind === 'segment') {
    return { kind: 'segment', segment: item.segment, change: item.change, ref, imported: false };
  }
  const { event: name, properties } = item;
  return {
    kind: 'event',
    name,
    properties,
    eventTime: clock,
    messageId: `m${position}`,
    ref,
    imported: false,
  };
}

const gap = () => fc.oneof(fc.constant(0), fc.constant(1_000), fc.nat(MAX_GAP_MS));

function arbitraryEvent({ trigger, events, keyPath }: JourneyNames): fc.Arbitrary<StreamItem> {
  return fc.record({
    afterMs: gap(),
    kind: fc.constant('event' as const),
    event: fc.constantFrom(trigger, ...events),
    properties: fc.record({
      [keyPath]: fc.constantFrom(...KEYS),
      amount: fc.integer({ min: 0, max: 3 }),
    }),
  });
}

function arbitraryChange({ segments }: JourneyNames): fc.Arbitrary<StreamItem> {
  return fc.record({
    afterMs: gap(),
    kind: fc.constant('segment' as const),
    segment: fc.constantFrom(...segments),
    change: fc.constantFrom('entered' as const, 'left' as const),
  });
}

function arbitraryRequestItem(): fc.Arbitrary<StreamItem> {
  return fc.record({
    afterMs: gap(),
    kind: fc.constant('request' as const),
    request: arbitraryRequest(),
  });
}
