/**
 * Pages of a pull. The source is dialled at an address that the guard has checked, in a session that cannot write; each page is kept
 * with the run's cursor in one transaction, so that a run that dies goes on after the last page that is kept.
 */
import { ApplicationFailure } from '@temporalio/common';
import { catalogueWith } from '@throughline/domain/catalogue';
import { CatalogueSchema, MappingSchema } from '@throughline/domain/catalogue/schemas';
import { PullSchema, type PullDefinition } from '@throughline/domain/ingestion/schemas';
import { isJsonObject, type JsonObject } from '@throughline/domain/shared';
import {
  beginPull,
  endPull,
  keepPulledPage,
  notePullError,
  openPullReader,
  pullSecretKey,
  readLivePull,
  type PullFrom,
  type PullReader,
} from '@throughline/store/ingestion';
import { classifyStoreError } from '@throughline/store/shared';
import { FAILURES, type PullReport, type PullRequest } from '@throughline/workflows/contract';
import { tryAgain } from './activity-errors.js';
import type { ActivityDependencies } from './dependencies.js';
import type { Pulse } from './import-pages.js';

const WORK_FOR_MS = 60_000;
const NOTHING: PullReport = { state: 'over', rows: 0, importId: null };

type Live = NonNullable<Awaited<ReturnType<typeof readLivePull>>>;
type Run = Awaited<ReturnType<typeof beginPull>>;

export async function pullPages(
  deps: ActivityDependencies,
  request: PullRequest,
  pulse: Pulse<PullReport>,
): Promise<PullReport> {
  const live = await readLivePull(deps.pool, request);
  if (live === null) return NOTHING;
  const parsed = PullSchema.safeParse(live.body);
  if (!parsed.success) return refuse(deps, request, 'definition_unreadable');
  const run = await beginPull(
    deps.pool,
    request,
    await newImport(deps, request, live, parsed.data),
  );
  const reader = await open(deps, request, live, parsed.data);
  try {
    return await readOn(deps, request, { pull: parsed.data, run, reader, pulse });
  } finally {
    await reader.close();
  }
}

interface Reading {
  readonly pull: PullDefinition;
  readonly run: Run;
  readonly reader: PullReader;
  readonly pulse: Pulse<PullReport>;
}

async function readOn(
  deps: ActivityDependencies,
  request: PullRequest,
  { pull, run: begun, reader, pulse }: Reading,
): Promise<PullReport> {
  const until = deps.context.now() + WORK_FOR_MS;
  const table = { ...pull, columns: pull.columns ?? null };
  for (let run = begun; ;) {
    const page = await source(deps, request, () => reader.page(table, fromOf(pull, run)));
    const [first, ...others] = page;
    if (first === undefined) {
      await endPull(deps.pool, request, run);
      return { state: 'over', rows: run.rows, importId: run.rows === 0 ? null : run.importId };
    }
    const kept = await keepPulledPage(deps.pool, request, { run, page: [first, ...others] });
    // Another attempt is at work on this run: it will say how it ended.
    if (kept === null) throw tryAgain('another_attempt', 1_000);
    run = kept;
    const report: PullReport = { state: 'more', rows: run.rows, importId: run.importId };
    pulse.beat(report);
    if (deps.context.now() > until) return report;
  }
}

function fromOf({ overlapSeconds }: PullDefinition, { at, cursor }: Run): PullFrom {
  if (at !== null) return { kind: 'row', ...at };
  return cursor === null ? { kind: 'first' } : { kind: 'cursor', cursor, overlapSeconds };
}

async function newImport(
  deps: ActivityDependencies,
  request: PullRequest,
  live: Live,
  { mapping: mappingKey, startJourneys }: PullDefinition,
) {
  const mapping = MappingSchema.safeParse(live.mapping?.body);
  const attributes = CatalogueSchema.safeParse(live.attributes);
  if (!mapping.success || !attributes.success || live.mapping === null)
    return refuse(deps, request, 'mapping_not_live');
  const catalogue = catalogueWith(attributes.data);
  return {
    kind: mapping.data.target,
    format: 'ndjson' as const,
    mappingKey,
    mappingVersion: live.mapping.version,
    mapping: jsonOf({ mapping: mapping.data, catalogue, importKey: `pull:${request.pullKey}` }),
    startJourneys,
    createdBy: `pull:${request.pullKey}`,
  };
}

async function open(
  deps: ActivityDependencies,
  request: PullRequest,
  { sealed }: Live,
  { connection }: PullDefinition,
): Promise<PullReader> {
  const connectionKey = pullSecretKey(request.pullKey);
  const secrets =
    sealed === null
      ? {}
      : deps.openSecret(sealed, { workspaceId: request.workspaceId, connectionKey });
  const password = secrets['password'];
  return source(deps, request, async () => {
    const verdict = await deps.context.egress.resolveChecked(connection.host);
    if (!verdict.allowed) return refuse(deps, request, `host_refused:${verdict.reason}`);
    const [address] = verdict.addresses;
    return openPullReader({
      ...connection,
      address,
      password: typeof password === 'string' ? password : '',
    });
  });
}

/** What the other database says no to by itself will not change by asking again; everything else may. */
async function source<T>(
  deps: ActivityDependencies,
  request: PullRequest,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error;
    const code = codeOf(error);
    const isRefusal = classifyStoreError(error) !== 'outage' && /^[0-9A-Z]{5}$/.test(code);
    if (isRefusal) return refuse(deps, request, `source_refused:${code}`);
    await notePullError(deps.pool, request, 'source_unreachable');
    throw tryAgain('source_unreachable');
  }
}

async function refuse(
  { pool }: ActivityDependencies,
  request: PullRequest,
  code: string,
): Promise<never> {
  await notePullError(pool, request, code);
  throw ApplicationFailure.nonRetryable(code, FAILURES.pullRefused);
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : '';
}

function jsonOf(value: unknown): JsonObject {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  return isJsonObject(copy) ? copy : {};
}
