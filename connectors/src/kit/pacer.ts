/**
 * How fast a connection may be called. Kept in this process: it spares a vendor most of the calls that it would refuse, and what
 * several processes send too much together, the vendor's own 429 corrects.
 */

export interface Pacer {
  /** Reserves the next moment, unless it lies further off than the caller is willing to wait. */
  take(turn: TurnRequest): Turn;
  /** The vendor has said that it wants no calls of this connection for so long. */
  hold(key: string, forMs: number): void;
}

export interface TurnRequest {
  readonly key: string;
  /** Absent: only holds count. */
  readonly perSecond?: number | undefined;
  readonly patienceMs: number;
}

export type Turn =
  | { readonly go: true; readonly afterMs: number }
  | { readonly go: false; readonly afterMs: number };

interface Pace {
  /** when the calls made so far would be done at the allowed speed */
  busyUntil: number;
  heldUntil: number;
}

const FORGET_OVER = 1_000;

/** Calls of one second may come at once; after that each waits for its place. */
export function createPacer(now: () => number): Pacer {
  const paces = new Map<string, Pace>();
  const paceOf = (key: string): Pace => {
    const known = paces.get(key);
    if (known !== undefined) return known;
    if (paces.size >= FORGET_OVER) forgetIdle(paces, now());
    const fresh = { busyUntil: 0, heldUntil: 0 };
    paces.set(key, fresh);
    return fresh;
  };
  return {
    take({ key, perSecond, patienceMs }) {
      const at = now();
      const pace = paceOf(key);
      const spacing = perSecond === undefined ? 0 : 1_000 / perSecond;
      // One call fits in at any time, however slow the pace.
      const burst = Math.max(1_000 - spacing, 0);
      const turnAt = perSecond === undefined ? at : Math.max(at, pace.busyUntil - burst);
      const afterMs = Math.ceil(Math.max(turnAt, pace.heldUntil) - at);
      if (afterMs > patienceMs) return { go: false, afterMs };
      pace.busyUntil = Math.max(pace.busyUntil, at, pace.heldUntil) + spacing;
      return { go: true, afterMs };
    },
    hold(key, forMs) {
      const pace = paceOf(key);
      pace.heldUntil = Math.max(pace.heldUntil, now() + forMs);
    },
  };
}

function forgetIdle(paces: Map<string, Pace>, at: number): void {
  for (const [key, pace] of paces) {
    if (pace.busyUntil <= at && pace.heldUntil <= at) paces.delete(key);
  }
}
