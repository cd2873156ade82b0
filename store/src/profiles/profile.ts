/** A profile as it is now, in one statement: the read that other systems make while a page waits. */
import type { ConsentState } from '@throughline/domain/consent';
import type { Traits } from '@throughline/domain/profiles';
import type { Queryable } from '../shared/index.js';

export const PROFILE_PARTS = ['traits', 'identifiers', 'consents', 'segments'] as const;
export type ProfilePart = (typeof PROFILE_PARTS)[number];

export interface ProfileConsent {
  readonly purpose: string;
  readonly channel: string;
  readonly state: ConsentState;
  readonly eventTime: number;
  readonly sourceKey: string | null;
}

export interface ProfileIdentifier {
  readonly type: string;
  readonly value: string;
  readonly firstSeenAt: number;
}

export interface ProfileSegment {
  readonly segment: string;
  readonly since: number;
}

/** A part is null where it was not asked for. */
export interface Profile {
  readonly customerId: string;
  readonly createdAt: number;
  /** the log position up to which this holds */
  readonly appliedPosition: number;
  readonly absorbed: readonly string[];
  readonly traits: Traits | null;
  readonly identifiers: readonly ProfileIdentifier[] | null;
  readonly consents: readonly ProfileConsent[] | null;
  readonly segments: readonly ProfileSegment[] | null;
}

export interface ProfileWanted {
  readonly customerId: string;
  readonly parts: readonly ProfilePart[];
}

/** The customer, or the survivor of the merge that took it in: old ids in links and mails go on working. */
export async function readProfile(
  client: Queryable,
  workspaceId: string,
  { customerId, parts }: ProfileWanted,
): Promise<Profile | null> {
  const { rows } = await client.query<Profile>({
    name: 'profile',
    text: PROFILE,
    values: [workspaceId, customerId, parts],
  });
  return rows[0] ?? null;
}

/** As the driver reads a timestamp, for those that travel inside of JSON: whole milliseconds. */
function ms(column: string): string {
  return `floor(extract(epoch from ${column}) * 1000)::float8`;
}

/** Segments that stand for conditions of journeys begin with `_` and are nobody's business. */
const PROFILE = `
  select c.customer_id as "customerId", c.created_at as "createdAt", c.applied_position as "appliedPosition",
         array(select a.customer_id::text from customer a
                where a.workspace_id = $1 and a.merged_into = c.customer_id order by a.customer_id) as absorbed,
         case when 'traits' = any($3::text[]) then c.traits end as traits,
         case when 'identifiers' = any($3::text[]) then (
           select coalesce(json_agg(json_build_object('type', i.type, 'value', i.value, 'firstSeenAt', ${ms('i.first_seen_at')})
                                    order by i.type, i.value), '[]')
             from identifier i where i.workspace_id = $1 and i.customer_id = c.customer_id) end as identifiers,
         case when 'consents' = any($3::text[]) then (
           select coalesce(json_agg(json_build_object('purpose', k.purpose, 'channel', k.channel, 'state', k.state,
                                      'eventTime', ${ms('k.event_time')}, 'sourceKey', k.source_key)
                                    order by k.purpose, k.channel), '[]')
             from consent k where k.workspace_id = $1 and k.customer_id = c.customer_id) end as consents,
         case when 'segments' = any($3::text[]) then (
           select coalesce(json_agg(json_build_object('segment', m.segment_key, 'since', ${ms('m.since')})
                                    order by m.segment_key), '[]')
             from segment_membership m
            where m.workspace_id = $1 and m.customer_id = c.customer_id and left(m.segment_key, 1) <> '_') end as segments
    from customer asked
    join customer c on c.workspace_id = $1 and c.customer_id = coalesce(asked.merged_into, asked.customer_id)
   where asked.workspace_id = $1 and asked.customer_id = $2`;
