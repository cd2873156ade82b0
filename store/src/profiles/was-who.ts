/** Who was who at an instant: the merges that held then, those included that have been undone since. */
import type { InputRef } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';

export interface PastMerge extends InputRef {
  readonly rank: number;
  readonly survivorId: string;
  readonly absorbedId: string;
  /** lane clock, ms */
  readonly at: number;
  readonly undonePosition: number | null;
  /** lane clock of the input that parted the two again, ms */
  readonly undoneAt: number | null;
  /** both sides were kept as they were just before */
  readonly remembered: boolean;
}

export interface WasWho {
  /** who the customer was */
  readonly customerId: string;
  /** the profiles that this person consisted of, their own among them */
  readonly profiles: readonly string[];
  /** everybody whom one of them has ever been one with until then */
  readonly related: readonly string[];
  readonly merges: readonly PastMerge[];
  /** those that held */
  readonly held: readonly PastMerge[];
  /** somebody was parted from one of these profiles again */
  readonly wasParted: boolean;
}

/** `asOf`: ms since epoch, of the lane's clock. */
export async function readWasWho(
  client: Queryable,
  workspaceId: string,
  { customerId, asOf }: { readonly customerId: string; readonly asOf: number },
): Promise<WasWho> {
  const { rows: merges } = await client.query<PastMerge>(MERGES, [
    workspaceId,
    customerId,
    new Date(asOf).toISOString(),
  ]);
  const held = merges.filter(({ undoneAt }) => undoneAt === null || undoneAt > asOf);
  const next = new Map(held.map(({ absorbedId, survivorId }) => [absorbedId, survivorId]));
  const was = (id: string): string => {
    let current = id;
    for (let one = next.get(current); one !== undefined; one = next.get(current)) current = one;
    return current;
  };
  const related = [
    ...new Set([customerId, ...merges.flatMap((one) => [one.survivorId, one.absorbedId])]),
  ];
  const self = was(customerId);
  const profiles = related.filter((id) => was(id) === self);
  const wasParted = merges.some(
    (one) =>
      !held.includes(one) &&
      (profiles.includes(one.survivorId) || profiles.includes(one.absorbedId)),
  );
  return { customerId: self, profiles, related, merges, held, wasParted };
}

/** An unmerge is dated by the identifiers that it moved; everybody has one that is their own. */
const MERGES = `
  with recursive related(id) as (
    select $2::uuid
    union
    select case when m.survivor_id = r.id then m.absorbed_id else m.survivor_id end
      from related r
      join customer_merge m on m.workspace_id = $1 and m.at <= $3::timestamptz and (m.survivor_id = r.id or m.absorbed_id = r.id)
  )
  select m.position, m.ordinal, m.rank, m.survivor_id as "survivorId", m.absorbed_id as "absorbedId", m.at,
         m.undone_position as "undonePosition", m.survivor_state is not null as remembered,
         case when m.undone_position is not null then coalesce(
           (select min(i.at) from identifier_change i where i.workspace_id = $1 and i.position = m.undone_position), m.at) end as "undoneAt"
    from customer_merge m
   where m.workspace_id = $1 and m.at <= $3::timestamptz and m.survivor_id in (select id from related)
   order by m.position, m.ordinal, m.rank`;
