/** PostgreSQL for development and tests: the person's own by DATABASE_URL, else the built-in one. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { Failure, messageOf } from '../failure.js';
import { lastLines, runToEnd, startProcess, type RunningProcess } from '../process.js';
import { silentReporter, type Reporter } from '../progress.js';
import { awaitReady } from '../readiness.js';
import { stopLeftover } from './leftover.js';
import { freePort, HOST } from './ports.js';
import { placePostgres, programVersion, type PostgresPlace } from './postgres-place.js';

interface PostgresDoors {
  /** A superuser's door to the maintenance database. */
  readonly url: string;
  /** The same door to another database of this server. */
  readonly urlOf: (database: string) => string;
  readonly stop: () => Promise<void>;
}

export type Postgres =
  | (PostgresDoors & { readonly kind: 'external' })
  | (PostgresDoors & {
      readonly kind: 'embedded';
      readonly port: number;
      readonly dataDir: string;
      readonly pid: () => number;
      /** As a power cut would: the server and each of its children, at once. */
      readonly kill: () => Promise<void>;
      /** Starts it again on the same port, after `stop` or `kill`. */
      readonly restart: () => Promise<void>;
      /** Kills it and removes its data, wherever that was put. */
      readonly destroy: () => Promise<void>;
    });

export type EmbeddedPostgres = Extract<Postgres, { kind: 'embedded' }>;

export interface StartPostgresOptions {
  readonly dataDir: string;
  readonly logFile: string;
  /** Any free one unless given. */
  readonly port?: number;
  /** Kept beside the data unless given; only its owner can read it. */
  readonly passwordFile?: string;
  /** False for throw-away data: survives a killed server, not a power cut, and is faster. */
  readonly durable?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  readonly report?: Reporter;
}

const USER = 'postgres';

export async function startPostgres(options: StartPostgresOptions): Promise<Postgres> {
  const given = (options.env ?? process.env)['DATABASE_URL'];
  if (given !== undefined && given !== '') return external(given);
  return startEmbeddedPostgres(options);
}

async function external(url: string): Promise<Postgres> {
  try {
    await ask(url, 'select 1');
  } catch (error) {
    throw new Failure({
      code: 'postgres_unusable',
      sentence: `DATABASE_URL is set, but that database does not answer (${messageOf(error)}).`,
      command: 'unset DATABASE_URL   # to let a PostgreSQL be started for you',
      cause: error,
    });
  }
  return {
    kind: 'external',
    url,
    urlOf: (database) => withDatabase(url, database),
    stop: () => Promise.resolve(),
  };
}

/** The built-in server, whatever the environment says: fault tests need one that they may kill. */
export async function startEmbeddedPostgres(
  options: StartPostgresOptions,
): Promise<EmbeddedPostgres> {
  const report = options.report ?? silentReporter;
  const place = await placePostgres(options.dataDir);
  const passwordFile = options.passwordFile ?? `${options.dataDir}.password`;
  const password = await initialise(place, passwordFile, report);
  const port = options.port === undefined || options.port === 0 ? await freePort() : options.port;
  const url = `postgres://${USER}:${password}@${HOST}:${port}/postgres`;
  const launch: Launch = {
    place,
    port,
    url,
    durable: options.durable ?? true,
    logFile: options.logFile,
  };
  await stopOrphan(place);
  let server = await launchServer(launch);
  return {
    kind: 'embedded',
    url,
    port,
    dataDir: place.dataDir,
    urlOf: (database) => withDatabase(url, database),
    pid: () => server.pid,
    // SIGINT is PostgreSQL's "fast" stop: sessions are ended, nothing is lost.
    stop: () => server.stop('SIGINT', 15_000),
    kill: () => server.kill(),
    restart: async () => {
      await server.stop('SIGINT', 15_000);
      server = await launchServer(launch);
    },
    destroy: async () => {
      await server.kill();
      await rm(place.dataDir, { recursive: true, force: true });
      await rm(passwordFile, { force: true });
    },
  };
}

/** Makes a database unless it is there. */
export async function ensureDatabase(
  postgres: Pick<Postgres, 'url' | 'urlOf'>,
  name: string,
): Promise<string> {
  const found = await ask(postgres.url, 'select 1 from pg_database where datname = $1', [name]);
  if (found === 0) await ask(postgres.url, `create database ${pg.escapeIdentifier(name)}`);
  return postgres.urlOf(name);
}

interface Launch {
  readonly place: PostgresPlace;
  readonly port: number;
  readonly url: string;
  readonly durable: boolean;
  readonly logFile: string;
}

/**
 * After a killed server its last children may hold the shared memory for a moment; PostgreSQL then
 * refuses to start, rightly, and a little later does not.
 */
async function launchServer(launch: Launch): Promise<RunningProcess> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const server = await startProcess({
      command: join(launch.place.binDir, 'postgres'),
      args: serverArguments(launch),
      // Its own folder: the one that we stand in may be closed to that user.
      cwd: launch.place.dataDir,
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      logFile: launch.logFile,
      ...(launch.place.runAs === undefined ? {} : { runAs: launch.place.runAs }),
    });
    try {
      await awaitReady(
        { what: 'PostgreSQL', deadlineMs: 60_000, process: server, logFile: launch.logFile },
        () => ask(launch.url, 'select 1'),
      );
      return server;
    } catch (error) {
      await server.kill();
      const isHeld = lastLines(launch.logFile, 5).some((line) =>
        line.includes('shared memory block'),
      );
      if (!isHeld || performance.now() > deadline) throw error;
    }
  }
}

function serverArguments(launch: Launch): string[] {
  const settings: Record<string, string> = {
    listen_addresses: HOST,
    // Only the loopback port: a socket file would be one more thing to place and to guard.
    unix_socket_directories: '',
    shared_buffers: '256MB',
    max_connections: '200',
    // Far between: after each checkpoint the first change of a page writes the whole page to the log.
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    // Profiles are rewritten all the time: their old versions are cleared away soon, or tables grow to many times their size.
    autovacuum_naptime: '10s',
    fsync: launch.durable ? 'on' : 'off',
    full_page_writes: launch.durable ? 'on' : 'off',
    jit: 'off',
    log_timezone: 'UTC',
    timezone: 'UTC',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', launch.place.dataDir, '-p', String(launch.port), ...flags];
}

/** Makes the cluster on first use; returns its password. */
async function initialise(
  place: PostgresPlace,
  passwordFile: string,
  report: Reporter,
): Promise<string> {
  if (existsSync(join(place.dataDir, 'PG_VERSION'))) {
    await refuseOtherVersion(place);
    return readPassword(passwordFile);
  }
  const task = 'Preparing PostgreSQL';
  report({ kind: 'begin', task });
  const password = randomBytes(24).toString('base64url');
  await mkdir(dirname(passwordFile), { recursive: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  await chmod(passwordFile, 0o600);
  await initialiseCluster(place, password);
  report({ kind: 'done', task, detail: 'done' });
  return password;
}

/** In a folder beside, renamed when whole: a first start that was interrupted leaves no half cluster. */
async function initialiseCluster(place: PostgresPlace, password: string): Promise<void> {
  const half = `${place.dataDir}.new`;
  const secret = `${place.dataDir}.secret`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { recursive: true, mode: 0o700 });
  await writeFile(secret, password, { mode: 0o600 });
  if (place.runAs !== undefined) {
    await chown(half, place.runAs.uid, place.runAs.gid);
    await chown(secret, place.runAs.uid, place.runAs.gid);
  }
  try {
    const result = await runInitdb(place, half, secret);
    if (result.kind !== 'ended' || result.code !== 0) throw initdbFailure(result);
    await rm(place.dataDir, { recursive: true, force: true });
    await rename(half, place.dataDir);
  } finally {
    await rm(secret, { force: true });
    await rm(half, { recursive: true, force: true });
  }
}

function runInitdb(
  place: PostgresPlace,
  half: string,
  secret: string,
): ReturnType<typeof runToEnd> {
  return runToEnd({
    command: join(place.binDir, 'initdb'),
    args: [
      ...['-D', half, '-U', USER, `--pwfile=${secret}`, '--auth=scram-sha-256', '--encoding=UTF8'],
      // The built-in provider sorts the same on every machine, whatever locales it has.
      ...[
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-instructions',
      ],
    ],
    cwd: half,
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    timeoutMs: 120_000,
    ...(place.runAs === undefined ? {} : { runAs: place.runAs }),
  });
}

function initdbFailure(result: Awaited<ReturnType<typeof runToEnd>>): Failure {
  const details =
    result.kind === 'not_started' ? [result.reason] : result.stderr.trim().split('\n').slice(-5);
  return new Failure({
    code: 'postgres_unusable',
    sentence: 'PostgreSQL could not make its data folder.',
    command: 'npm start -- --reset',
    details,
  });
}

async function refuseOtherVersion(place: PostgresPlace): Promise<void> {
  const made = (await readFile(join(place.dataDir, 'PG_VERSION'), 'utf8')).trim();
  const program = programVersion(join(place.binDir, 'postgres'));
  if (program.split('.')[0] === made) return;
  throw new Failure({
    code: 'postgres_unusable',
    sentence: `The data folder was made by PostgreSQL ${made}, but the installed one is ${program}.`,
    command: 'npm start -- --reset   # begins anew and forgets that data',
  });
}

async function readPassword(passwordFile: string): Promise<string> {
  try {
    return (await readFile(passwordFile, 'utf8')).trim();
  } catch (error) {
    throw new Failure({
      code: 'postgres_unusable',
      sentence: `The data folder is there, but its password file ${passwordFile} cannot be read.`,
      command: 'npm start -- --reset   # begins anew and forgets that data',
      cause: error,
    });
  }
}

/**
 * A server whose starter was killed goes on running: it is stopped and started anew, under us. A
 * process id in the file that belongs to another program by now would make PostgreSQL refuse.
 */
async function stopOrphan(place: PostgresPlace): Promise<void> {
  const pidFile = join(place.dataDir, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const [pid = ''] = (await readFile(pidFile, 'utf8')).split('\n');
  const end = await stopLeftover({ pid: Number(pid), mark: place.dataDir, politely: 'SIGINT' });
  if (end !== 'stopped') await rm(pidFile, { force: true });
}

async function ask(url: string, sql: string, values: readonly string[] = []): Promise<number> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // A server that dies under us is reported by the query, not by a stray event.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const result = await client.query(sql, [...values]);
    return result.rowCount ?? 0;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function withDatabase(url: string, database: string): string {
  const copy = new URL(url);
  copy.pathname = `/${encodeURIComponent(database)}`;
  return copy.href;
}
