/** What the queue `batch` carries out: long work in pages, each repeatable, with a sign of life after every one. */
import { cancelImport } from '@throughline/store/ingestion';
import { failSimulation } from '@throughline/store/journeys';
import { inWorkspace } from '@throughline/store/shared';
import type {
  ImportActivities,
  PullActivities,
  ReconcileActivities,
  SimulationActivities,
} from '@throughline/workflows/contract';
import { translated } from './activity-errors.js';
import type { ActivityDependencies } from './dependencies.js';
import { mapperOf } from './import-mapper.js';
import { settleImportPages, stageImportPages } from './import-pages.js';
import { pullPages } from './pull-pages.js';
import { pulse } from './pulse.js';
import { createReconcileActivities } from './reconcile-activities.js';
import { simulatePages } from './simulate-pages.js';

export type BatchActivities = ImportActivities &
  PullActivities &
  SimulationActivities &
  ReconcileActivities;

export function createBatchActivities(deps: ActivityDependencies): BatchActivities {
  const { pool, log } = deps;
  const imports = { pool, now: deps.context.now, mapperOf };
  return {
    ...createReconcileActivities(deps),
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
