/**
 * The servers of one test run, in a process of their own that lives as long as its standard input
 * is open: when Jest is killed, however hard, the pipe closes and the servers go too.
 * Says one line of JSON when all is ready (or why it is not).
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import pg from 'pg';
import { messageOf } from '@throughline/scripts/failure';
import { findTemporal, type FoundTemporal } from '@throughline/scripts/find-temporal';
import { terminalReporter } from '@throughline/scripts/progress';
import {
  ensureDatabase,
  startPostgres,
  type Postgres,
} from '@throughline/scripts/servers/postgres';
import { startTemporal } from '@throughline/scripts/servers/temporal';
import { ensureNamespace } from '@throughline/scripts/servers/temporal-namespace';
import { migrate } from '@throughline/store/shared';

type Stop = () => Promise<void>;

const stops: Stop[] = [];

async function main(): Promise<void> {
  process.stdin.resume();
  const closed = new Promise<void>((resolve) => {
    process.stdin.once('close', resolve);
    process.stdin.once('end', resolve);
    process.once('SIGTERM', () => {
      resolve();
    });
    process.once('SIGINT', () => {
      resolve();
    });
  });
  try {
    const env = await Promise.race([startAll(), closed]);
    if (env !== undefined) say({ ready: true, env });
    await closed;
  } catch (error) {
    say({ ready: false, reason: messageOf(error) });
    process.exitCode = 1;
  } finally {
    await stopAll();
  }
  process.exit();
}

async function startAll(): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-test-'));
  // Open to pass through: as root, PostgreSQL runs as another user and must reach its data.
  await chmod(folder, 0o755);
  stops.push(() => rm(folder, { recursive: true, force: true }));
  const found = await findTemporal({ report: terminalReporter() });
  const [database, temporal, workflows] = await Promise.all([
    prepareDatabase(folder),
    prepareTemporal(found, folder),
    prepareWorkflows(folder),
  ]);
  return { ...database, ...temporal, ...workflows };
}

/** Bundling takes seconds of a processor: once, not in every file that runs a worker. */
async function prepareWorkflows(folder: string): Promise<Record<string, string>> {
  const workflowsPath = fileURLToPath(new URL('../../workflows/src/index.ts', import.meta.url));
  const logger = new DefaultLogger('ERROR');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger });
  const file = join(folder, 'workflows.js');
  await writeFile(file, code);
  return { TL_TEST_WORKFLOWS: file };
}

async function prepareDatabase(folder: string): Promise<Record<string, string>> {
  const postgres = await startPostgres({
    dataDir: join(folder, 'postgres'),
    logFile: join(folder, 'postgres.log'),
    durable: false,
  });
  stops.push(() => stopPostgres(postgres));
  const template = `throughline_template_${randomBytes(4).toString('hex')}`;
  const url = await ensureDatabase(postgres, template);
  await migrate(url);
  if (postgres.kind === 'external') stops.push(() => dropDatabase(postgres.url, template));
  return { TL_TEST_POSTGRES_URL: postgres.url, TL_TEST_TEMPLATE: template };
}

async function prepareTemporal(
  found: FoundTemporal,
  folder: string,
): Promise<Record<string, string>> {
  if (found.kind === 'address') {
    const namespace = `throughline-test-${randomBytes(4).toString('hex')}`;
    await ensureNamespace({ address: found.address, namespace });
    return { TL_TEST_TEMPORAL_ADDRESS: found.address, TL_TEST_TEMPORAL_NAMESPACE: namespace };
  }
  const server = await startTemporal({
    binary: found.path,
    dataDir: join(folder, 'temporal'),
    logFile: join(folder, 'temporal.log'),
  });
  stops.push(() => server.stop());
  return {
    TL_TEST_TEMPORAL_ADDRESS: server.address,
    TL_TEST_TEMPORAL_NAMESPACE: server.namespace,
    TL_TEST_TEMPORAL_UI: server.uiUrl,
    TL_TEST_TEMPORAL_BINARY: found.path,
  };
}

/** Throw-away data needs no orderly end, and a test that hangs on to a connection must not delay one. */
function stopPostgres(postgres: Postgres): Promise<void> {
  return postgres.kind === 'embedded' ? postgres.destroy() : postgres.stop();
}

async function dropDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
  await client.end();
}

/** The last started goes first; the folder, which came first, goes last. */
async function stopAll(): Promise<void> {
  for (const stop of stops.reverse()) {
    await stop().catch((error: unknown) => {
      process.stderr.write(`while stopping test servers: ${messageOf(error)}\n`);
    });
  }
}

function say(answer: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

await main();
