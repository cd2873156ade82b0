import type { EventFilter, EventPlace } from '@throughline/store/profiles';
import { numbersCursor } from '../common/page.js';
import type { EventsQuery } from './customers.dto.js';

/** Cursors of lists of events: position and ordinal, which name an event for good. */
export function placeAfter(after: string | undefined): EventPlace | null {
  const [position, ordinal] = numbersCursor(after) ?? [];
  return position === undefined ? null : { position, ordinal: ordinal ?? 0 };
}

export function filterOf({ type, name, source }: EventsQuery): EventFilter {
  return { type: type ?? null, name: name ?? null, source: source ?? null };
}
