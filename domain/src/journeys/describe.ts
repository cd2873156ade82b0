import { describeDuration, durationMs } from '../shared/index.js';
import type { DateMoment, Hours, LocalTimeMoment, Match, Offset } from './types.js';

/** Words for the Temporal UI. They name events, properties, segments and steps; never a value, which may be personal. */

const MAX_LENGTH = 120;
const CONTROL = /\p{Cc}/u;

/** `wait up to 4 h for Order Completed (same cart_id)` */
export function describeWait(ms: number, matches: readonly Match[]): string {
  const span = describeDuration(ms);
  if (matches.length === 0) return shorten(`wait ${span}`);
  return shorten(`wait up to ${span} for ${matches.map(describeMatch).join(' or ')}`);
}

/** `wait until 09:00 local (mon, tue)`, `wait until 3 d before renewal_date, 09:00 local` */
export function describeMoment(moment: LocalTimeMoment | DateMoment): string {
  if (moment.kind === 'localTime')
    return shorten(`wait until ${moment.at} local${describeDays(moment.weekdays)}`);
  const { trait, offset, at } = moment;
  return shorten(
    `wait until ${describeOffset(offset)}${trait}${at === undefined ? '' : `, ${at} local`}`,
  );
}

/** `09:00–20:00 local (mon, tue)` */
export function describeHours({ from, to, weekdays }: Hours): string {
  return `${from}–${to} local${describeDays(weekdays)}`;
}

function describeDays(weekdays: readonly string[] | undefined): string {
  return weekdays === undefined ? '' : ` (${weekdays.join(', ')})`;
}

function describeOffset(offset: Offset | undefined): string {
  if (offset === undefined) return '';
  return 'before' in offset
    ? `${describeDuration(durationMs(offset.before) ?? 0)} before `
    : `${describeDuration(durationMs(offset.after) ?? 0)} after `;
}

export function describeMatch(match: Match): string {
  if (match.kind === 'condition') return 'a condition';
  if (match.kind === 'segment')
    return match.segment.startsWith('_') ? 'a condition' : `segment ${match.segment} ${match.on}`;
  const filters = (match.where ?? []).map((filter) => filter.property);
  const notes = [
    ...(match.same === undefined ? [] : [`same ${match.same}`]),
    ...(filters.length === 0 ? [] : [`by ${[...new Set(filters)].join(', ')}`]),
  ];
  return notes.length === 0 ? match.event : `${match.event} (${notes.join('; ')})`;
}

/** One line of bounded length: a command must stay under 1 KB whatever the names in a definition. */
export function shorten(text: string): string {
  // A text of so few units has no more letters: the usual case, met at every step of a simulation.
  if (text.length <= MAX_LENGTH && !CONTROL.test(text)) return text;
  const letters = Array.from(text.replaceAll(/\p{Cc}+/gu, ' '));
  if (letters.length <= MAX_LENGTH) return letters.join('');
  return `${letters.slice(0, MAX_LENGTH - 1).join('')}…`;
}
