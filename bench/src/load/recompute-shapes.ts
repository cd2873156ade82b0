/** Shapes of segments, and each as one would write it in SQL by hand over the same tables. */
import type { Condition } from '@throughline/domain/segments';

export interface Shape {
  readonly name: string;
  readonly condition: Condition;
  /** $1 is the workspace, $2 the instant; answers customer_id */
  readonly byHand: string;
}

/** A segment that one of the shapes refers to. */
export const VIP = 'vip';

const ALIVE = 'c.workspace_id = $1 and c.merged_into is null';
const OWNED = `from event e join customer a on a.workspace_id = e.workspace_id and a.customer_id = e.customer_id
                where e.workspace_id = $1`;
const OWNER = 'coalesce(a.merged_into, e.customer_id)';
const PRO = `c.traits -> 'plan' ->> 'v' = 'pro'`;

export const SHAPES: readonly Shape[] = [
  {
    name: 'trait',
    condition: { trait: 'plan', op: 'equals', value: 'pro' },
    byHand: `select c.customer_id from customer c where ${ALIVE} and ${PRO}`,
  },
  {
    name: 'window',
    condition: { event: 'Ordered', within: { days: 30 } },
    byHand: `select distinct ${OWNER} as customer_id ${OWNED}
                and e.name = 'Ordered' and e.event_time > $2::timestamptz - interval '30 days'`,
  },
  {
    name: 'join',
    condition: {
      all: [
        { trait: 'plan', op: 'equals', value: 'pro' },
        { event: 'Ordered', within: { days: 30 } },
      ],
    },
    byHand: `select c.customer_id from customer c
              where ${ALIVE} and ${PRO} and c.customer_id in (select ${OWNER} ${OWNED}
                and e.name = 'Ordered' and e.event_time > $2::timestamptz - interval '30 days')`,
  },
  {
    name: 'count',
    condition: {
      event: 'Viewed',
      where: [{ property: 'total', op: 'gte', value: 50 }],
      count: { gte: 3 },
    },
    byHand: `select ${OWNER} as customer_id ${OWNED}
                and e.name = 'Viewed' and (e.body -> 'properties' ->> 'total')::float8 >= 50
              group by 1 having count(*) >= 3`,
  },
  {
    name: 'never',
    condition: { event: 'Ordered', count: { eq: 0 } },
    byHand: `select c.customer_id from customer c
               left join (select distinct ${OWNER} as owner ${OWNED} and e.name = 'Ordered') o on o.owner = c.customer_id
              where ${ALIVE} and o.owner is null`,
  },
  {
    name: 'last',
    condition: { lastEvent: 'Viewed', op: 'olderThan', value: { days: 20 } },
    byHand: `select ${OWNER} as customer_id ${OWNED} and e.name = 'Viewed'
              group by 1 having max(e.event_time) < $2::timestamptz - interval '20 days'`,
  },
  {
    name: 'absence',
    condition: {
      sequence: [{ event: 'Viewed' }, { event: 'Ordered', absent: true, within: { days: 2 } }],
    },
    byHand: `select ${OWNER} as customer_id ${OWNED} and e.name in ('Viewed', 'Ordered')
              group by 1
             having max(e.event_time) filter (where e.name = 'Viewed' and e.event_time <= $2::timestamptz - interval '2 days')
                    > coalesce(max(e.event_time) filter (where e.name = 'Ordered'), '-infinity')`,
  },
  {
    name: 'tree',
    condition: {
      any: [
        { all: [{ segment: VIP }, { not: { event: 'Ordered', within: { days: 10 } } }] },
        {
          all: [
            { trait: 'spent', op: 'gte', value: 900 },
            { event: 'Viewed', count: { gte: 4 } },
          ],
        },
      ],
    },
    byHand: `select c.customer_id from customer c
               left join (select ${OWNER} as owner ${OWNED} and e.name = 'Ordered'
                             and e.event_time > $2::timestamptz - interval '10 days' group by 1) o on o.owner = c.customer_id
               left join (select ${OWNER} as owner, count(*) as n ${OWNED} and e.name = 'Viewed' group by 1) v on v.owner = c.customer_id
               left join segment_membership m on m.workspace_id = $1 and m.segment_key = '${VIP}' and m.customer_id = c.customer_id
              where ${ALIVE} and ((m.customer_id is not null and o.owner is null)
                 or ((c.traits -> 'spent' ->> 'v')::float8 >= 900 and v.n >= 4))`,
  },
];
