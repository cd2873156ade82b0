/** What a source's pages may be told, and who is asking. */
import {
  PersonalisationSchema,
  type Personalisation,
} from '@throughline/domain/recommendations/schemas';
import type { Queryable } from '../shared/index.js';

/** Null where the source tells its pages nothing. */
export async function readPersonalisation(
  client: Queryable,
  workspaceId: string,
  sourceKey: string,
): Promise<Personalisation | null> {
  const { rows } = await client.query<{ settings: unknown }>(
    `select settings from personalisation where workspace_id = $1 and source_key = $2`,
    [workspaceId, sourceKey],
  );
  const [row] = rows;
  return row === undefined ? null : PersonalisationSchema.parse(row.settings);
}

export async function putPersonalisation(
  client: Queryable,
  workspaceId: string,
  { sourceKey, settings }: { readonly sourceKey: string; readonly settings: Personalisation },
): Promise<void> {
  await client.query(
    `insert into personalisation (workspace_id, source_key, settings) values ($1, $2, $3)
     on conflict (workspace_id, source_key) do update set settings = excluded.settings, updated_at = clock_timestamp()`,
    [workspaceId, sourceKey, JSON.stringify(settings)],
  );
}

export interface VisitorWanted {
  readonly anonymousId: string | null;
  readonly userId: string | null;
  readonly purpose: string;
  readonly channel: string;
}

/**
 * The customer whom every identifier given names, if they have consented; null for everybody else. One statement, whoever is asked
 * for: somebody who is not there, and somebody who does not wish it, look alike and take alike.
 */
export async function findVisitor(
  client: Queryable,
  workspaceId: string,
  { anonymousId, userId, purpose, channel }: VisitorWanted,
): Promise<string | null> {
  const { rows } = await client.query<{ customerId: string }>({
    name: 'find-visitor',
    text: VISITOR,
    values: [workspaceId, anonymousId, userId, purpose, channel],
  });
  return rows[0]?.customerId ?? null;
}

/** The word of the channel holds; the purpose's \`*\` where the channel has none (domain/consent \`consentFor\`). */
const VISITOR = `
  with named as (
    select coalesce(c.merged_into, c.customer_id) as customer_id
      from identifier i
      join customer c on c.workspace_id = $1 and c.customer_id = i.customer_id
     where i.workspace_id = $1
       and ((i.type = 'anonymous_id' and i.value = $2::text) or (i.type = 'user_id' and i.value = $3::text))),
  agreed as (
    select customer_id from named group by customer_id
    having count(*) = (($2::text is not null)::int + ($3::text is not null)::int))
  select a.customer_id as "customerId" from agreed a
   where (select k.state from consent k
           where k.workspace_id = $1 and k.customer_id = a.customer_id and k.purpose = $4 and k.channel in ($5, '*')
           order by (k.channel = $5) desc limit 1) = 'granted'`;
