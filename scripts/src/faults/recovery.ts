/**
 * How soon the engine goes on once what was killed is back: until the lane has applied what was waiting (or the next event), and
 * until the relay has carried what was in the outbox by then. A measurement that another kill interrupts does not count.
 */
import type { Victim } from './plan.js';

export interface LaneView {
  /** performance.now */
  readonly at: number;
  readonly position: number;
  readonly appended: number;
  /** of the outbox; null when it is empty */
  readonly firstRow: number | null;
  readonly lastRow: number | null;
}

export interface Recovery {
  /** who was away together */
  readonly victims: readonly Victim[];
  readonly laneMs: number;
  /** null when the outbox held nothing to carry */
  readonly relayMs: number | null;
}

interface Open {
  readonly victims: readonly Victim[];
  readonly backAt: number;
  lane: { target: number; ms: number | null } | null;
  /** the last row that must be gone */
  row: number | null;
}

export class RecoveryClock {
  private readonly away = new Set<Victim>();
  private readonly victims = new Set<Victim>();
  private open: Open | null = null;
  readonly samples: Recovery[] = [];
  interrupted = 0;

  down(victim: Victim): void {
    if (this.open !== null) this.interrupted += 1;
    this.open = null;
    this.away.add(victim);
    this.victims.add(victim);
  }

  back(victim: Victim, at: number): void {
    this.away.delete(victim);
    if (this.away.size > 0 || this.victims.size === 0) return;
    this.open = { victims: [...this.victims], backAt: at, lane: null, row: null };
    this.victims.clear();
  }

  get isMeasuring(): boolean {
    return this.open !== null;
  }

  /** No events come any more: what has not moved by now cannot. */
  stop(): void {
    if (this.open !== null) this.interrupted += 1;
    this.open = null;
  }

  see(view: LaneView): void {
    const { open } = this;
    if (open === null || view.at < open.backAt) return;
    // The first look after the return says what was waiting then.
    open.lane ??= { target: Math.max(view.appended, view.position + 1), ms: null };
    if (open.lane.ms === null) {
      if (view.position < open.lane.target) return;
      open.lane.ms = view.at - open.backAt;
      open.row = view.lastRow;
    }
    if (open.row !== null && view.firstRow !== null && view.firstRow <= open.row) return;
    this.samples.push({
      victims: open.victims,
      laneMs: open.lane.ms,
      relayMs: open.row === null ? null : view.at - open.backAt,
    });
    this.open = null;
  }
}
