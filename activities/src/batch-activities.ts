/** What the queue `batch` carries out: long work in pages, each repeatable, with a sign of life after every one. */
import { cancelImport } from '@throughline/store/ingestion';
import { failSimulation } from '@throughline/store/journeys';
import { inWorkspace } from '@throughline/store/shared';
import type {
  AudienceActivities,
  ImportActivities,
  PredictionActivities,
  PullActivities,
  ReconcileActivities,
  RecommendationsActivities,
  SimulationActivities,
} from '@throughline/workflows/contract';
import { translated } from './activity-errors.js';
import { giveUpAudience, syncAudiencePages } from './audience-pages.js';
import type { ActivityDependencies } from './dependencies.js';
import { mapperOf } from './import-mapper.js';
import { settleImportPages, stageImportPages } from './import-pages.js';
import { createPredictionActivities } from './predict-activities.js';
import { pullPages } from './pull-pages.js';
import { pulse } from './pulse.js';
import { createReconcileActivities } from './reconcile-activities.js';
import { createRecommendationsActivities } from './recommend-activities.js';
import { simulatePages } from './simulate-pages.js';

export type BatchActivities = AudienceActivities &
  ImportActivities &
  PredictionActivities &
  PullActivities &
  SimulationActivities &
  ReconcileActivities &
  RecommendationsActivities;

export function createBatchActivities(deps: ActivityDependencies): BatchActivities {
  const { pool, log } = deps;
  const imports = { pool, now: deps.context.now, mapperOf };
  return {
    ...createPredictionActivities(deps),
    ...createReconcileActivities(deps),
    ...createRecommendationsActivities(deps),
    stageImportPages: (request) =>
      translated(log, 'stageImportPages', () => stageImportPages(imports, request, pulse())),
    settleImportPages: (request) =>
      translated(log, 'settleImportPages', () => settleImportPages(imports, request, pulse())),
    endImport: ({ workspaceId, importId }) =>
      translated(log, 'endImport', async () => {
        await inWorkspace(pool, workspaceId, (client) =>
          cancelImport(client, workspaceId, importId),
        );
      }),
    pullPages: (request) => translated(log, 'pullPages', () => pullPages(deps, request, pulse())),
    syncAudiencePages: (request) =>
      translated(log, 'syncAudiencePages', () => syncAudiencePages(deps, request, pulse())),
    giveUpAudience: (request) =>
      translated(log, 'giveUpAudience', () => giveUpAudience(deps, request)),
    simulatePages: (request) =>
      translated(log, 'simulatePages', () => simulatePages(imports, request, pulse())),
    giveUpSimulation: ({ workspaceId, simulationId }) =>
      translated(log, 'giveUpSimulation', () =>
        inWorkspace(pool, workspaceId, (client) =>
          failSimulation(client, workspaceId, simulationId),
        ),
      ),
  };
}
