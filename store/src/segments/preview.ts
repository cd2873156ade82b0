import type { Condition } from '@throughline/domain/segments';
import type { Queryable } from '../shared/index.js';
import { membersSql, type ConditionAt } from './compile-condition.js';
import { SqlParameters } from './sql-parameters.js';

export interface PreviewWanted extends ConditionAt {
  readonly purpose: string;
  readonly channel: 'email';
  readonly samples: number;
}

export interface Preview {
  readonly count: number;
  /** ids, chosen by hash: the same ones every time, and neither the newest nor the oldest */
  readonly sample: readonly string[];
  readonly reach: Reach;
}

export interface Reach {
  /** have an address on the channel: the trait, else an identifier */
  readonly addressed: number;
  /** of these: granted the purpose on the channel */
  readonly consented: number;
  /** of all who are addressed: whose address must not be written to */
  readonly suppressed: number;
  /** addressed, consented and not suppressed */
  readonly reachable: number;
}

/** Who would be in, without storing anything: exact, not estimated, by one statement over one snapshot. */
export async function previewMembers(
  client: Queryable,
  condition: Condition,
  wanted: PreviewWanted,
): Promise<Preview> {
  const parameters = new SqlParameters();
  const members = membersSql(condition, wanted, parameters);
  const { rows } = await client.query<Preview & Reach>(previewSql(members, wanted, parameters), [
    ...parameters.values,
  ]);
  const [row] = rows;
  if (row === undefined) return { count: 0, sample: [], reach: NOBODY };
  const { count, sample, addressed, consented, suppressed, reachable } = row;
  return { count, sample, reach: { addressed, consented, suppressed, reachable } };
}

const NOBODY: Reach = { addressed: 0, consented: 0, suppressed: 0, reachable: 0 };

/**
 * The address is chosen as a send chooses it (store/destinations guards): the trait where it says anything, else the newest
 * identifier. Consent is the channel's own word, else the purpose's word for `*` (domain/consent consentFor).
 */
function previewSql(members: string, wanted: PreviewWanted, parameters: SqlParameters): string {
  const workspace = parameters.bind(wanted.workspaceId, 'uuid');
  const channel = parameters.bind(wanted.channel, 'text');
  const purpose = parameters.bind(wanted.purpose, 'text');
  const blanks = parameters.bind(BLANKS, 'text');
  return `
    with member as materialized (${members}),
    said as (
      select m.customer_id,
             case when jsonb_typeof(c.traits -> ${channel} -> 'v') = 'string'
                  then nullif(btrim(c.traits -> ${channel} ->> 'v', ${blanks}), '') end as address
        from member m join customer c on c.workspace_id = ${workspace} and c.customer_id = m.customer_id
    ),
    reached as (
      select coalesce(s.address, i.value) is not null as addressed,
             coalesce(own.state, general.state) = 'granted' as consented,
             x.address_hash is not null as suppressed
        from said s
        left join lateral (
          select value from identifier
           where s.address is null and workspace_id = ${workspace} and customer_id = s.customer_id and type = ${channel}
           order by first_seen_at desc, value limit 1) i on true
        left join consent own on own.workspace_id = ${workspace} and own.customer_id = s.customer_id
         and own.purpose = ${purpose} and own.channel = ${channel}
        left join consent general on general.workspace_id = ${workspace} and general.customer_id = s.customer_id
         and general.purpose = ${purpose} and general.channel = '*'
        left join suppression x on x.workspace_id = ${workspace} and x.channel = ${channel}
         and x.address_hash = sha256(convert_to(${channel} || ':' || lower(btrim(coalesce(s.address, i.value), ${blanks})), 'UTF8'))
    )
    select (select count(*)::int from member) as count,
           array(select customer_id::text from member
                  order by uuid_hash(customer_id), customer_id limit ${parameters.bind(wanted.samples, 'int')}) as sample,
           count(*) filter (where addressed)::int as addressed,
           count(*) filter (where addressed and consented)::int as consented,
           count(*) filter (where addressed and suppressed)::int as suppressed,
           count(*) filter (where addressed and consented and not suppressed)::int as reachable
      from reached`;
}

/** What String.prototype.trim takes away. */
const BLANKS =
  '\t\n\u000b\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';
