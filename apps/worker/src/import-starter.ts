/** Begins a run of ingestBatch for every import that is staged. */
import { listOpenImports } from '@throughline/store/ingestion';
import type { RelayPool } from '@throughline/store/journeys';
import { importWorkflowId } from '@throughline/workflows/contract';
import { MOST_ROWS, RunStarter, type RunStarterOptions, type WantedRun } from './run-starter.js';

export interface ImportStarterOptions extends RunStarterOptions {
  readonly pool: RelayPool;
}

export class ImportStarter extends RunStarter {
  constructor(private readonly options: ImportStarterOptions) {
    super(options, 'imports could not be started');
  }

  protected async wanted(): Promise<readonly WantedRun[]> {
    const { pool, publicUrl } = this.options;
    const open = await listOpenImports(pool, MOST_ROWS);
    return open.map(({ workspaceId, importId, mappingKey, rowsTotal }) => ({
      workflowType: 'ingestBatch',
      workflowId: importWorkflowId(importId),
      batchId: importId,
      workspaceId,
      request: { workspaceId, importId },
      summary: `import by ${mappingKey} · ${rowsTotal} rows`,
      details: `[import](${publicUrl}/api/v1/imports/${importId})`,
    }));
  }
}
