/** What became of a declared page, person by person. Written twice it is written once: only rows of the page are touched. */
import type pg from 'pg';
import { audienceKeys } from '@throughline/domain/destinations';
import { inWorkspace, type Queryable } from '../shared/index.js';
import { addCounts, addFailures } from './audience-counts.js';
import type { AudienceOutcome, AudiencePage, AudienceWork } from './audience-types.js';

/** After so many times that somebody alone was put off, they count as refused. */
const MOST_ATTEMPTS = 8;

export function settleAudiencePage(
  pool: pg.Pool,
  work: AudienceWork,
  {
    page,
    outcomes,
  }: { readonly page: AudiencePage; readonly outcomes: readonly AudienceOutcome[] },
): Promise<void> {
  const { run } = work;
  return inWorkspace(pool, run.workspaceId, async (client) => {
    const settling = { client, work, page };
    const done = outcomes.flatMap((one) => (one.outcome === 'done' ? [one.customerId] : []));
    await settleDone(settling, done);
    await settleSkipped(settling, outcomes);
    await settleFailed(settling, outcomes);
    const again = outcomes.flatMap((one) => (one.outcome === 'again' ? [one.customerId] : []));
    await putOff(settling, again);
  });
}

/**
 * The whole page did definitely not go out: it is not declared any more, and everybody is looked at anew. An outage is nobody's fault,
 * so it counts only for those who had been put off alone before.
 */
export function releaseAudiencePage(
  pool: pg.Pool,
  work: AudienceWork,
  page: AudiencePage,
): Promise<void> {
  const { run } = work;
  return inWorkspace(pool, run.workspaceId, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `select customer_id as id from audience_member
        where workspace_id = $1 and audience_key = $2 and page = $3 and attempts > 0 for update`,
      [run.workspaceId, run.audienceKey, page.page],
    );
    const again = rows.map(({ id }) => id);
    await putOff({ client, work, page }, again);
    await client.query(
      `update audience_member set page = null, input = null where workspace_id = $1 and audience_key = $2 and page = $3`,
      [run.workspaceId, run.audienceKey, page.page],
    );
  });
}

interface Settling {
  readonly client: Queryable;
  readonly work: AudienceWork;
  readonly page: AudiencePage;
}

async function settleDone(
  { client, work: { run, audience }, page }: Settling,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const { workspaceId, audienceKey } = run;
  const known = new Map(page.items.map((item) => [item.customerId, item.input]));
  const keys = ids.map((id) => ({ id, keys: audienceKeys(known.get(id) ?? {}) }));
  const values = [workspaceId, audienceKey, page.page, JSON.stringify(keys)];
  const { rowCount } = await client.query(page.op === 'add' ? ADDED : REMOVED, values);
  await addCounts(client, run, { [page.op === 'add' ? 'added' : 'removed']: rowCount ?? 0 });
  if (page.op === 'add') return;
  await client.query(
    `delete from audience_member where workspace_id = $1 and audience_key = $2 and erased and told is null and page is null`,
    [workspaceId, audienceKey],
  );
  // Somebody else may have been known by the same address: with the one the destination has lost the other.
  if (audience.mode !== 'subtractive')
    await client.query(LOST_WITH, [workspaceId, audienceKey, keys.flatMap((one) => one.keys)]);
}

const ADDED = `
  update audience_member m set told = m.input, keys = array(select jsonb_array_elements_text(r.keys)), page = null, input = null, code = null,
         attempts = 0, op = case when m.erased then 'remove' end
    from jsonb_to_recordset($4::jsonb) as r(id uuid, keys jsonb)
   where m.workspace_id = $1 and m.audience_key = $2 and m.page = $3 and m.customer_id = r.id`;

/** Whoever was taken out because they have changed is to be put in: looked at again. */
const REMOVED = `
  update audience_member m set told = null, keys = null, page = null, input = null, code = null, attempts = 0, op = 'add'
    from jsonb_to_recordset($4::jsonb) as r(id uuid, keys jsonb)
   where m.workspace_id = $1 and m.audience_key = $2 and m.page = $3 and m.customer_id = r.id`;

const LOST_WITH = `
  update audience_member set told = null, keys = null, op = 'add'
   where workspace_id = $1 and audience_key = $2 and keys && $3::text[] and page is null and not erased`;

/** There is nothing that the destination could do about them; an event of theirs has them looked at again. */
async function settleSkipped(
  { client, work: { run }, page }: Settling,
  outcomes: readonly AudienceOutcome[],
): Promise<void> {
  const skipped = outcomes.flatMap((one) => (one.outcome === 'skipped' ? [one] : []));
  if (skipped.length === 0) return;
  const { rowCount } = await client.query(
    `update audience_member set page = null, input = null, op = null, told = null, keys = null
      where workspace_id = $1 and audience_key = $2 and page = $3 and customer_id = any($4::uuid[])`,
    [run.workspaceId, run.audienceKey, page.page, skipped.map((one) => one.customerId)],
  );
  await addCounts(client, run, { nothing_to_match: rowCount ?? 0 });
}

async function settleFailed(
  { client, work: { run }, page }: Settling,
  outcomes: readonly AudienceOutcome[],
): Promise<void> {
  const failed = outcomes.flatMap((one) => (one.outcome === 'failed' ? [one] : []));
  if (failed.length === 0) return;
  const { rows } = await client.query<{ customerId: string; code: string }>(
    `update audience_member m set page = null, input = null, code = r.code
       from jsonb_to_recordset($4::jsonb) as r(id uuid, code text)
      where m.workspace_id = $1 and m.audience_key = $2 and m.page = $3 and m.customer_id = r.id
      returning m.customer_id as "customerId", m.code`,
    [
      run.workspaceId,
      run.audienceKey,
      page.page,
      JSON.stringify(failed.map(({ customerId, code }) => ({ id: customerId, code }))),
    ],
  );
  await addCounts(client, run, { failed: rows.length });
  await addFailures(client, run, rows);
}

async function putOff(
  { client, work: { run }, page }: Settling,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const { rows } = await client.query<{ customerId: string; code: string | null }>(
    `update audience_member set page = null, input = null, attempts = attempts + 1,
            code = case when attempts + 1 >= $5 then 'put_off_too_often' end
      where workspace_id = $1 and audience_key = $2 and page = $3 and customer_id = any($4::uuid[])
      returning customer_id as "customerId", code`,
    [run.workspaceId, run.audienceKey, page.page, ids, MOST_ATTEMPTS],
  );
  const failed = rows.flatMap(({ customerId, code }) =>
    code === null ? [] : [{ customerId, code }],
  );
  await addCounts(client, run, { failed: failed.length });
  await addFailures(client, run, failed);
}
