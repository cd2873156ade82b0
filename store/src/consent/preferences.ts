/** What a person can be asked about: every purpose that a journey of the workspace sends for, and what they have said of others. */
import type { ConsentState } from '@throughline/domain/consent';
import type { Queryable } from '../shared/index.js';
import { readConsents } from './consents.js';

export interface Preference {
  readonly purpose: string;
  readonly channel: string;
  /** null: nothing was ever said, so nothing is sent */
  readonly state: ConsentState | null;
}

/** The channel that people are written to on. */
const CHANNEL = 'email';

export async function readPreferences(
  client: Queryable,
  workspaceId: string,
  customerId: string,
): Promise<Preference[]> {
  const { rows } = await client.query<{ purpose: string }>(
    `select distinct body ->> 'purpose' as purpose from definition
      where workspace_id = $1 and kind = 'journey' and live_version is not null and archived_at is null
        and jsonb_typeof(body -> 'purpose') = 'string'`,
    [workspaceId],
  );
  const said = await readConsents(client, workspaceId, customerId);
  const preferences = new Map<string, Preference>();
  for (const { purpose } of rows)
    preferences.set(`${purpose} ${CHANNEL}`, {
      purpose,
      channel: CHANNEL,
      state: said.find((word) => word.purpose === purpose && word.channel === '*')?.state ?? null,
    });
  for (const { purpose, channel, state } of said)
    if (channel !== '*' || !preferences.has(`${purpose} ${CHANNEL}`))
      preferences.set(`${purpose} ${channel}`, { purpose, channel, state });
  return [...preferences.values()].sort(byName);
}

function byName(a: Preference, b: Preference): number {
  return a.purpose.localeCompare(b.purpose) || a.channel.localeCompare(b.channel);
}
