/** One declared page on its way: the call, and what became of everybody on it. */
import { runAction, type ItemResult } from '@throughline/connectors/kit';
import { assertNever } from '@throughline/domain/shared';
import {
  noteConnectionHealth,
  releaseAudiencePage,
  settleAudiencePage,
  type AudienceOutcome,
  type AudiencePage,
  type AudienceWork,
} from '@throughline/store/destinations';
import { tryAgain } from './activity-errors.js';
import type { AudienceTarget } from './audience-pages.js';
import type { ActivityDependencies } from './dependencies.js';
import { runContextOf } from './run-context.js';

export interface AudienceSending {
  readonly work: AudienceWork;
  readonly page: AudiencePage;
  readonly target: AudienceTarget;
  readonly signal: AbortSignal;
}

/** Throws where the destination asks for patience; `attention` is why the connection needs a person. */
export async function sendAudiencePage(
  deps: ActivityDependencies,
  sending: AudienceSending,
): Promise<{ readonly attention: string | null }> {
  const { work, page } = sending;
  const { results, attention } = await call(deps, sending);
  if (attention !== undefined) {
    await settleAudiencePage(deps.pool, work, {
      page,
      outcomes: page.items.flatMap(onlyDone(results)),
    });
    await releaseAudiencePage(deps.pool, work, page);
    await noteConnectionHealth(deps.pool, work.run.workspaceId, {
      connectionKey: sending.target.connection.key,
      code: attention,
    });
    return { attention };
  }
  const outcomes = page.items.map(({ customerId }, index) => outcomeOf(customerId, results[index]));
  const late = patienceOf(results);
  if (outcomes.every(({ outcome }) => outcome === 'again')) {
    await releaseAudiencePage(deps.pool, work, page);
    throw tryAgain(late?.code ?? 'provider_unavailable', late?.afterMs);
  }
  await settleAudiencePage(deps.pool, work, { page, outcomes });
  if (late !== null) throw tryAgain(late.code, late.afterMs);
  return { attention: null };
}

function call(deps: ActivityDependencies, { work, page, target, signal }: AudienceSending) {
  const { connector, connection, audience } = target;
  const { workspaceId, audienceKey } = work.run;
  const owner = { workspaceId, connectionKey: connection.key };
  const secrets = connection.sealed === null ? {} : deps.openSecret(connection.sealed, owner);
  return runAction(
    connector,
    {
      action: audience[page.op],
      settings: { ...connection.settings, ...secrets },
      // The key of a page that is sent again is the same: it is the same effect.
      items: page.items.map(({ customerId, input }) => ({
        key: `${audienceKey}:${page.page}:${customerId}`,
        input: page.op === 'add' ? { ...input, consent: 'granted' } : input,
      })),
    },
    runContextOf(deps, owner, signal),
  );
}

function onlyDone(results: readonly ItemResult[]) {
  return ({ customerId }: { readonly customerId: string }, index: number): AudienceOutcome[] =>
    results[index]?.status === 'delivered' ? [{ customerId, outcome: 'done' }] : [];
}

/** It may have happened all the same; telling it again is harmless, forgetting it would not be. */
const AMBIGUOUS: readonly string[] = ['outcome_unknown', 'response_unreadable', 'connector_defect'];

function outcomeOf(customerId: string, result: ItemResult | undefined): AudienceOutcome {
  if (result === undefined) return { customerId, outcome: 'kept' };
  switch (result.status) {
    case 'delivered':
      return { customerId, outcome: 'done' };
    case 'skipped':
      return { customerId, outcome: 'skipped', code: result.reason };
    case 'failed':
      return { customerId, outcome: 'failed', code: result.code };
    case 'retry':
      return { customerId, outcome: AMBIGUOUS.includes(result.code) ? 'kept' : 'again' };
    case 'unknown':
      return { customerId, outcome: 'kept' };
    default:
      return assertNever(result);
  }
}

interface Patience {
  readonly code: string;
  readonly afterMs?: number;
}

/** The longest wait that anybody on the page was asked for. */
function patienceOf(results: readonly ItemResult[]): Patience | null {
  let longest: Patience | null = null;
  for (const result of results) {
    if (result.status !== 'retry' && result.status !== 'unknown') continue;
    const afterMs = result.status === 'retry' ? result.afterMs : undefined;
    if (longest === null || (afterMs ?? 0) > (longest.afterMs ?? 0))
      longest = { code: result.code, ...(afterMs === undefined ? {} : { afterMs }) };
  }
  return longest;
}
