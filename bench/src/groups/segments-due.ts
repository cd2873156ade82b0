/** How late people leave a segment when nothing happens but that time passes: the lane is idle, and only a tick can move it. */
import { allOf, equal, makeFigure, type Figure } from '../figures.js';
import { startChild, type Child } from '../lab/child.js';
import { count, openWorkspace, publish, type Workspace } from '../lab/lab.js';
import { levelled } from '../lab/lane-watch.js';
import { onceEach, readActionReport } from '../lab/latency.js';
import type { ActionReport } from '../load/send-at-rate.js';
import { roundTeller, type GroupContext } from './group.js';

const EVENT = 'Blink';
const SEGMENT = 'blinked';
const WINDOW_SECONDS = 3;
/** So that some leave at about the same time, and the lane is idle between them. */
const PER_SECOND = 50;

export async function segmentsDue(context: GroupContext): Promise<Figure> {
  const { lab, plan, report } = context;
  const workspace = await openWorkspace(lab, 'segments-due');
  await publish(workspace, 'segments', {
    key: SEGMENT,
    name: 'Blinked',
    condition: { event: EVENT, within: { seconds: WINDOW_SECONDS } },
  });
  await levelled(lab, workspace.workspaceId);
  const prober = await startChild('membership', [lab.databaseUrl]);
  const tell = roundTeller(report, 'segments.due_p99', plan.rounds);
  try {
    const reports: ActionReport[] = [];
    for (let round = 0; round < plan.rounds; round += 1) {
      tell(round);
      reports.push(await leave(context, { workspace, prober, round }));
    }
    return await figureOf(context, workspace, reports);
  } finally {
    await prober.stop();
  }
}

async function leave(
  { lab, plan }: GroupContext,
  {
    workspace,
    prober,
    round,
  }: { readonly workspace: Workspace; readonly prober: Child; readonly round: number },
): Promise<ActionReport> {
  const { authorization, workspaceId } = workspace;
  return readActionReport(
    await prober.ask({
      ...{ of: 'product', segment: SEGMENT, change: 'left', event: EVENT },
      ...{ port: lab.apiPort, authorization, workspaceId },
      ...{ run: `due${round}`, count: plan.sizes.leaving, rate: PER_SECOND },
    }),
  );
}

/** Who is meant to do something at t leaves at t + window; what is seen after that is late. */
async function figureOf(
  { lab }: GroupContext,
  { workspaceId }: Workspace,
  reports: readonly ActionReport[],
): Promise<Figure> {
  const changes = (change: string): Promise<number> =>
    count(
      lab,
      `select count(*) as n from segment_membership_change
        where workspace_id = $1 and segment_key = $2 and change = $3`,
      [workspaceId, SEGMENT, change],
    );
  const early = await count(
    lab,
    `select count(*) as n from segment_membership_change c
       join event e on e.workspace_id = c.workspace_id and e.customer_id = c.customer_id
      where c.workspace_id = $1 and c.segment_key = $2 and c.change = 'left'
        and c.clock < e.event_time + $3 * interval '1 second'`,
    [workspaceId, SEGMENT, WINDOW_SECONDS],
  );
  const sent = reports.reduce((sum, report) => sum + report.sent, 0);
  const left = await count(
    lab,
    'select count(*) as n from segment_membership where workspace_id = $1',
    [workspaceId],
  );
  return makeFigure({
    name: 'segments.due_p99',
    unit: 'ms',
    rounds: reports.map(({ latencyMs }) => ({
      product: latencyMs.p99 - WINDOW_SECONDS * 1_000,
      limit: null,
    })),
    goal: { max: 1_000 },
    oracle: allOf(
      ...reports.map((report) => onceEach('left', report)),
      equal('entered', await changes('entered'), sent),
      equal('still members', left, 0),
      equal('left early', early, 0),
    ),
    dev: lab.dev,
  });
}
