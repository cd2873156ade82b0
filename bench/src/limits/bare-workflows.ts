/**
 * The least that Temporal can be asked for: one activity at once, after a signal, at an instant; two with a second between; or
 * nothing but a wait. Bundled for the workflow sandbox.
 */
import { condition, defineSignal, proxyActivities, setHandler, sleep } from '@temporalio/workflow';

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

export async function bareWalk(id: string): Promise<void> {
  await act(`${id}/1`);
  await sleep('1s');
  await act(`${id}/2`);
}

export async function bareStorm(id: string, dueAt: number): Promise<void> {
  await sleep(Math.max(1, dueAt - Date.now()));
  await act(id);
}

export async function bareRest(): Promise<void> {
  await sleep('7 days');
}
