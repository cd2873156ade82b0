/** What one event may cost. A body's own limits (500 KB, 2,500 events) stand at the door. */
export const EVENT_LIMITS = {
  /** UTF-8 bytes of the event's own text, Segment's limit */
  bytes: 32 * 1024,
  depth: 32,
  keys: 1_000,
  /** event names, keys, identifiers, purposes: all of them become columns that are indexed */
  name: 255,
  string: 64 * 1024,
  /**
   * Segment says 100. Ids built from two UUIDs and a prefix, as shops and replays make them, are longer; refusing an event that
   * Segment's own servers accept (they don't enforce it) would lose data for nothing.
   */
  messageId: 255,
  hop: 8,
  /** ms that an event may lie ahead of its receipt */
  ahead: 5 * 60_000,
  eventsInBody: 2_500,
} as const;

/** Ids that we give to events without one: a sender that used the prefix could make a stranger's event look repeated. */
export const DERIVED_PREFIX = 'derived:';
