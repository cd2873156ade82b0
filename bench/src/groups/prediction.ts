/** What everybody will buy: a model of a million customers fitted and every one of them scored, from columns to columns. */
import { allOf, equal, makeFigure, type Figure, type Oracle } from '../figures.js';
import { numberIn, startChild } from '../lab/child.js';
import { SHOP } from '../load/purchase-histories.js';
import { roundTeller, type GroupContext } from './group.js';

/** Of a million; fewer customers say less. */
const CLOSE_ENOUGH = 0.02;
const MILLION = 1_000_000;

interface Run {
  readonly seconds: number;
  readonly rssMiB: number;
  readonly oracle: Oracle;
}

export async function prediction({ plan, report, lab }: GroupContext): Promise<Figure[]> {
  const customers = plan.sizes.valued;
  const tell = roundTeller(report, 'prediction.value_1m', plan.rounds);
  const runs: Run[] = [];
  for (let round = 0; round < plan.rounds; round += 1) {
    tell(round);
    runs.push(await run(customers, 1 + round));
  }
  const oracle = allOf(...runs.map((each) => each.oracle));
  const shared = { oracle, dev: lab.dev };
  const rounds = (of: 'seconds' | 'rssMiB') =>
    runs.map((each) => ({ product: each[of], limit: null }));
  return [
    makeFigure({
      ...{ name: 'prediction.value_1m', unit: 's', goal: { max: 8 }, rounds: rounds('seconds') },
      ...shared,
    }),
    makeFigure({
      ...{ name: 'prediction.value_1m.rss', unit: 'MiB', goal: { max: 1_024 } },
      ...{ rounds: rounds('rssMiB'), ...shared },
    }),
  ];
}

/** A process for each round: the highest memory of one is not that of the next. */
async function run(customers: number, seed: number): Promise<Run> {
  const child = await startChild('value');
  try {
    const answer = await child.ask({ customers, seed });
    const bound = CLOSE_ENOUGH * Math.sqrt(MILLION / customers);
    const worst = Math.max(
      ...Object.entries(SHOP).map(([name, truth]) => Math.abs(numberIn(answer, name) / truth - 1)),
    );
    return {
      seconds: numberIn(answer, 'seconds'),
      rssMiB: numberIn(answer, 'rssMiB'),
      oracle: allOf(equal('scored', numberIn(answer, 'scored'), customers), {
        held: worst <= bound,
        says: `parameters off by ${(100 * worst).toFixed(1)} % at most`,
      }),
    };
  } finally {
    await child.stop();
  }
}
