/** A shop whose customers are there twice: who arrives, what is suggested, what somebody decides about it. */
import {
  askReconcile,
  decideSuggestion,
  listSuggestions,
  readRun,
  type Decision,
  type ReconcileRun,
  type Suggestion,
} from '@throughline/store/identity';
import { appendCommand } from '@throughline/store/ingestion';
import { reconcileWorkflowId } from '@throughline/workflows/contract';
import { Log } from '../../apps/worker/src/log.js';
import { ReconcileStarter } from '../../apps/worker/src/reconcile-starter.js';
import { makePeople } from '../../domain/src/identity/linkage/testing/people.js';
import { identify } from '../../store/src/ingestion/testing/lane-kit.js';
import type { Engine } from './engine.js';

export interface Asked {
  readonly dryRun?: boolean;
  readonly autoAt?: number;
}

export class Duplicates {
  readonly starter: ReconcileStarter;
  private arrivals = 0;

  constructor(private readonly engine: Engine) {
    this.starter = this.newStarter();
  }

  newStarter(): ReconcileStarter {
    const { relayPool, runs } = this.engine;
    return new ReconcileStarter({
      pool: relayPool,
      client: runs.client,
      taskQueue: runs.batchQueue,
      publicUrl: 'http://127.0.0.1',
      log: new Log('silent'),
    });
  }

  /** Customers without a common identifier: only their traits say who is one person. Answers how many people are there twice. */
  async arrive(seed: number, people: number): Promise<number> {
    const { rows, truth } = makePeople({ seed, people, mistakes: 0.4 });
    this.arrivals += 1;
    const events = rows.map((row, index) =>
      identify(
        { userId: `u-${this.arrivals}-${index}` },
        {
          firstName: row.given_name,
          lastName: row.surname,
          birthday: row.date_of_birth,
          address: { street: row.street, city: row.city, postalCode: row.postcode },
          plan: 'pro',
        },
      ),
    );
    await this.engine.send(...events);
    await this.engine.caughtUp(30_000);
    return truth.filter((person, at) => person !== truth[at - 1] && person === truth[at + 1])
      .length;
  }

  ask({ dryRun = false, autoAt }: Asked = {}): Promise<ReconcileRun> {
    const { engine } = this;
    const asked = {
      dryRun,
      suggestAt: 0.9,
      autoAt: autoAt ?? null,
      columns: {},
      requestedBy: 'ops',
    };
    return engine.asOperator((client) => askReconcile(client, engine.workspaceId, asked));
  }

  async finished({ runId }: ReconcileRun): Promise<ReconcileRun> {
    const { workspaceId, runs } = this.engine;
    await this.starter.pass();
    await runs.client.workflow.getHandle(reconcileWorkflowId(workspaceId, runId)).result();
    const run = await this.engine.asOperator((client) => readRun(client, workspaceId, runId));
    if (run === null) throw new TypeError('the run is gone');
    return run;
  }

  suggestions(state: Suggestion['state'] = 'open'): Promise<Suggestion[]> {
    const { engine } = this;
    return engine.asOperator((client) =>
      listSuggestions(client, engine.workspaceId, { state, after: null, limit: 1_000 }),
    );
  }

  /** As the API does. */
  async decide({ suggestionId }: Suggestion, decision: Decision): Promise<void> {
    const { workspaceId } = this.engine;
    await this.engine.asOperator(async (client) => {
      const input = { workspaceId, suggestionId, decision, by: 'ops' };
      const decided = await decideSuggestion(client, input);
      for (const customerIds of decided?.merges ?? [])
        await appendCommand(client, workspaceId, { kind: 'merge', customerIds });
    });
    await this.engine.caughtUp();
  }

  /** Customers who are themselves. */
  async present(): Promise<number> {
    const [row] = await this.engine.rows<{ n: number }>(
      'select count(*)::int as n from customer where merged_into is null',
    );
    return row?.n ?? -1;
  }
}
