/** A shop that wants to know who leaves: its past, its predictions, runs of them, and who was asked to stay. */
import type { JsonObject } from '@throughline/domain/shared';
import {
  askPrediction,
  readCustomerScores,
  readLivePrediction,
  readPredictionRun,
  type CustomerScore,
  type PredictionPurpose,
  type PredictionRun,
} from '@throughline/store/prediction';
import { appendDefinitions } from '@throughline/store/ingestion';
import { publishDefinition, putDefinition } from '@throughline/store/workspaces';
import { predictionWorkflowId } from '@throughline/workflows/contract';
import { Log } from '../../apps/worker/src/log.js';
import { PredictionStarter } from '../../apps/worker/src/prediction-starter.js';
import type { Engine } from './engine.js';
import { PurchaseHistory, type Shoppers } from './purchase-history.js';

export class Predictor {
  readonly starter: PredictionStarter;
  readonly past: PurchaseHistory;

  constructor(private readonly engine: Engine) {
    const { relayPool, runs } = engine;
    this.starter = new PredictionStarter({
      pool: relayPool,
      client: runs.client,
      taskQueue: runs.batchQueue,
      publicUrl: 'http://127.0.0.1',
      log: new Log('silent'),
    });
    this.past = new PurchaseHistory((sql, values) => engine.rows(sql, values), engine.workspaceId);
  }

  shop(count: number): Promise<Shoppers> {
    return this.past.shop({ count, now: Date.now() });
  }

  /** As the API does. */
  async publish(kind: 'prediction' | 'segment' | 'journey', body: JsonObject & { key: string }) {
    const { engine } = this;
    const { key } = body;
    await engine.asOperator(async (client) => {
      const put = { kind, key, body, ifRevision: null };
      await putDefinition(client, engine.workspaceId, put);
      await publishDefinition(client, engine.workspaceId, { ...put, by: 'ops' });
      await appendDefinitions(client, engine.workspaceId);
    });
    await engine.caughtUp();
  }

  ask(key: string, purpose: PredictionPurpose, snapshotAt = Date.now()): Promise<PredictionRun> {
    const { engine } = this;
    return engine.asOperator(async (client) => {
      const live = await readLivePrediction(client, engine.workspaceId, key);
      const version = live?.version ?? 0;
      const asked = { key, version, purpose, snapshotAt, requestedBy: 'ops' };
      return askPrediction(client, engine.workspaceId, asked);
    });
  }

  async finished({ key, runId }: PredictionRun): Promise<PredictionRun> {
    await this.starter.pass();
    await this.engine.runs.client.workflow.getHandle(predictionWorkflowId(key, runId)).result();
    await this.engine.caughtUp(30_000);
    return this.run(runId);
  }

  async run(runId: string): Promise<PredictionRun> {
    const { engine } = this;
    const run = await engine.asOperator((client) =>
      readPredictionRun(client, engine.workspaceId, runId),
    );
    if (run === null) throw new TypeError('the run is gone');
    return run;
  }

  async scoresOf(customerId: string): Promise<CustomerScore[]> {
    const { engine } = this;
    const scores = await engine.asOperator((client) =>
      readCustomerScores(client, engine.workspaceId, customerId),
    );
    return scores ?? [];
  }

  /** trait → value, of everybody who has one of that name */
  async trait(name: string): Promise<Map<string, unknown>> {
    const rows = await this.engine.rows<{ id: string; v: unknown }>(
      `select customer_id as id, traits -> $1 -> 'v' as v from customer
        where traits ? $1 and merged_into is null order by customer_id`,
      [name],
    );
    return new Map(rows.map(({ id, v }) => [id, v]));
  }
}
