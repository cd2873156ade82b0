/** Audiences whose destinations were told of somebody erased: taking them out is the audiences' own work, waiting for it is ours. */
import type { EraseRef, PrivacyPool } from './erasing.js';

export interface ErasedAudience {
  readonly audienceKey: string;
  readonly people: number;
}

/** Those that still know of the person. */
export async function listErasedAudiences(
  pool: PrivacyPool,
  { workspaceId, eraseId }: EraseRef,
): Promise<ErasedAudience[]> {
  const { rows } = await pool.query<ErasedAudience>(
    `select m.audience_key as "audienceKey", count(*)::int as people from audience_member m
       join erasure_person p on p.workspace_id = $1 and p.erase_id = $2 and p.customer_id = m.customer_id
      where m.workspace_id = $1 and m.erased group by m.audience_key order by m.audience_key`,
    [workspaceId, eraseId],
  );
  return rows;
}
