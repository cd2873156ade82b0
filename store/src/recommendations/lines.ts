/** Lines of orders as SQL: which customer bought which item, with which event. */

/** A dotted path of the settings as PostgreSQL's operator #> takes it. */
export function pathOf(dotted: string): string[] {
  return dotted.split('.');
}

/**
 * $1 workspace, $2 event, $3 path of the list in its properties or null, $4 path of the id in each. Whoever was merged away counts
 * as who they are now. What is no list, or has no id of a bearable length, is passed over: orders are as their source wrote them.
 */
export function linesSql(where: string): string {
  return `
    select e.position, e.ordinal, coalesce(c.merged_into, c.customer_id) as owner, i.item_id collate "C" as item_id
      from event e
      join customer c on c.workspace_id = $1 and c.customer_id = e.customer_id
     cross join lateral jsonb_array_elements(
             case when $3::text[] is null then jsonb_build_array(e.body -> 'properties')
                  when jsonb_typeof(e.body -> 'properties' #> $3::text[]) = 'array' then e.body -> 'properties' #> $3::text[]
                  else '[]'::jsonb end) as line(value)
     cross join lateral (
             select case when jsonb_typeof(line.value #> $4::text[]) in ('string', 'number')
                         then line.value #>> $4::text[] end as item_id) as i
     where e.workspace_id = $1 and e.type = 'track' and e.name = $2 and length(i.item_id) between 1 and 200 ${where}`;
}
