/** What is true of people now, as far as an audience asks: one statement for a page of them. */
import { consentFor, type Consent } from '@throughline/domain/consent';
import {
  audienceInput,
  type AudienceDefinition,
  type AudiencePerson,
} from '@throughline/domain/destinations';
import type { Traits } from '@throughline/domain/profiles';
import type { Queryable } from '../shared/index.js';

interface PersonRow {
  readonly customerId: string;
  readonly gone: boolean;
  readonly inSegment: boolean;
  readonly traits: Traits | null;
  readonly identifiers: Readonly<Record<string, string>> | null;
  readonly consents: readonly Consent[] | null;
}

/** Of a type with several values the newest counts, as for a message. */
const READ = `
  select q.id as "customerId", c.customer_id is null or c.merged_into is not null as gone, c.traits,
         exists (select from segment_membership m
                  where m.workspace_id = $1 and m.customer_id = q.id and m.segment_key = $3) as "inSegment",
         (select jsonb_object_agg(l.type, l.value) from (
            select distinct on (i.type) i.type, i.value from identifier i
             where i.workspace_id = $1 and i.customer_id = q.id order by i.type, i.first_seen_at desc, i.value) l) as identifiers,
         (select jsonb_agg(jsonb_build_object('purpose', s.purpose, 'channel', s.channel, 'state', s.state, 'position', s.position,
                   'ordinal', s.ordinal, 'eventTime', (extract(epoch from s.event_time) * 1000)::bigint))
            from consent s where s.workspace_id = $1 and s.customer_id = q.id and s.purpose = $4) as consents
    from unnest($2::uuid[]) q(id)
    left join customer c on c.workspace_id = $1 and c.customer_id = q.id`;

export async function readAudiencePeople(
  client: Queryable,
  workspaceId: string,
  { audience, ids }: { readonly audience: AudienceDefinition; readonly ids: readonly string[] },
): Promise<ReadonlyMap<string, AudiencePerson>> {
  if (ids.length === 0) return new Map();
  const { segment, purpose } = audience;
  const values = [workspaceId, ids, segment, purpose];
  const { rows } = await client.query<PersonRow>({ name: 'audience-people', text: READ, values });
  return new Map(rows.map((row) => [row.customerId, personOf(audience, row)]));
}

function personOf(audience: AudienceDefinition, row: PersonRow): AudiencePerson {
  const { purpose, consentChannel } = audience;
  const values = { identifiers: row.identifiers ?? {}, traits: row.traits ?? {} };
  return {
    gone: row.gone,
    inSegment: row.inSegment,
    consented: consentFor(row.consents ?? [], purpose, consentChannel)?.state === 'granted',
    input: audienceInput(audience, values),
  };
}
