/**
 * Temporal's server and schema tool as programs of their own: the command-line tool holds a development server only. Named by
 * the environment, kept from an earlier build, or built once by Go.
 */
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '@throughline/scripts/failure';
import { cacheDir } from '@throughline/scripts/paths';
import { faultIn, runToEnd } from '@throughline/scripts/process';
import type { Reporter } from '@throughline/scripts/progress';
import { sha256 } from '@throughline/scripts/temporal/cache';
import { which } from '@throughline/scripts/temporal/on-path';

export const SERVER_VERSION = '1.31.2';
const MODULE = 'go.temporal.io/server';
const PROGRAMS = ['server', 'sql'] as const;
const TASK = "Building Temporal's server with Go (about six minutes, once)";
const CONNECT_LIMIT_MS = 10_000;
const BUILD_LIMIT_MS = 45 * 60_000;

export interface ServerPrograms {
  readonly server: string;
  /** the schema tool */
  readonly sql: string;
  readonly version: string;
}

export type ServerSearch =
  | { readonly found: true; readonly programs: ServerPrograms }
  | { readonly found: false; readonly reasons: readonly string[] };

export interface ServerSearchOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly report: Reporter;
  readonly cache?: string;
}

export async function findServerPrograms(options: ServerSearchOptions): Promise<ServerSearch> {
  const folder = join(options.cache ?? cacheDir(options.env), `server-${SERVER_VERSION}`);
  const steps = [
    () => fromEnvironment(options.env),
    () => fromCache(folder),
    () => buildInto(folder, options),
  ];
  const reasons: string[] = [];
  for (const step of steps) {
    const outcome = await step();
    if (typeof outcome !== 'string') return { found: true, programs: outcome };
    reasons.push(outcome);
  }
  return { found: false, reasons };
}

/** TL_TEMPORAL_SERVER_BIN: the server; the schema tool lies beside it, as `sql` or as upstream's images call it. */
async function fromEnvironment(env: NodeJS.ProcessEnv): Promise<ServerPrograms | string> {
  const server = env['TL_TEMPORAL_SERVER_BIN'];
  if (server === undefined || server === '') return 'TL_TEMPORAL_SERVER_BIN: not set';
  const sql = ['sql', 'temporal-sql-tool']
    .map((name) => join(dirname(server), name))
    .find((path) => existsSync(path));
  if (sql === undefined) return `TL_TEMPORAL_SERVER_BIN: no schema tool lies beside ${server}`;
  return inspected({ server, sql }, 'TL_TEMPORAL_SERVER_BIN');
}

async function fromCache(folder: string): Promise<ServerPrograms | string> {
  for (const name of PROGRAMS) {
    const path = join(folder, name);
    if (!existsSync(path)) return `the cache: ${path} is not there`;
    const expected = await readFile(`${path}.sha256`, 'utf8').catch(() => '');
    if (expected.trim() !== (await sha256(path)))
      return `the cache: the checksum of ${path} differs`;
  }
  return inspected(pathsIn(folder), 'the cache');
}

async function inspected(
  paths: { readonly server: string; readonly sql: string },
  where: string,
): Promise<ServerPrograms | string> {
  const result = await runToEnd({ command: paths.server, args: ['--version'], timeoutMs: 10_000 });
  const fault = faultIn(result);
  const version = result.kind === 'ended' ? /(\d+\.\d+\.\d+)/.exec(result.stdout)?.[1] : undefined;
  if (fault !== undefined || version === undefined)
    return `${where}: ${paths.server} does not say its version (${fault ?? 'no number'})`;
  return { ...paths, version };
}

async function buildInto(
  folder: string,
  { env, report }: ServerSearchOptions,
): Promise<ServerPrograms | string> {
  const go = which('go', env);
  if (go === undefined) return 'a build: there is no Go';
  report({ kind: 'begin', task: TASK });
  const outcome = await build(go, folder, { env, report }).catch((error: unknown) =>
    messageOf(error),
  );
  report({ kind: 'done', task: TASK, detail: outcome ?? 'done' });
  return outcome === undefined ? fromCache(folder) : `a build: ${outcome}`;
}

/** The reason why not, or nothing. */
async function build(
  go: string,
  folder: string,
  { env, report }: ServerSearchOptions,
): Promise<string | undefined> {
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}.build-`);
  try {
    const asked = await runToEnd({
      command: go,
      args: ['list', '-m', `${MODULE}@v${SERVER_VERSION}`],
      cwd: work,
      env,
      timeoutMs: CONNECT_LIMIT_MS,
    });
    const unreachable = faultIn(asked);
    if (unreachable !== undefined) return `the Go modules cannot be reached: ${unreachable}`;
    const fault = faultIn(await compile(go, work, { env, report }));
    if (fault !== undefined) return fault;
    await keep(work, folder);
    return undefined;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function compile(go: string, work: string, { env, report }: ServerSearchOptions) {
  let fetched = 0;
  let compiled = 0;
  const packages = ['server', 'tools/sql'].map(
    (name) => `${MODULE}/cmd/${name}@v${SERVER_VERSION}`,
  );
  return runToEnd({
    command: go,
    args: [
      ...['install', '-v', '-trimpath', '-tags', 'disable_grpc_modules', '-ldflags', '-s -w'],
      ...packages,
    ],
    cwd: work,
    env: { ...env, CGO_ENABLED: '0', GOBIN: work },
    timeoutMs: BUILD_LIMIT_MS,
    onLine: (line) => {
      if (line.startsWith('go: downloading')) fetched += 1;
      else compiled += 1;
      const detail = `${fetched} modules fetched, ${compiled} packages compiled`;
      report({ kind: 'working', task: TASK, detail });
    },
  });
}

/** Each program's checksum last: a half-written one is noticed and built again. */
async function keep(work: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of PROGRAMS) {
    const path = join(folder, name);
    const beside = `${path}.${process.pid}`;
    await copyFile(join(work, name), beside);
    await chmod(beside, 0o755);
    const checksum = await sha256(beside);
    await rename(beside, path);
    await writeFile(`${path}.sha256`, checksum);
  }
}

function pathsIn(folder: string): { readonly server: string; readonly sql: string } {
  return { server: join(folder, 'server'), sql: join(folder, 'sql') };
}
