/** Temporal's development server: one process with its web UI, its state in a file that survives it. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runToEnd, startProcess, type RunningProcess } from '../process.js';
import { awaitReady, canConnect } from '../readiness.js';
import { Failure } from '../failure.js';
import { stopLeftover } from './leftover.js';
import { choosePort, freePort, HOST } from './ports.js';
import { ensureNamespace } from './temporal-namespace.js';

export interface StartTemporalOptions {
  readonly binary: string;
  /** Holds the database file; a restart with the same folder goes on where it was. */
  readonly dataDir: string;
  readonly logFile: string;
  /** Any free ones unless given. */
  readonly port?: number;
  readonly uiPort?: number;
  readonly namespace?: string;
}

export interface TemporalServer {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string;
  readonly pid: () => number;
  readonly stop: () => Promise<void>;
  readonly kill: () => Promise<void>;
  /** Starts it again on the same ports, after `stop` or `kill`. */
  readonly restart: () => Promise<void>;
}

export async function startTemporal(options: StartTemporalOptions): Promise<TemporalServer> {
  await mkdir(options.dataDir, { recursive: true });
  await stopOrphan(options.dataDir);
  const launch: Launch = {
    options,
    port: await choosePort({ what: 'Temporal', flag: '--temporal-port', ...wished(options.port) }),
    uiPort: await choosePort({
      what: "Temporal's web UI",
      flag: '--temporal-ui-port',
      ...wished(options.uiPort),
    }),
  };
  const address = `${HOST}:${launch.port}`;
  let server = await launchServer(launch);
  const namespace = await ensureNamespace({ address, ...namespaceOf(options) });
  return {
    address,
    namespace,
    uiUrl: `http://${HOST}:${launch.uiPort}`,
    pid: () => server.pid,
    stop: async () => {
      await server.stop('SIGTERM', 10_000);
      await rm(pidFile(options.dataDir), { force: true });
    },
    kill: () => server.kill(),
    restart: async () => {
      await server.stop('SIGTERM', 10_000);
      server = await launchServer(launch);
      await ensureNamespace({ address, ...namespaceOf(options) });
    },
  };
}

interface Launch {
  readonly options: StartTemporalOptions;
  readonly port: number;
  readonly uiPort: number;
}

async function launchServer(launch: Launch): Promise<RunningProcess> {
  const { options } = launch;
  const server = await startProcess({
    command: options.binary,
    args: await serverArguments(launch),
    logFile: options.logFile,
    // A person's own Temporal settings (address, TLS, profile) are for their servers, not for this one.
    env: withoutTemporalSettings(process.env),
  });
  await writeFile(pidFile(options.dataDir), String(server.pid));
  await awaitReady(
    { what: 'Temporal', deadlineMs: 60_000, process: server, logFile: options.logFile },
    async () => {
      if (await canConnect(HOST, launch.port, 1_000)) return;
      throw new Failure({
        code: 'not_ready',
        sentence: 'its port is closed',
        command: 'npm start',
      });
    },
  );
  return server;
}

/** A development server serves few queues to one machine: partitions only add latency, limits only surprise. */
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

async function serverArguments(launch: Launch): Promise<string[]> {
  const { options, port, uiPort } = launch;
  const dynamic = Object.entries(DYNAMIC_CONFIG).flatMap(([key, value]) => [
    '--dynamic-config-value',
    `${key}=${JSON.stringify(value)}`,
  ]);
  return [
    ...['server', 'start-dev', '--ip', HOST, '--port', String(port), '--ui-port', String(uiPort)],
    ...['--http-port', String(await freePort()), '--metrics-port', String(await freePort())],
    ...['--db-filename', databaseFile(options.dataDir), '--log-level', 'warn'],
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
    ...(await optionalFlags(options.binary)),
    ...dynamic,
  ];
}

/** Flags that not every version knows: an unknown one would keep the server from starting. */
async function optionalFlags(binary: string): Promise<string[]> {
  const args = ['server', 'start-dev', '--help'];
  const help = await runToEnd({ command: binary, args, timeoutMs: 10_000 });
  const known = help.kind === 'ended' ? help.stdout : '';
  return ['--ui-disable-news-fetch'].filter((flag) => known.includes(flag));
}

function databaseFile(dataDir: string): string {
  return join(dataDir, 'temporal.db');
}

function pidFile(dataDir: string): string {
  return join(dataDir, 'temporal.pid');
}

/** A server whose starter was killed still holds the database file. */
async function stopOrphan(dataDir: string): Promise<void> {
  if (!existsSync(pidFile(dataDir))) return;
  const pid = Number(await readFile(pidFile(dataDir), 'utf8'));
  await stopLeftover({ pid, mark: databaseFile(dataDir), politely: 'SIGTERM' });
}

function withoutTemporalSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

function wished(port: number | undefined): { port?: number } {
  return port === undefined ? {} : { port };
}

function namespaceOf(options: StartTemporalOptions): { namespace?: string } {
  return options.namespace === undefined ? {} : { namespace: options.namespace };
}
