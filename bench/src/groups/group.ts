/** What a group of figures is given. */
import type { Reporter } from '@throughline/scripts/progress';
import type { Plan } from '../options.js';
import type { Lab } from '../lab/lab.js';

export interface GroupContext {
  readonly plan: Plan;
  readonly report: Reporter;
  readonly lab: Lab;
}

/** A-B-A-B: what is compared takes turns, so that what disturbs the machine disturbs both. */
export async function inTurns<A, B>(
  rounds: number,
  turn: {
    readonly product: (round: number) => Promise<A>;
    readonly limit: (round: number) => Promise<B>;
    readonly onRound?: (round: number) => void;
  },
): Promise<{ product: A; limit: B }[]> {
  const results: { product: A; limit: B }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    turn.onRound?.(round);
    const product = await turn.product(round);
    const limit = await turn.limit(round);
    results.push({ product, limit });
  }
  return results;
}

/** Says which round of what is under way. */
export function roundTeller(
  report: Reporter,
  task: string,
  rounds: number,
): (round: number) => void {
  return (round) => {
    report({ kind: 'note', text: `${task}: round ${round + 1} of ${rounds}` });
  };
}
