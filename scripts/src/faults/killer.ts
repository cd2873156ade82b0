/** Carries the planned kills out, each at its moment, and brings each victim back; also what ended without being killed. */
import { setTimeout as delay } from 'node:timers/promises';
import { VICTIMS, type PlannedKill, type Victim } from './plan.js';
import type { Prey } from './victims.js';

export interface KillRecord {
  readonly victim: Victim;
  /** epoch ms, just before the blow and just after the last process was gone */
  readonly from: number;
  readonly to: number;
  /** from the blow until its door was open again */
  readonly awayMs: number;
}

export interface KillerOptions {
  readonly prey: Readonly<Record<Victim, Prey>>;
  readonly openedAt: number;
  readonly signal: AbortSignal;
  readonly onDown: (victim: Victim) => void;
  /** the moment of performance.now */
  readonly onBack: (victim: Victim, at: number) => void;
  readonly say: (line: string) => void;
}

export interface KillerReport {
  readonly kills: readonly KillRecord[];
  /** processes that gave up by themselves and were started again */
  readonly gaveUp: readonly Victim[];
}

const WATCH_MS = 200;

export class Killer {
  private readonly kills: KillRecord[] = [];
  private readonly gaveUp: Victim[] = [];
  private readonly busy = new Map<Victim, Promise<void>>();
  private watching = true;
  private readonly watched: Promise<void>;

  constructor(private readonly options: KillerOptions) {
    this.watched = this.watch();
  }

  /** Resolves when the last victim is back. */
  async carryOut(plan: readonly PlannedKill[]): Promise<void> {
    for (const kill of plan) {
      await this.until(kill.atMs);
      if (this.options.signal.aborted) break;
      this.queue(kill.victim, () => this.strike(kill));
    }
    await Promise.all(this.busy.values());
  }

  /** Until then whatever gives up by itself is started again. */
  async end(): Promise<KillerReport> {
    this.watching = false;
    await this.watched;
    await Promise.all(this.busy.values());
    return { kills: this.kills, gaveUp: this.gaveUp };
  }

  /** Kills of one kind come one after the other; different kinds may be away at the same time. */
  private queue(victim: Victim, work: () => Promise<void>): void {
    const before = this.busy.get(victim) ?? Promise.resolve();
    const mine = before.then(work).finally(() => {
      if (this.busy.get(victim) === mine) this.busy.delete(victim);
    });
    // A failure is told by whoever awaits the map; until then it must not count as unhandled.
    mine.catch(() => undefined);
    this.busy.set(victim, mine);
  }

  private async strike({ victim, downMs }: PlannedKill): Promise<void> {
    const { prey, onDown, say } = this.options;
    onDown(victim);
    const from = Date.now();
    const struckAt = performance.now();
    await prey[victim].kill();
    const to = Date.now();
    await delay(downMs);
    const awayMs = await this.bringBack(victim, struckAt);
    this.kills.push({ victim, from, to, awayMs });
    say(
      `${seconds(struckAt - this.options.openedAt)}  kill -9 ${victim.padEnd(8)} back after ${seconds(awayMs)}`,
    );
  }

  private async bringBack(victim: Victim, struckAt: number): Promise<number> {
    const backAt = await this.options.prey[victim].bringBack();
    this.options.onBack(victim, backAt);
    return backAt - struckAt;
  }

  private async watch(): Promise<void> {
    while (this.watching) {
      for (const victim of VICTIMS) {
        if (this.busy.has(victim) || this.options.prey[victim].isUp()) continue;
        this.gaveUp.push(victim);
        this.options.say(
          `${seconds(performance.now() - this.options.openedAt)}  ${victim} gave up and is started again`,
        );
        this.options.onDown(victim);
        this.queue(victim, async () => {
          await this.bringBack(victim, performance.now());
        });
      }
      await delay(WATCH_MS);
    }
  }

  private async until(atMs: number): Promise<void> {
    const ahead = this.options.openedAt + atMs - performance.now();
    if (ahead > 0)
      await delay(ahead, undefined, { signal: this.options.signal }).catch(() => undefined);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1).padStart(6)} s`;
}
