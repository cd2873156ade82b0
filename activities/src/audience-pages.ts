/**
 * Pages of an audience: whom to look at, and then page by page what the destination is told. Every page is declared in PostgreSQL,
 * sent, and settled person by person; whatever dies in between, the next attempt sends the declared page first and goes on from there.
 */
import type { AudienceCapability, ConnectorDefinition } from '@throughline/connectors/kit';
import { AudienceSchema } from '@throughline/domain/destinations/schemas';
import {
  claimAudiencePage,
  endAudienceRun,
  openAudienceRun,
  planAudiencePage,
  readDeclaredPage,
  type AudiencePage,
  type AudienceWork,
  type OpenAudienceRun,
} from '@throughline/store/destinations';
import type { AudienceReport, AudienceRequest } from '@throughline/workflows/contract';
import type { ActivityDependencies } from './dependencies.js';
import type { Pulse } from './import-pages.js';
import { sendAudiencePage } from './send-audience-page.js';

const WORK_FOR_MS = 60_000;
/** Connectors cut by bytes as well; this bounds what is declared, and so what is told twice. */
const MOST_ITEMS = 10_000;

export async function syncAudiencePages(
  deps: ActivityDependencies,
  request: AudienceRequest,
  pulse: Pulse<AudienceReport>,
): Promise<AudienceReport> {
  const until = deps.context.now() + WORK_FOR_MS;
  for (let pages = 0; ;) {
    // Read anew for every page: a stop, a pause or another version holds from the next page on.
    const run = await openAudienceRun(deps.pool, request);
    if (run === null) return { state: 'over', pages };
    const step = await stepOn(deps, run, pulse);
    if (step === 'sent') pages += 1;
    const report: AudienceReport = { state: step === 'over' ? 'over' : 'more', pages };
    pulse.beat(report);
    if (step === 'over' || deps.context.now() > until) return report;
  }
}

type Step = 'sent' | 'looked' | 'over';

async function stepOn(
  deps: ActivityDependencies,
  run: OpenAudienceRun,
  pulse: Pulse<AudienceReport>,
): Promise<Step> {
  if (run.blocked !== null) return end(deps, run, { state: 'stopped', error: run.blocked });
  const parsed = AudienceSchema.safeParse(run.body);
  if (!parsed.success) return end(deps, run, { state: 'failed', error: 'definition_unreadable' });
  const work: AudienceWork = { run, audience: parsed.data };
  if (run.dryRun)
    return (await planAudiencePage(deps.pool, work))
      ? end(deps, run, { state: 'done', error: null })
      : 'looked';
  const target = targetOf(deps, run);
  if (typeof target === 'string') return end(deps, run, { state: 'failed', error: target });
  const declared = await readDeclaredPage(deps.pool, work);
  if (declared !== null) return send(deps, { work, page: declared, target, pulse });
  if (!run.planned && !run.resting) {
    await planAudiencePage(deps.pool, work);
    return 'looked';
  }
  const most = Math.min(target.connector.limits.maxItems, MOST_ITEMS);
  const page = await claimAudiencePage(deps.pool, work, most);
  if (page !== null) return send(deps, { work, page, target, pulse });
  return end(deps, run, { state: run.resting ? 'stopped' : 'done', error: null });
}

export interface AudienceTarget {
  readonly connector: ConnectorDefinition;
  readonly audience: AudienceCapability;
  readonly connection: NonNullable<OpenAudienceRun['connection']>;
}

/** A code where there is nobody to tell. */
function targetOf(
  { findConnector }: ActivityDependencies,
  { connection }: OpenAudienceRun,
): AudienceTarget | string {
  if (connection === null) return 'connection_missing';
  const connector = findConnector(connection.connector);
  if (connector === undefined) return 'connector_missing';
  const { audience } = connector;
  return audience === undefined ? 'no_audiences' : { connector, audience, connection };
}

interface Sending {
  readonly work: AudienceWork;
  readonly page: AudiencePage;
  readonly target: AudienceTarget;
  readonly pulse: Pulse<AudienceReport>;
}

async function send(deps: ActivityDependencies, sending: Sending): Promise<Step> {
  const { work, page, target, pulse } = sending;
  const sent = await sendAudiencePage(deps, { work, page, target, signal: pulse.signal });
  if (sent.attention === null) return 'sent';
  // Nothing more can be told before a person has looked at the connection.
  return end(deps, work.run, { state: 'failed', error: sent.attention });
}

type End = Parameters<typeof endAudienceRun>[2];

async function end(deps: ActivityDependencies, run: OpenAudienceRun, how: End): Promise<'over'> {
  await endAudienceRun(deps.pool, run, how);
  return 'over';
}

/** The run has been given up by its workflow: what is due stays due, and the next run goes on with it. */
export async function giveUpAudience(
  { pool }: ActivityDependencies,
  request: AudienceRequest,
): Promise<void> {
  await endAudienceRun(pool, request, { state: 'failed', error: 'given_up' });
}
