/** A Temporal server that keeps its state in PostgreSQL, as one has it in production: the only kind whose speed means something. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '@throughline/scripts/failure';
import { faultIn, runToEnd, startProcess } from '@throughline/scripts/process';
import type { Reporter } from '@throughline/scripts/progress';
import { canConnect, awaitReady } from '@throughline/scripts/readiness';
import { HOST, isFree } from '@throughline/scripts/servers/ports';
import { ensureNamespace } from '@throughline/scripts/servers/temporal-namespace';
import type { ServerPrograms } from './temporal-server-binary.js';

const PLUGIN = 'postgres12';
const DATABASES = [
  { name: 'temporal', schema: 'postgresql/v12/temporal' },
  { name: 'temporal_visibility', schema: 'postgresql/v12/visibility' },
] as const;
const SCHEMA_LIMIT_MS = 120_000;
const SHARDS = 8; // can never be changed later; 4 to 16 suit a small machine
const PORT_NAMES = [
  'FRONTEND_GRPC_PORT',
  'FRONTEND_HTTP_PORT',
  'FRONTEND_MEMBERSHIP_PORT',
  'HISTORY_GRPC_PORT',
  'HISTORY_MEMBERSHIP_PORT',
  'MATCHING_GRPC_PORT',
  'MATCHING_MEMBERSHIP_PORT',
  'WORKER_GRPC_PORT',
  'WORKER_MEMBERSHIP_PORT',
] as const;

/** The same as on the development server; for a load, limits that protect a shared cluster are in the way. */
const DYNAMIC_CONFIG: Readonly<Record<string, number | boolean | string>> = {
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'matching.useNewMatcher': true,
  'matching.enableFairness': true,
  'frontend.rps': 5_000,
  'frontend.namespaceRPS': 5_000,
  'frontend.namespaceRPS.visibility': 500,
  'history.rps': 5_000,
  'matching.rps': 5_000,
  'frontend.persistenceMaxQPS': 10_000,
  'history.persistenceMaxQPS': 20_000,
  'matching.persistenceMaxQPS': 10_000,
  'system.namespaceCacheRefreshInterval': '1s',
};

export interface TemporalOnPostgresOptions {
  readonly programs: ServerPrograms;
  /** a superuser's door; two databases are made behind it */
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly report: Reporter;
}

export interface TemporalOnPostgres {
  readonly address: string;
  readonly namespace: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startTemporalOnPostgres(
  options: TemporalOnPostgresOptions,
): Promise<TemporalOnPostgres> {
  const { report } = options;
  const task = 'Temporal on PostgreSQL';
  report({ kind: 'begin', task });
  for (const database of DATABASES) await prepareDatabase(options, database);
  report({ kind: 'working', task, detail: 'schema is in place' });
  const ports = await lowPorts(PORT_NAMES.length);
  const [frontend = 0] = ports;
  const dynamicConfig = join(options.dataDir, 'temporal-dynamic.yaml');
  await mkdir(options.dataDir, { recursive: true });
  await writeFile(dynamicConfig, renderDynamicConfig());
  const logFile = join(options.dataDir, 'logs', 'temporal-server.log');
  const server = await startProcess({
    command: options.programs.server,
    args: ['--allow-no-auth', 'start'],
    cwd: options.dataDir,
    env: {
      ...process.env,
      ...serverEnvironment(options.databaseUrl, ports),
      DYNAMIC_CONFIG_FILE_PATH: dynamicConfig,
    },
    logFile,
  });
  const stop = (): Promise<void> => server.stop('SIGTERM', 15_000);
  const address = `${HOST}:${frontend}`;
  try {
    const wait = { what: "Temporal's server", deadlineMs: 60_000, process: server, logFile };
    await awaitReady(wait, () => refuseClosed(frontend));
    const namespace = await ensureNamespace({ address });
    report({ kind: 'done', task, detail: `at ${address}` });
    return { address, namespace, pid: server.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function refuseClosed(port: number): Promise<void> {
  if (await canConnect(HOST, port, 1_000)) return;
  throw new Failure({
    code: 'not_ready',
    sentence: 'its port is closed',
    command: 'npm run bench',
  });
}

/**
 * The server's own table of members keeps ports as 16-bit numbers with a sign, and what the system hands out as free begins
 * above them.
 */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;

export async function lowPorts(count: number): Promise<number[]> {
  const found: number[] = [];
  let port = LOWEST_PORT + (process.pid % 1_000) * 10;
  for (let tries = 0; found.length < count && tries < HIGHEST_PORT - LOWEST_PORT; tries += 1) {
    port = port >= HIGHEST_PORT ? LOWEST_PORT : port + 1;
    if (await isFree(port)) found.push(port);
  }
  return found;
}

async function prepareDatabase(
  { programs, databaseUrl }: TemporalOnPostgresOptions,
  database: (typeof DATABASES)[number],
): Promise<void> {
  const { host, port, user, password } = partsOf(databaseUrl);
  const door = ['--plugin', PLUGIN, '--ep', host, '-p', port, '-u', user, '--db', database.name];
  const commands = [
    ['create-database'],
    ['setup-schema', '-v', '0.0'],
    ['update-schema', '--schema-name', database.schema],
  ];
  for (const command of commands) {
    const result = await runToEnd({
      command: programs.sql,
      args: [...door, ...command],
      env: { ...process.env, SQL_PASSWORD: password },
      timeoutMs: SCHEMA_LIMIT_MS,
    });
    const fault = faultIn(result);
    if (fault !== undefined) throw schemaFailure(command.join(' '), fault);
  }
}

function schemaFailure(command: string, fault: string): Failure {
  return new Failure({
    code: 'command_failed',
    sentence: `Temporal's schema could not be made: ${command} said: ${fault}`,
    command: 'npm run bench -- --dev   # on the development server instead',
  });
}

/** Ports that differ each time: a server of the person's own may be running. */
export function serverEnvironment(
  databaseUrl: string,
  ports: readonly number[],
): Record<string, string> {
  const { host, port, user, password } = partsOf(databaseUrl);
  return {
    ...Object.fromEntries(PORT_NAMES.map((name, index) => [name, String(ports[index] ?? 0)])),
    DB: PLUGIN,
    POSTGRES_SEEDS: host,
    DB_PORT: port,
    POSTGRES_USER: user,
    POSTGRES_PWD: password,
    DBNAME: DATABASES[0].name,
    VISIBILITY_DBNAME: DATABASES[1].name,
    NUM_HISTORY_SHARDS: String(SHARDS),
    SQL_MAX_CONNS: '20',
    SQL_VIS_MAX_CONNS: '10',
    BIND_ON_IP: HOST,
    TEMPORAL_BROADCAST_ADDRESS: HOST,
    LOG_LEVEL: 'warn',
  };
}

/** Dynamic config as YAML: one unconstrained value for each key. */
export function renderDynamicConfig(
  values: Readonly<Record<string, number | boolean | string>> = DYNAMIC_CONFIG,
): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}:\n  - value: ${JSON.stringify(value)}\n`)
    .join('');
}

function partsOf(databaseUrl: string) {
  const url = new URL(databaseUrl);
  return {
    host: url.hostname,
    port: url.port === '' ? '5432' : url.port,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}
