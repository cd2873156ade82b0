import type { Queryable } from '../shared/index.js';

export interface Vocabulary {
  readonly events: readonly string[];
  readonly traits: readonly string[];
}

/** Names among the latest events and people: bounded, because nobody may wait for a count of everything. */
export async function readVocabulary(client: Queryable, workspaceId: string): Promise<Vocabulary> {
  const events = await client.query<{ name: string }>(
    `select distinct name from (
       select name from event where workspace_id = $1 order by position desc, ordinal desc limit 20000) latest
      order by name limit 1000`,
    [workspaceId],
  );
  const traits = await client.query<{ name: string }>(
    `select distinct jsonb_object_keys(traits) as name from (
       select traits from customer where workspace_id = $1 and merged_into is null order by customer_id desc limit 2000) latest
      order by name limit 1000`,
    [workspaceId],
  );
  return { events: events.rows.map(namesOf), traits: traits.rows.map(namesOf) };
}

function namesOf({ name }: { readonly name: string }): string {
  return name;
}
