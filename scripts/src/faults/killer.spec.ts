/** The killer over prey of its own making: real timers, no processes. */
import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { Killer } from './killer.js';
import { VICTIMS, type PlannedKill, type Victim } from './plan.js';
import type { Prey } from './victims.js';

class Pen {
  readonly diary: string[] = [];
  readonly alive = new Set<Victim>(VICTIMS);
  readonly away = new Map<Victim, number>();

  prey(): Record<Victim, Prey> {
    const one = (victim: Victim): Prey => ({
      kill: () => {
        this.alive.delete(victim);
        this.diary.push(`kill ${victim}`);
        return Promise.resolve();
      },
      bringBack: async () => {
        await delay(20);
        this.alive.add(victim);
        this.diary.push(`back ${victim}`);
        return performance.now();
      },
      isUp: () => this.alive.has(victim),
    });
    return {
      worker: one('worker'),
      api: one('api'),
      temporal: one('temporal'),
      postgres: one('postgres'),
    };
  }
}

function setUp(signal = new AbortController().signal) {
  const pen = new Pen();
  const seen: string[] = [];
  const killer = new Killer({
    prey: pen.prey(),
    openedAt: performance.now(),
    signal,
    onDown: (victim) => seen.push(`down ${victim}`),
    onBack: (victim) => seen.push(`back ${victim}`),
    say: () => undefined,
  });
  return { pen, seen, killer };
}

const kill = (victim: Victim, atMs: number, downMs = 30): PlannedKill => ({ victim, atMs, downMs });

describe('the killer', () => {
  it('kills in order and brings each back, one of a kind after the other', async () => {
    const { pen, seen, killer } = setUp();
    await killer.carryOut([kill('worker', 0), kill('worker', 5), kill('api', 200)]);
    const { kills, gaveUp } = await killer.end();
    expect(pen.diary).toEqual([
      'kill worker',
      'back worker',
      'kill worker',
      'back worker',
      'kill api',
      'back api',
    ]);
    expect(seen).toEqual(pen.diary.map((line) => line.replace('kill', 'down')));
    expect(kills.map(({ victim }) => victim)).toEqual(['worker', 'worker', 'api']);
    for (const { from, to, awayMs } of kills) {
      expect(to).toBeGreaterThanOrEqual(from);
      expect(awayMs).toBeGreaterThanOrEqual(45);
    }
    expect(gaveUp).toEqual([]);
  });

  it('lets two kinds be away at the same time', async () => {
    const { pen, killer } = setUp();
    await killer.carryOut([kill('worker', 0, 80), kill('postgres', 10, 80)]);
    await killer.end();
    expect(pen.diary.slice(0, 2)).toEqual(['kill worker', 'kill postgres']);
  });

  it('starts again whatever gives up by itself, and does not call it a kill', async () => {
    const { pen, killer } = setUp();
    pen.alive.delete('worker');
    await killer.carryOut([kill('api', 300, 10)]);
    const { kills, gaveUp } = await killer.end();
    expect(gaveUp).toEqual(['worker']);
    expect(pen.alive.has('worker')).toBe(true);
    expect(kills.map(({ victim }) => victim)).toEqual(['api']);
  });

  it('strikes no more once it is told to stop', async () => {
    const stop = new AbortController();
    const { pen, killer } = setUp(stop.signal);
    const done = killer.carryOut([kill('api', 60_000)]);
    stop.abort();
    await done;
    await killer.end();
    expect(pen.diary).toEqual([]);
  });
});
