/** The four kinds of process as the killer sees them: each can be killed at once and brought back, however long that takes. */
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../process-tree.js';
import { canConnect } from '../readiness.js';
import type { Stack } from '../stack/stack.js';
import type { Victim } from './plan.js';

export interface Prey {
  kill(): Promise<void>;
  /** resolves when its door is open again, with that moment (of performance.now) */
  bringBack(): Promise<number>;
  /** false when it has ended although nobody killed it */
  isUp(): boolean;
}

const GIVE_UP_MS = 120_000;
const LOOK_MS = 20;

export function preyOf(stack: Stack): Record<Victim, Prey> {
  const { postgres, temporalServer: temporal, api, worker } = stack;
  if (postgres.kind !== 'embedded' || temporal === null)
    throw new TypeError('only servers that were started for the purpose may be killed');
  const [host = '', port = ''] = temporal.address.split(':');
  return {
    worker: prey(worker),
    api: prey(api),
    postgres: prey(postgres),
    temporal: {
      ...prey(temporal),
      // Its port is open a moment before its namespace is looked at again; the port counts.
      bringBack: async () => {
        const abort = new AbortController();
        const open = portOpen(host, Number(port), abort.signal);
        const backAt = await prey(temporal).bringBack();
        abort.abort();
        return (await open) ?? backAt;
      },
    },
  };
}

interface Restartable {
  pid(): number;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** As a supervisor does: what ends while it starts, because a server that it needs is away, is started again. */
function prey(one: Restartable): Prey {
  return {
    kill: () => one.kill(),
    isUp: () => isAlive(one.pid()),
    bringBack: async () => {
      const deadline = performance.now() + GIVE_UP_MS;
      for (;;) {
        try {
          await one.restart();
          return performance.now();
        } catch (error) {
          if (performance.now() > deadline) throw error;
        }
        await delay(200);
      }
    },
  };
}

async function portOpen(
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  while (!signal.aborted) {
    if (await canConnect(host, port, 500)) return performance.now();
    await delay(LOOK_MS);
  }
  return undefined;
}
