/** A run of refreshRecommendations: one long statement counts, one short one changes over. Both may be done twice. */
import type { EnginePool } from '@throughline/store/journeys';
import {
  buildRecommendations,
  cancelRefresh,
  publishRecommendations,
  readRecommendationSettings,
  writeRefresh,
} from '@throughline/store/recommendations';
import { inWorkspace } from '@throughline/store/shared';
import type {
  RecommendationsRef,
  RecommendationsReport,
  RecommendationsRequest,
} from '@throughline/workflows/contract';
import type { Pulse } from './pulse.js';

export interface RecommendDependencies {
  readonly pool: EnginePool;
  readonly now: () => number;
  readonly beatEveryMs?: number;
}

const BEAT_MS = 5_000;

/** Null where the schedule asks for a workspace that wants no runs by the clock any more. */
export async function openRefresh(
  { pool }: RecommendDependencies,
  { workspaceId, runId }: RecommendationsRequest,
  scheduledRunId: string,
): Promise<RecommendationsRef | null> {
  if (runId !== null) return { workspaceId, runId };
  return inWorkspace(pool, workspaceId, async (client) => {
    const stored = await readRecommendationSettings(client, workspaceId);
    if (stored?.settings.everyHours == null) return null;
    const { settings } = stored;
    const run = { settings, requestedBy: 'schedule', runId: scheduledRunId };
    await writeRefresh(client, workspaceId, run);
    return { workspaceId, runId: scheduledRunId };
  });
}

export async function countBaskets(
  { pool, now, beatEveryMs = BEAT_MS }: RecommendDependencies,
  { workspaceId, runId }: RecommendationsRef,
  pulse: Pulse<RecommendationsReport>,
): Promise<RecommendationsReport> {
  const counted = await whileBeating({ beatEveryMs, pulse }, () =>
    inWorkspace(pool, workspaceId, async (client) => {
      const built = await buildRecommendations(client, workspaceId, { runId, now: now() });
      // Cancelled while it counted: nothing of it stays.
      pulse.signal.throwIfAborted();
      return built;
    }),
  );
  return counted === null ? { ...NOTHING, state: 'over' } : { ...counted, state: 'more' };
}

export function publishModel(
  { pool }: RecommendDependencies,
  { workspaceId, runId }: RecommendationsRef,
): Promise<void> {
  return inWorkspace(pool, workspaceId, (client) =>
    publishRecommendations(client, workspaceId, runId),
  );
}

export function endRefresh(
  { pool }: RecommendDependencies,
  { workspaceId, runId }: RecommendationsRef,
): Promise<void> {
  return inWorkspace(pool, workspaceId, (client) => cancelRefresh(client, workspaceId, runId));
}

const NOTHING = { baskets: 0, items: 0, pairs: 0 } as const;

interface Beating {
  readonly beatEveryMs: number;
  readonly pulse: Pulse<RecommendationsReport>;
}

/** The database says nothing until it has counted; that the worker lives is said meanwhile. */
async function whileBeating<T>(
  { beatEveryMs, pulse }: Beating,
  work: () => Promise<T>,
): Promise<T> {
  const timer = setInterval(() => {
    if (!pulse.signal.aborted) pulse.beat({ ...NOTHING, state: 'more' });
  }, beatEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
