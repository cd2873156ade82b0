/**
 * Who is who, and nothing else: events that carry identifiers only. The standard mix is what a shop sees: people who return, on
 * two browsers, some of them before they sign in. The adversarial mix is what wears a graph out: three profiles that one event
 * joins, over and over, and devices that hundreds of people share.
 */
import type { IdentifierRef } from '@throughline/domain/identity';
import { seededChance } from '@throughline/domain/shared';
import { below } from './random.js';

export interface IdentityEvent {
  readonly user: string | null;
  readonly anonymous: string | null;
  readonly email: string | null;
}

export type Mix = 'standard' | 'adversarial';

const EVENTS_A_CUSTOMER = 5;
const SHARED_DEVICES = 20;
const SHARED = 'shared-';
/** Groups whose profiles are made before any of them is joined: in another batch than the events that join them, where there are enough. */
const MOST_GROUPS_AT_ONCE = 2_000;
const LEAST_ROUNDS = 3;

export function identityEvents(mix: Mix, events: number, seed = 1): IdentityEvent[] {
  return mix === 'standard' ? standardMix(events, seed) : adversarialMix(events, seed);
}

function standardMix(events: number, seed: number): IdentityEvent[] {
  const random = seededChance(seed);
  const customers = Math.max(1, Math.round(events / EVENTS_A_CUSTOMER));
  return Array.from({ length: events }, () => {
    const customer = `s${below(random, customers)}`;
    const browser = `${customer}-b${below(random, 2)}`;
    const dice = random();
    if (dice < 0.15) return { user: null, anonymous: browser, email: null };
    if (dice < 0.35) return { user: customer, anonymous: browser, email: null };
    const email = dice < 0.45 ? `${customer}@example.com` : null;
    return { user: customer, anonymous: null, email };
  });
}

/** Four events a group: three people, then one event that says they are one. Between them, people on shared devices. */
function adversarialMix(wanted: number, seed: number): IdentityEvent[] {
  const random = seededChance(seed);
  const events: IdentityEvent[] = [];
  const atOnce = Math.min(MOST_GROUPS_AT_ONCE, Math.max(1, Math.floor(wanted / 4 / LEAST_ROUNDS)));
  for (let first = 0; events.length < wanted; first += atOnce) {
    for (let stage = 0; stage < 4; stage += 1)
      for (let group = first; group < first + atOnce; group += 1) {
        events.push(stageOf(`a${group}`, stage));
        if (stage === 3 && random() < 0.5)
          events.push({
            user: `a${group}-u`,
            anonymous: `${SHARED}${below(random, SHARED_DEVICES)}`,
            email: null,
          });
      }
  }
  return events.slice(0, wanted);
}

function stageOf(group: string, stage: number): IdentityEvent {
  const user = `${group}-u`;
  const anonymous = `${group}-a`;
  const email = `${group}@example.com`;
  switch (stage) {
    case 0:
      return { user, anonymous: null, email: null };
    case 1:
      return { user: null, anonymous, email: null };
    case 2:
      return { user: null, anonymous: `${group}-b`, email };
    default:
      return { user, anonymous, email };
  }
}

export function refsOf({ user, anonymous, email }: IdentityEvent): IdentifierRef[] {
  return [
    ...(user === null ? [] : [{ type: 'user_id', value: user }]),
    ...(email === null ? [] : [{ type: 'email', value: email }]),
    ...(anonymous === null ? [] : [{ type: 'anonymous_id', value: anonymous }]),
  ];
}

/** A shared device says nothing about anybody: it stays with whom it was seen first. */
export function isShared({ value }: IdentifierRef): boolean {
  return value.startsWith(SHARED);
}

/** For /v1/batch. */
export function identityBody(events: readonly IdentityEvent[], head: string): string {
  const batch = events.map(({ user, anonymous, email }, index) => ({
    type: 'identify',
    messageId: `${head}-${index}`,
    ...(user === null ? {} : { userId: user }),
    ...(anonymous === null ? {} : { anonymousId: anonymous }),
    ...(email === null ? {} : { traits: { email } }),
  }));
  return JSON.stringify({ batch });
}
