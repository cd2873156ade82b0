/** The lane with a thousand segments beside the lane with ten, under the same load: what is not concerned must cost nothing. */
import { allOf, equal, makeFigure, type Figure, type Oracle } from '../figures.js';
import { fullSpeed, type FullSpeed } from '../lab/full-speed.js';
import { startGenerator, type Generator } from '../lab/generator.js';
import { count, openWorkspace, publishSegments, type Workspace } from '../lab/lab.js';
import { levelled, lookAtLane } from '../lab/lane-watch.js';
import { scaleSegments, ScaleTally } from '../load/scale-definitions.js';
import { inTurns, roundTeller, type GroupContext } from './group.js';

const MANY = 1_000;
const FEW = 10;

interface Side {
  readonly segments: number;
  readonly workspace: Workspace;
  readonly tally: ScaleTally;
}

export async function segmentsScale(context: GroupContext): Promise<Figure> {
  const { lab, plan, report } = context;
  const many = await openSide(context, MANY);
  const few = await openSide(context, FEW);
  const generator = await startGenerator();
  try {
    const results = await inTurns(plan.rounds, {
      product: (round) => run(context, generator, { side: many, round }),
      limit: (round) => run(context, generator, { side: few, round }),
      onRound: roundTeller(report, 'segments.scale', plan.rounds),
    });
    const refused = results.reduce((n, r) => n + r.product.failures + r.limit.failures, 0);
    return makeFigure({
      name: 'segments.scale',
      unit: 'events/s',
      rounds: results.map(({ product, limit }) => ({
        product: product.eventsPerSecond,
        limit: limit.eventsPerSecond,
      })),
      limitIs: `the same lane with ${FEW} segments instead of ${MANY}`,
      goal: { ratioMin: 0.9 },
      oracle: allOf(
        ...(await sideOracles(context, many)),
        ...(await sideOracles(context, few)),
        equal('refused', refused, 0),
      ),
      dev: lab.dev,
    });
  } finally {
    await generator.stop();
  }
}

async function openSide({ lab }: GroupContext, segments: number): Promise<Side> {
  const workspace = await openWorkspace(lab, `segments-${segments}`);
  await publishSegments(lab, workspace, scaleSegments(segments));
  await levelled(lab, workspace.workspaceId);
  return { segments, workspace, tally: new ScaleTally() };
}

async function run(
  { lab, plan }: GroupContext,
  generator: Generator,
  { side, round }: { readonly side: Side; readonly round: number },
): Promise<FullSpeed> {
  const seed = 60_000 + side.segments + round;
  const { workspace, tally } = side;
  const result = await fullSpeed(
    { lab, workspace, generator },
    { seed, seconds: plan.pipelineSeconds, warmSeconds: plan.warmSeconds, triggersBefore: 0 },
  );
  tally.replay(seed, result.events);
  return result;
}

async function sideOracles(
  { lab }: GroupContext,
  { segments, workspace, tally }: Side,
): Promise<Oracle[]> {
  const { workspaceId } = workspace;
  const found = await count(
    lab,
    'select count(*) as n from segment_membership where workspace_id = $1',
    [workspaceId],
  );
  const { applied } = await lookAtLane(lab, workspaceId);
  return [
    equal(`applied with ${segments}`, applied, tally.events),
    equal(`memberships of ${segments}`, found, tally.memberships(segments)),
  ];
}
