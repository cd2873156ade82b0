import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { TASK_QUEUES } from '@throughline/workflows/contract';
import { Outside } from './activity-dependencies.js';
import { AudienceStarter } from './audience-starter.js';
import type { Config } from './config.js';
import { HealthDoor } from './health.js';
import { ImportStarter } from './import-starter.js';
import { LaneRunner } from './lane-runner.js';
import type { Log } from './log.js';
import { Pools } from './pools.js';
import { PredictionStarter } from './prediction-starter.js';
import { PrivacyStarter } from './privacy-starter.js';
import { PullSchedules } from './pull-schedules.js';
import { ReconcileStarter } from './reconcile-starter.js';
import { Reconciler } from './reconciler.js';
import { RecommendationsStarter } from './recommendations-starter.js';
import { OutboxRelay } from './relay.js';
import { SimulationStarter } from './simulation-starter.js';
import { TemporalLink } from './temporal-link.js';
import { TemporalWorkers } from './temporal-workers.js';

export interface WorkerModuleOptions {
  readonly config: Config;
  readonly log: Log;
  readonly onFatal: (error: unknown) => void;
}

/**
 * The parts of the engine room. Nest ends them in two rounds: first (`beforeApplicationShutdown`) whatever takes work in stops and
 * what is under way comes to its end, then (`onApplicationShutdown`) connections close, so that the last activity still has them.
 */
@Module({})
export class WorkerModule {
  static with(options: WorkerModuleOptions): DynamicModule {
    return { module: WorkerModule, providers: providers(options) };
  }
}

function providers({ config, log, onFatal }: WorkerModuleOptions): FactoryProvider[] {
  const { publicUrl, queuePrefix } = config;
  return [
    provide(Pools, [], () => new Pools({ ...config, log })),
    provide(TemporalLink, [], () => TemporalLink.open(config)),
    provide(Outside, [Pools], (pools: Pools) => new Outside({ config, pools, log })),
    provide(
      TemporalWorkers,
      [TemporalLink, Outside, Pools],
      (link: TemporalLink, { dependencies: activities }: Outside, { privacy }: Pools) =>
        new TemporalWorkers({ ...config, link, activities, privacy, log, onFatal }),
    ),
    provide(
      OutboxRelay,
      [Pools, TemporalLink],
      ({ relay: pool }: Pools, { client }: TemporalLink) =>
        new OutboxRelay({
          pool,
          client,
          publicUrl,
          log,
          taskQueue: `${queuePrefix}${TASK_QUEUES.journeys}`,
          concurrency: config.relayConcurrency,
        }),
    ),
    provide(
      Reconciler,
      [Pools, TemporalLink],
      ({ relay, engine }: Pools, { client }: TemporalLink) =>
        new Reconciler({ relay, engine, client, afterRestore: config.afterRestore, log }),
    ),
    ...batches({ config, log, onFatal }),
    provide(
      LaneRunner,
      [OutboxRelay],
      (relay: OutboxRelay) => new LaneRunner({ databaseUrl: config.databaseUrl, relay, log }),
    ),
    provide(
      HealthDoor,
      [TemporalLink, TemporalWorkers, OutboxRelay, LaneRunner, Reconciler],
      (
        link: TemporalLink,
        workers: TemporalWorkers,
        relay: OutboxRelay,
        lanes: LaneRunner,
        reconciler: Reconciler,
      ) => new HealthDoor({ ...config, link, workers, relay, lanes, reconciler, log }),
    ),
  ];
}

/** What begins long work on the queue `batch`: each looks for rows that ask for a run. */
function batches({ config, log }: WorkerModuleOptions): FactoryProvider[] {
  const { publicUrl, queuePrefix } = config;
  const common = { publicUrl, log, taskQueue: `${queuePrefix}${TASK_QUEUES.batch}` };
  const using = (token: Token, make: (pools: Pools, client: TemporalLink['client']) => object) =>
    provide(token, [Pools, TemporalLink], (pools: Pools, { client }: TemporalLink) =>
      make(pools, client),
    );
  return [
    using(
      ImportStarter,
      ({ relay: pool }, client) => new ImportStarter({ ...common, pool, client }),
    ),
    using(
      AudienceStarter,
      ({ relay: pool }, client) => new AudienceStarter({ ...common, pool, client }),
    ),
    using(
      SimulationStarter,
      ({ relay: pool }, client) => new SimulationStarter({ ...common, pool, client }),
    ),
    using(
      PrivacyStarter,
      ({ privacy: pool }, client) => new PrivacyStarter({ ...common, pool, client, queuePrefix }),
    ),
    using(
      PullSchedules,
      ({ relay: pool }, client) => new PullSchedules({ ...common, pool, client }),
    ),
    using(
      PredictionStarter,
      ({ relay: pool }, client) => new PredictionStarter({ ...common, pool, client }),
    ),
    using(
      ReconcileStarter,
      ({ relay: pool }, client) => new ReconcileStarter({ ...common, pool, client }),
    ),
    using(
      RecommendationsStarter,
      ({ relay: pool }, client) => new RecommendationsStarter({ ...common, pool, client }),
    ),
  ];
}

type Token = FactoryProvider['provide'];

function provide(
  token: Token,
  inject: Token[],
  useFactory: FactoryProvider['useFactory'],
): FactoryProvider {
  return { provide: token, inject, useFactory };
}
