import { assertNever } from '../shared/index.js';

/**
 * Tests of an instant against the clock, for traits and for first and last events alike. Where a window begins it is open: in at
 * `t`, out at exactly `t` + length.
 */
export interface ClockTest {
  readonly op: 'olderThan' | 'withinLast' | 'withinNext' | 'before' | 'after';
  /** a length of time; for before and after the instant to compare with */
  readonly ms: number;
}

export function clockTestHolds({ op, ms }: ClockTest, time: number, now: number): boolean {
  switch (op) {
    case 'olderThan':
      return now >= time + ms;
    case 'withinLast':
      return time + ms > now;
    case 'withinNext':
      return time >= now && time - ms < now;
    case 'before':
      return time < ms;
    case 'after':
      return time > ms;
    default:
      return assertNever(op);
  }
}

/** The first instant after `now` at which the answer is another; Infinity if there is none. The clock counts whole ms. */
export function clockTestChanges({ op, ms }: ClockTest, time: number, now: number): number {
  switch (op) {
    case 'olderThan':
    case 'withinLast':
      return time + ms > now ? time + ms : Infinity;
    case 'withinNext':
      if (!(ms > 0) || time < now) return Infinity;
      return time - ms >= now ? time - ms + 1 : time + 1;
    case 'before':
    case 'after':
      return Infinity;
    default:
      return assertNever(op);
  }
}
