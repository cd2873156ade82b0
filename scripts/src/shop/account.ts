/** The account of a cohort: what was accepted, what became of it, and that nothing was lost or doubled. */
import { asRecords, asText, type ApiClient } from './api-client.js';
import type { Performance } from './perform.js';
import { accountsOf } from './cast.js';
import type { Fate } from './watch.js';

export interface Account {
  readonly accepted: number;
  readonly entered: number;
  readonly delivered: number;
  readonly suppressedByOrder: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly quarantined: number;
  readonly merged: number;
  /** mails or hooks beyond one per shopper */
  readonly duplicates: number;
  /** acknowledged events that stand neither on a timeline nor in quarantine, and shoppers without their end */
  readonly lost: number;
  /** from sending the first cart to the first mail in the catcher, the wait included */
  readonly firstMailMs: number;
}

export interface Evidence {
  readonly performance: Performance;
  readonly fates: readonly Fate[];
  readonly firstMailAt: number | null;
}

export async function takeAccount(api: ApiClient, evidence: Evidence): Promise<Account> {
  const { performance, fates, firstMailAt } = evidence;
  const known = await knownMessages(api, fates);
  const accepted = new Set(performance.accepted);
  const missing = [...accepted].filter(
    (id) => !known.applied.has(id) && !known.quarantined.has(id),
  );
  const count = (test: (fate: Fate) => boolean): number => fates.filter(test).length;
  return {
    accepted: performance.accepted.length,
    entered: count(({ ending }) => ending !== 'not entered'),
    delivered: count(({ ending }) => ending === 'mailed' || ending === 'hook delivered'),
    suppressedByOrder: count(({ ending }) => ending === 'ordered'),
    skipped: skipsOf(fates),
    quarantined: [...accepted].filter((id) => known.quarantined.has(id)).length,
    merged: count(({ merged }) => merged),
    duplicates: fates.reduce((sum, { mails }) => sum + Math.max(0, mails - 1), 0),
    lost:
      missing.length +
      performance.refused.length +
      count(({ ending, shopper }) => ending !== shopper.expected),
    firstMailMs: firstMailAt === null ? -1 : Math.max(0, firstMailAt - performance.firstCartAt),
  };
}

function skipsOf(fates: readonly Fate[]): Record<string, number> {
  const skips: Record<string, number> = {};
  for (const { ending } of fates) {
    const reason =
      ending === 'bounced'
        ? 'hard_bounce'
        : ending.startsWith('skipped:')
          ? ending.slice('skipped:'.length)
          : null;
    if (reason !== null) skips[reason] = (skips[reason] ?? 0) + 1;
  }
  return skips;
}

interface KnownMessages {
  readonly applied: ReadonlySet<string>;
  readonly quarantined: ReadonlySet<string>;
}

async function knownMessages(api: ApiClient, fates: readonly Fate[]): Promise<KnownMessages> {
  const applied = new Set<string>();
  for (const userId of fates.flatMap(({ shopper }) => accountsOf(shopper))) {
    const found = await api.get(
      `/api/v1/customers?identifier=${encodeURIComponent(`user_id:${userId}`)}`,
    );
    const id = asText(asRecords(found['items'])[0]?.['id']);
    if (id === null) continue;
    for (const event of await api.list(`/api/v1/customers/${id}/timeline`)) {
      const messageId = asText(event['messageId']);
      if (messageId !== null) applied.add(messageId);
    }
  }
  return { applied, quarantined: await quarantinedMessages(api) };
}

async function quarantinedMessages(api: ApiClient): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const item of await api.list('/api/v1/quarantine')) {
    const detail = await api.get(`/api/v1/quarantine/${asText(item['id']) ?? ''}`);
    const messageId = /"messageId":"([^"]+)"/.exec(asText(detail['body']) ?? '')?.[1];
    if (messageId !== undefined) ids.add(messageId);
  }
  return ids;
}
