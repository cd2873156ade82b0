/** The product on this machine for a bench: a PostgreSQL of our own, Temporal on it (or the development server), API and worker. */
import { join } from 'node:path';
import pg from 'pg';
import type { JsonObject } from '@throughline/domain/shared';
import type { Reporter } from '@throughline/scripts/progress';
import {
  ensureDatabase,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '@throughline/scripts/servers/postgres';
import { createApiClient, type ApiClient } from '@throughline/scripts/shop/api-client';
import { startStack, type Stack } from '@throughline/scripts/stack/stack';
import { appendDefinitions } from '@throughline/store/ingestion';
import { inWorkspace, openPool } from '@throughline/store/shared';
import {
  createKey,
  createWorkspace,
  publishDefinition,
  putDefinition,
  putSource,
} from '@throughline/store/workspaces';
import { basicAuthorization } from '../load/http-request.js';
import { findServerPrograms } from '../temporal-server-binary.js';
import { startTemporalOnPostgres, type TemporalOnPostgres } from '../temporal-on-postgres.js';

export interface LabOptions {
  readonly dataDir: string;
  readonly report: Reporter;
  /** the development server, whatever could be found */
  readonly dev: boolean;
  /** a folder for processor profiles of API and worker */
  readonly profileDir: string | null;
}

export interface Lab {
  readonly stack: Stack;
  readonly postgres: EmbeddedPostgres;
  readonly databaseUrl: string;
  /** as a superuser, who sees every workspace: for counting only */
  readonly admin: pg.Pool;
  /** true on Temporal's development server */
  readonly dev: boolean;
  readonly temporalVersion: string;
  readonly temporalPid: number | null;
  /** where the development server keeps its state */
  readonly temporalFile: string | null;
  readonly apiPort: number;
}

/** How to take down what was brought up, last first. */
export type Undo = (() => Promise<void>)[];

/** Whatever comes up is put on `undo` at once: an interrupt in the middle leaves nothing behind. */
export async function openLab(options: LabOptions, undo: Undo): Promise<Lab> {
  const { dataDir, report } = options;
  report({ kind: 'begin', task: 'PostgreSQL for the bench' });
  const postgres = await startEmbeddedPostgres({
    dataDir: join(dataDir, 'postgres'),
    logFile: join(dataDir, 'logs', 'postgres.log'),
    report,
  });
  undo.push(() => postgres.destroy());
  report({ kind: 'done', task: 'PostgreSQL for the bench', detail: `on port ${postgres.port}` });
  const temporal = options.dev ? null : await temporalOn(postgres, options);
  if (temporal !== null) undo.push(() => temporal.server.stop());
  const stack = await withEnvironment(
    { DATABASE_URL: postgres.url, TEMPORAL_ADDRESS: temporal?.server.address },
    () => startStack({ dataDir, report, env: stackEnvironment(options) }),
  );
  undo.push(() => stack.stop());
  const databaseUrl = await ensureDatabase(postgres, 'throughline');
  const admin = new pg.Pool({ connectionString: databaseUrl, max: 3 });
  admin.on('error', () => undefined);
  undo.push(() => admin.end());
  return {
    stack,
    postgres,
    databaseUrl,
    admin,
    dev: temporal === null,
    temporalVersion:
      temporal === null ? 'development server (SQLite)' : `${temporal.version} on PostgreSQL`,
    temporalPid: temporal?.server.pid ?? stack.temporalServer?.pid() ?? null,
    temporalFile: temporal === null ? join(dataDir, 'temporal', 'temporal.db') : null,
    apiPort: Number(new URL(stack.api.url).port),
  };
}

function stackEnvironment({ profileDir }: LabOptions): Record<string, string> {
  // One key asks for everybody here; that it would be slowed down is not what is measured.
  const always = { LOG_LEVEL: 'warn', TL_API_KEY_RATE: '0', TL_API_WORKSPACE_RATE: '0' };
  if (profileDir === null) return always;
  const hook = new URL('../profile-hook.js', import.meta.url);
  return {
    ...always,
    NODE_OPTIONS: `--import ${hook.href}`,
    TL_PROFILE_DIR: profileDir,
  };
}

async function temporalOn(
  postgres: EmbeddedPostgres,
  { dataDir, report }: LabOptions,
): Promise<{ readonly server: TemporalOnPostgres; readonly version: string } | null> {
  const search = await findServerPrograms({ env: process.env, report });
  if (!search.found) {
    report({
      kind: 'note',
      text: `No Temporal server for PostgreSQL: the development server is used, and its figures are marked.\n  ${search.reasons.join('\n  ')}`,
    });
    return null;
  }
  const { programs } = search;
  const server = await startTemporalOnPostgres({
    programs,
    databaseUrl: postgres.url,
    dataDir: join(dataDir, 'temporal-server'),
    report,
  });
  return { server, version: programs.version };
}

/** `startStack` looks for servers where a person would name them; for its time we are that person. */
export async function withEnvironment<T>(
  settings: Readonly<Record<string, string | undefined>>,
  work: () => Promise<T>,
): Promise<T> {
  const before = Object.keys(settings).map((name) => [name, process.env[name]] as const);
  for (const [name, value] of Object.entries(settings)) setVariable(name, value);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) setVariable(name, value);
  }
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}

export async function takeDown(undo: Undo): Promise<void> {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
}

export interface Workspace {
  readonly workspaceId: string;
  /** what senders put into their requests */
  readonly authorization: string;
  /** the same for the management API */
  readonly management: string;
  readonly api: ApiClient;
}

/** A workspace of its own for each group, with real keys. */
export async function openWorkspace(lab: Lab, key: string): Promise<Workspace> {
  const pool = openPool({ url: lab.databaseUrl, role: 'tl_app', max: 1 });
  try {
    const { workspaceId } = await createWorkspace(pool, { key, name: `Bench: ${key}` });
    await inWorkspace(pool, workspaceId, (client) =>
      putSource(client, workspaceId, { sourceKey: 'bench', name: 'Bench' }),
    );
    const write = await createKey(pool, workspaceId, {
      name: 'bench sender',
      scopes: ['ingest'],
      sourceKey: 'bench',
    });
    const manage = await createKey(pool, workspaceId, {
      name: 'bench',
      scopes: ['read', 'write', 'operate'],
      sourceKey: null,
    });
    return {
      workspaceId,
      authorization: basicAuthorization(write.key),
      management: `Bearer ${manage.key}`,
      api: createApiClient(lab.stack.api.url, manage.key),
    };
  } finally {
    await pool.end();
  }
}

export async function publish(
  { api }: Workspace,
  kind: 'segments' | 'journeys' | 'mappings',
  definition: Readonly<Record<string, unknown>>,
): Promise<void> {
  const path = `/api/v1/${kind}/${String(definition['key'])}`;
  await api.put(path, definition);
  await api.post(`${path}/publish`);
}

/** Hundreds of them at once: one transaction and one input of the log, where the API would make one for each. */
export async function publishSegments(
  lab: Pick<Lab, 'databaseUrl'>,
  { workspaceId }: Workspace,
  segments: readonly (JsonObject & { readonly key: string })[],
): Promise<void> {
  const pool = openPool({ url: lab.databaseUrl, role: 'tl_app', max: 1 });
  try {
    await inWorkspace(pool, workspaceId, async (client) => {
      for (const body of segments) {
        const ref = { kind: 'segment', key: body.key, ifRevision: null } as const;
        await putDefinition(client, workspaceId, { ...ref, body });
        await publishDefinition(client, workspaceId, { ...ref, by: 'bench' });
      }
      await appendDefinitions(client, workspaceId);
    });
  } finally {
    await pool.end();
  }
}

/** One number from the database. */
export async function count(
  lab: Pick<Lab, 'admin'>,
  sql: string,
  values: readonly unknown[] = [],
): Promise<number> {
  const answer = await lab.admin.query<{ n: string | number | null }>(sql, [...values]);
  return Number(answer.rows[0]?.n ?? 0);
}
