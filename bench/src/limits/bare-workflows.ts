/** The least that Temporal can be asked for: one activity at once, or one activity after a signal. Bundled for the workflow sandbox. */
import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

export interface BareActivities {
  act(id: string): Promise<void>;
}

const { act } = proxyActivities<BareActivities>({ startToCloseTimeout: '30s' });

export const wake = defineSignal('wake');

export async function bareStart(id: string): Promise<void> {
  await act(id);
}

export async function bareWait(id: string): Promise<void> {
  let woken = false;
  setHandler(wake, () => {
    woken = true;
  });
  await condition(() => woken);
  await act(id);
}
