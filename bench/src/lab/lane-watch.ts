/** Looks at a lane from outside while it works: how much it has done and how far it is behind. */
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '@throughline/scripts/failure';
import type { Lab } from './lab.js';

export interface LaneView {
  /** events that the lane is done with, whatever came of them */
  readonly done: number;
  readonly applied: number;
  readonly duplicates: number;
  /** log rows that are appended and not applied */
  readonly rowsBehind: number;
  /** age of the oldest of them */
  readonly lagMs: number;
}

const LOOK = `
  select l.applied_events as applied, l.duplicates, a.position - l.position as behind,
         coalesce(extract(epoch from clock_timestamp() - oldest.clock) * 1000, 0)::float8 as lag
    from lane l join lane_append a using (workspace_id)
    left join lateral (select e.clock from event_log e
                        where e.workspace_id = l.workspace_id and e.position = l.position + 1 limit 1) oldest on true
   where l.workspace_id = $1`;

export async function lookAtLane(lab: Pick<Lab, 'admin'>, workspaceId: string): Promise<LaneView> {
  const answer = await lab.admin.query<{
    applied: number;
    duplicates: number;
    behind: number;
    lag: number;
  }>({ name: 'look', text: LOOK, values: [workspaceId] });
  const row = answer.rows[0];
  if (row === undefined) throw stuck('has no lane');
  const { applied, duplicates, behind, lag } = row;
  return { applied, duplicates, done: applied + duplicates, rowsBehind: behind, lagMs: lag };
}

/** Until everything that was appended is applied. */
export async function levelled(
  lab: Pick<Lab, 'admin'>,
  workspaceId: string,
  deadlineMs = 120_000,
): Promise<LaneView> {
  const until = performance.now() + deadlineMs;
  let latest = await lookAtLane(lab, workspaceId);
  let movedAt = performance.now();
  while (latest.rowsBehind > 0) {
    await delay(50);
    const view = await lookAtLane(lab, workspaceId);
    if (view.rowsBehind < latest.rowsBehind) movedAt = performance.now();
    latest = view;
    const now = performance.now();
    if (now > until || now - movedAt > STILL_MS) throw stuck(`is ${view.rowsBehind} rows behind`);
  }
  return latest;
}

const STILL_MS = 60_000;

function stuck(what: string): Failure {
  return new Failure({
    code: 'not_ready',
    sentence: `The lane of the bench's workspace ${what}.`,
    command: 'npm run bench -- --quick   # and look into the logs that it names',
  });
}

export interface Sample extends LaneView {
  /** seconds since the first sample */
  readonly at: number;
}

/** Samples until stopped; each look is told to `onLook`, who may hold the sender back. */
export function watchLane(
  lab: Pick<Lab, 'admin'>,
  workspaceId: string,
  options: { readonly everyMs: number; readonly onLook?: (view: LaneView) => void },
): { stop(): Promise<Sample[]> } {
  const samples: Sample[] = [];
  const begin = performance.now();
  const abort = new AbortController();
  const run = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      const view = await lookAtLane(lab, workspaceId);
      samples.push({ ...view, at: (performance.now() - begin) / 1_000 });
      options.onLook?.(view);
      await delay(options.everyMs, undefined, { signal: abort.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    stop: async () => {
      abort.abort();
      await running;
      return samples;
    },
  };
}
