import { describeDuration } from '../shared/index.js';
import type { Match } from './types.js';

/** Words for the Temporal UI. They name events, properties, segments and steps; never a value, which may be personal. */

const MAX_LENGTH = 120;

/** `wait up to 4 h for Order Completed (same cart_id)` */
export function describeWait(ms: number, matches: readonly Match[]): string {
  const span = describeDuration(ms);
  if (matches.length === 0) return shorten(`wait ${span}`);
  return shorten(`wait up to ${span} for ${matches.map(describeMatch).join(' or ')}`);
}

export function describeMatch(match: Match): string {
  if (match.kind === 'segment') return `segment ${match.segment} ${match.on}`;
  const filters = (match.where ?? []).map((filter) => filter.property);
  const notes = [
    ...(match.same === undefined ? [] : [`same ${match.same}`]),
    ...(filters.length === 0 ? [] : [`by ${[...new Set(filters)].join(', ')}`]),
  ];
  return notes.length === 0 ? match.event : `${match.event} (${notes.join('; ')})`;
}

/** One line of bounded length: a command must stay under 1 KB whatever the names in a definition. */
export function shorten(text: string): string {
  const letters = Array.from(text.replaceAll(/\p{Cc}+/gu, ' '));
  if (letters.length <= MAX_LENGTH) return letters.join('');
  return `${letters.slice(0, MAX_LENGTH - 1).join('')}…`;
}
