/** The whole product on this machine: servers, then our own processes, each with a log file and a door to kill it by. */
import { join } from 'node:path';
import { migrate } from '@throughline/store/shared';
import { findTemporal } from '../find-temporal.js';
import type { Reporter } from '../progress.js';
import { choosePort, freePort, HOST } from '../servers/ports.js';
import { ensureDatabase, startPostgres, type Postgres } from '../servers/postgres.js';
import { startTemporal, type TemporalServer } from '../servers/temporal.js';
import { ensureNamespace } from '../servers/temporal-namespace.js';
import { localSecrets, type LocalSecrets } from './secrets.js';
import { startService, type Service } from './service.js';

export interface StackOptions {
  /** everything that is kept: databases, logs, secrets */
  readonly dataDir: string;
  readonly ports?: StackPorts;
  readonly report: Reporter;
  /** more for the environment of our own processes */
  readonly env?: Readonly<Record<string, string>>;
  /** servers that may be killed: ours, whatever DATABASE_URL and TEMPORAL_ADDRESS say */
  readonly durable?: boolean;
}

export interface StackPorts {
  readonly api?: number;
  readonly worker?: number;
  readonly postgres?: number;
  readonly temporal?: number;
  readonly temporalUi?: number;
}

export interface Stack {
  readonly databaseUrl: string;
  readonly postgres: Postgres;
  readonly temporal: {
    readonly address: string;
    readonly namespace: string;
    readonly uiUrl: string | null;
  };
  readonly temporalServer: TemporalServer | null;
  readonly secrets: LocalSecrets;
  readonly api: Service;
  readonly worker: Service;
  stop(): Promise<void>;
}

type Undo = () => Promise<void>;

export async function startStack(options: StackOptions): Promise<Stack> {
  const undo: Undo[] = [];
  try {
    return await bringUp(options, undo);
  } catch (error) {
    await takeDown(undo);
    throw error;
  }
}

async function bringUp(options: StackOptions, undo: Undo[]): Promise<Stack> {
  const { dataDir, ports = {}, report } = options;
  const secrets = await localSecrets(join(dataDir, 'secrets.json'));
  const postgres = await bringUpPostgres(options, undo);
  const databaseUrl = await ensureDatabase(postgres, 'throughline');
  report({ kind: 'begin', task: 'Database schema' });
  const migrated = await migrate(databaseUrl);
  report({ kind: 'done', task: 'Database schema', detail: `${migrated.length} new migrations` });
  const { temporal, temporalServer } = await bringUpTemporal(options, undo);
  const apiPort = await choosePort({ what: 'the API', flag: '--api-port', port: ports.api ?? 0 });
  const workerPort = ports.worker ?? (await freePort());
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    ...(temporal.uiUrl === null ? {} : { TEMPORAL_UI_URL: temporal.uiUrl }),
    TL_SECRET_KEY: secrets.TL_SECRET_KEY,
    TL_SIGNING_KEY: secrets.TL_SIGNING_KEY,
    // Mail catcher and webhook receiver stand on this machine; in production nothing private is allowed by default.
    TL_PRIVATE_HOSTS: '127.0.0.1,localhost',
    PUBLIC_URL: `http://${HOST}:${apiPort}`,
    ...options.env,
  };
  const api = await startService({ name: 'api', port: apiPort, dataDir, env, report });
  undo.push(() => api.stop());
  const worker = await startService({ name: 'worker', port: workerPort, dataDir, env, report });
  undo.push(() => worker.stop());
  return {
    databaseUrl,
    postgres,
    temporal,
    temporalServer,
    secrets,
    api,
    worker,
    stop: () => takeDown(undo),
  };
}

async function bringUpPostgres(options: StackOptions, undo: Undo[]): Promise<Postgres> {
  const { dataDir, ports = {}, report } = options;
  report({ kind: 'begin', task: 'PostgreSQL' });
  const postgres = await startPostgres({
    dataDir: join(dataDir, 'postgres'),
    logFile: join(dataDir, 'logs', 'postgres.log'),
    report,
    ...(ports.postgres === undefined ? {} : { port: ports.postgres }),
    ...(options.durable === undefined ? {} : { durable: options.durable }),
  });
  undo.push(() => postgres.stop());
  report({
    kind: 'done',
    task: 'PostgreSQL',
    detail: postgres.kind === 'embedded' ? `on port ${postgres.port}` : 'yours, by DATABASE_URL',
  });
  return postgres;
}

async function bringUpTemporal(
  options: StackOptions,
  undo: Undo[],
): Promise<Pick<Stack, 'temporal' | 'temporalServer'>> {
  const { dataDir, ports = {}, report } = options;
  const found = await findTemporal({ report });
  report({ kind: 'begin', task: 'Temporal' });
  if (found.kind === 'address') {
    const namespace = await ensureNamespace({ address: found.address });
    report({ kind: 'done', task: 'Temporal', detail: `yours, at ${found.address}` });
    return { temporal: { address: found.address, namespace, uiUrl: null }, temporalServer: null };
  }
  const server = await startTemporal({
    binary: found.path,
    dataDir: join(dataDir, 'temporal'),
    logFile: join(dataDir, 'logs', 'temporal.log'),
    ...(ports.temporal === undefined ? {} : { port: ports.temporal }),
    ...(ports.temporalUi === undefined ? {} : { uiPort: ports.temporalUi }),
  });
  undo.push(() => server.stop());
  report({
    kind: 'done',
    task: 'Temporal',
    detail: `at ${server.address}, web UI at ${server.uiUrl}`,
  });
  return { temporal: server, temporalServer: server };
}

/** The last started goes first: nothing of ours outlives what it writes to. */
async function takeDown(undo: Undo[]): Promise<void> {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
}
