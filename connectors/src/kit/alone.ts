/**
 * Some vendors refuse a whole request for the sake of one item in it. Nothing of such a request was done, so its items can be sent again:
 * each alone, and the bad one fails by itself.
 */
import type { Action, ActionJob } from './define-connector.js';
import { mapLimited } from './map-limited.js';
import type { ItemResult } from './results.js';

const TOGETHER = 'refused together with its neighbours';

/** What `read` says of each item of a refused request; one that went alone has no neighbour to blame. */
export function refusedTogether(count: number, message: string): ItemResult {
  const text = count > 1 ? `${TOGETHER}: ${message}` : message;
  return { status: 'failed', code: 'item_rejected', message: text };
}

export function aloneAfterRefusal<Settings>(action: Action<Settings>): Action<Settings> {
  return { ...action, perform: (job) => perform(action, job) };
}

async function perform<Settings>(
  action: Action<Settings>,
  job: ActionJob<Settings>,
): Promise<readonly ItemResult[]> {
  const results = [...(await action.perform(job))];
  const refused = [...results.entries()].filter(([, result]) => wasTogether(result));
  await mapLimited(refused, job.connector.limits.concurrency, async ([index]) => {
    const items = job.items.slice(index, index + 1);
    const [alone] = await action.perform({ ...job, items });
    if (alone !== undefined) results[index] = alone;
  });
  return results;
}

function wasTogether(result: ItemResult): boolean {
  return result.status === 'failed' && result.message.startsWith(TOGETHER);
}
