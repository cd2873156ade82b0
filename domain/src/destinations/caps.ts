import { durationMs } from '../shared/index.js';
import type { CapRule, CapVerdict, CountedSend } from './types.js';

/** One more message, as caps see it. */
export interface Capped {
  readonly channel: string;
  readonly class: string;
  readonly now: number;
}

/** Messages that nobody may hold back: passwords, receipts. */
const EXEMPT = 'transactional';

/**
 * Whether frequency caps leave room for one more message to a person. Windows roll: a message counts for `per` from the moment
 * that it went out. A rule without a class counts all classes of its channel but the exempt one, and may reserve slots: room
 * that only the named class may use, so that newsletters, however early they come, never crowd out a cart mail. Within the
 * room that is left it is first come, first served.
 *
 * The answer for a full window is the first instant at which there would be room if nothing else went out; null: never.
 */
export function decideCap(
  rules: readonly CapRule[],
  message: Capped,
  sends: readonly CountedSend[],
): CapVerdict {
  if (message.class === EXEMPT) return { kind: 'free' };
  let until = message.now;
  for (const rule of rules.filter((one) => concerns(one, message))) {
    const free = freeFrom(rule, message, sends);
    if (free === null) return { kind: 'full', until: null };
    until = Math.max(until, free);
  }
  return until > message.now ? { kind: 'full', until } : { kind: 'free' };
}

/** The longest window of the rules that concern a message: how far back its sends must be known; 0: none does. */
export function capHorizonMs(
  rules: readonly CapRule[],
  message: Pick<Capped, 'channel' | 'class'>,
): number {
  if (message.class === EXEMPT) return 0;
  return Math.max(0, ...rules.filter((one) => concerns(one, message)).map(lengthOf));
}

function concerns(rule: CapRule, message: Pick<Capped, 'channel' | 'class'>): boolean {
  return (
    rule.channel === message.channel && (rule.class === undefined || rule.class === message.class)
  );
}

/** Room comes only when a message leaves the window, so those moments are all that need to be tried. */
function freeFrom(rule: CapRule, message: Capped, sends: readonly CountedSend[]): number | null {
  const per = lengthOf(rule);
  const counted = sends
    .filter((send) => counts(rule, send) && send.at + per > message.now)
    .sort((a, b) => a.at - b.at);
  for (let gone = 0; gone <= counted.length; gone += 1) {
    if (!hasRoom(rule, message.class, counted.slice(gone))) continue;
    const last = counted[gone - 1];
    return last === undefined ? message.now : last.at + per;
  }
  return null;
}

function counts(rule: CapRule, send: CountedSend): boolean {
  if (send.channel !== rule.channel || send.class === EXEMPT) return false;
  return rule.class === undefined || rule.class === send.class;
}

/** What others have reserved and not used yet is not there to be taken. */
function hasRoom(rule: CapRule, of: string, window: readonly CountedSend[]): boolean {
  const kept = Object.entries(rule.slots ?? {})
    .filter(([name]) => name !== of)
    .map(([name, slots]) => Math.max(0, slots - used(window, name)))
    .reduce((sum, slots) => sum + slots, 0);
  return window.length + 1 + kept <= rule.max;
}

function used(window: readonly CountedSend[], name: string): number {
  return window.filter((send) => send.class === name).length;
}

function lengthOf({ per }: CapRule): number {
  return durationMs(per) ?? 0;
}
