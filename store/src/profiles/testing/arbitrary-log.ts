/** Logs of events, merges and unmerges as they could come in, for properties of what is told of people. */
import fc from 'fast-check';
import type { TestEvent } from '../../ingestion/testing/lane-kit.js';

export type Input =
  | { readonly kind: 'events'; readonly events: readonly ((at: number) => TestEvent)[] }
  | { readonly kind: 'merge'; readonly of: readonly [number, number] }
  | { readonly kind: 'unmerge'; readonly of: number };

/** Few people and few values, so that they meet, merge, part and conflict all the time. */
const event: fc.Arbitrary<(at: number) => TestEvent> = fc
  .record({
    userId: fc.option(fc.constantFrom('u1', 'u2', 'u3'), { nil: undefined }),
    anonymousId: fc.constantFrom('a1', 'a2', 'a3', 'a4'),
    what: fc.constantFrom('order', 'plan', 'mail', 'consent', 'alias'),
    value: fc.constantFrom('free', 'pro', null),
    ageMinutes: fc.integer({ min: 0, max: 30 }),
  })
  .map(({ userId, anonymousId, what, value, ageMinutes }) => (at: number): TestEvent => {
    const timestamp = new Date(at - ageMinutes * 60_000).toISOString();
    const base = { anonymousId, timestamp, ...(userId === undefined ? {} : { userId }) };
    switch (what) {
      case 'order':
        return { ...base, type: 'track', event: 'Order Completed', properties: { total: 10 } };
      case 'plan':
        return { ...base, type: 'identify', traits: { plan: value, seen: anonymousId } };
      case 'mail':
        return { ...base, type: 'identify', traits: { email: `${anonymousId}@example.com` } };
      case 'consent': {
        const state = value === null ? 'revoked' : value === 'pro' ? 'granted' : 'denied';
        const properties = { purpose: 'marketing', channel: 'email', state };
        return { ...base, type: 'track', event: 'Consent Changed', properties };
      }
      case 'alias':
        return { ...base, type: 'alias', userId: userId ?? 'u1', previousId: 'a1' };
    }
  });

const events = fc
  .array(event, { minLength: 1, maxLength: 3 })
  .map((batch): Input => ({ kind: 'events', events: batch }));
export const merge = fc
  .tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 }))
  .map((of): Input => ({ kind: 'merge', of }));
export const unmerge = fc.nat({ max: 5 }).map((of): Input => ({ kind: 'unmerge', of }));

export const log = (...others: fc.WeightedArbitrary<Input>[]): fc.Arbitrary<Input[]> =>
  fc.array(fc.oneof({ weight: 6, arbitrary: events }, ...others), { minLength: 4, maxLength: 22 });
