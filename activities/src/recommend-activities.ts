/** What a run of refreshRecommendations asks for. */
import { Context } from '@temporalio/activity';
import { derivedId } from '@throughline/store/shared';
import type {
  RecommendationsActivities,
  RecommendationsReport,
} from '@throughline/workflows/contract';
import { translated } from './activity-errors.js';
import type { ActivityDependencies } from './dependencies.js';
import { pulse } from './pulse.js';
import { countBaskets, endRefresh, openRefresh, publishModel } from './recommend.js';

export function createRecommendationsActivities({
  pool,
  log,
  context,
}: Pick<ActivityDependencies, 'pool' | 'log' | 'context'>): RecommendationsActivities {
  const deps = { pool, now: context.now };
  return {
    openRefresh: (request) =>
      translated(log, 'openRefresh', () => openRefresh(deps, request, scheduledRunId())),
    countBaskets: (ref) =>
      translated(log, 'countBaskets', () =>
        countBaskets(deps, ref, pulse<RecommendationsReport>()),
      ),
    publishModel: (ref) => translated(log, 'publishModel', () => publishModel(deps, ref)),
    endRefresh: (ref) => translated(log, 'endRefresh', () => endRefresh(deps, ref)),
  };
}

/** Of the run that asks, so that an attempt that is repeated names the same. */
function scheduledRunId(): string {
  const { scheduledTimestampMs, workflowExecution } = Context.current().info;
  const { workflowId, runId } = workflowExecution ?? { workflowId: '', runId: '' };
  return derivedId(scheduledTimestampMs, 'recommendations', workflowId, runId);
}
