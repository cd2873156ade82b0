/** How soon an empty clone's `npm start` takes its first event, and what it costs in memory when nobody uses it. */
import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Reporter } from '@throughline/scripts/progress';
import { allOf, equal, makeFigure, type Figure, type Oracle } from '../figures.js';
import { field, numberIn, startChild } from '../lab/child.js';
import { pssMib, treeOf } from '../lab/usage.js';
import type { Plan } from '../options.js';
import { inTurns, roundTeller } from './group.js';

const LIMIT_IS = 'PostgreSQL + Temporal alone';

export interface StackContext {
  readonly plan: Plan;
  readonly report: Reporter;
  readonly dataDir: string;
}

interface Started {
  readonly readySeconds: number;
  /** null where the system does not count it */
  readonly idleMib: number | null;
  readonly processes: number;
  readonly oracles: readonly Oracle[];
}

export async function stack(context: StackContext): Promise<Figure[]> {
  const { plan } = context;
  const results = await inTurns(plan.rounds, {
    product: (round) => start(context, { what: 'shop', round }),
    limit: (round) => start(context, { what: 'servers', round }),
    onRound: roundTeller(context.report, 'stack', plan.rounds),
  });
  const oracle = allOf(...results.flatMap(({ product }) => product.oracles));
  return [
    makeFigure({
      name: 'stack.idle_mib',
      unit: 'MiB PSS',
      rounds: results.map(({ product, limit }) => ({
        product: product.idleMib ?? Number.NaN,
        limit: limit.idleMib,
      })),
      limitIs: LIMIT_IS,
      goal: { max: 1_024 },
      oracle: allOf(oracle, countedAll(results.map(({ product }) => product))),
    }),
    makeFigure({
      name: 'stack.ready_s',
      unit: 's',
      rounds: results.map(({ product, limit }) => ({
        product: product.readySeconds,
        limit: limit.readySeconds,
      })),
      limitIs: LIMIT_IS,
      goal: { max: 20 },
      oracle,
    }),
  ];
}

function countedAll(started: readonly Started[]): Oracle {
  const held = started.every(({ idleMib }) => idleMib !== null);
  const processes = Math.max(...started.map((each) => each.processes));
  return {
    held,
    says: held ? `${processes} processes counted` : 'this system does not tell PSS',
  };
}

/** From an empty folder, by a process that is new as well: as a person's first start is. */
async function start(
  { plan, dataDir }: StackContext,
  { what, round }: { readonly what: 'shop' | 'servers'; readonly round: number },
): Promise<Started> {
  const folder = join(dataDir, `${what}-${round}`);
  const begin = performance.now();
  const host = await startChild('stack-host', [what, folder]);
  try {
    const readySeconds = (performance.now() - begin) / 1_000;
    const oracles = [equal('first event', numberIn(host.ready, 'status'), 200)];
    if (what === 'shop' && plan.cohort) oracles.push(lostNothing(await host.ask({})));
    await delay(plan.settleSeconds * 1_000);
    const pids = pidsIn(host.ready).flatMap(treeOf);
    return { readySeconds, idleMib: pssMib(pids), processes: pids.length, oracles };
  } finally {
    await host.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The demo's own account: a stack that is small because it does nothing would be no news. */
function lostNothing(account: unknown): Oracle {
  return equal('lost and doubled', numberIn(account, 'lost') + numberIn(account, 'duplicates'), 0);
}

function pidsIn(ready: unknown): number[] {
  const pids = field(ready, 'pids');
  return Array.isArray(pids) ? pids.filter((pid) => typeof pid === 'number') : [];
}
