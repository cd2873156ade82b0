/**
 * Pages of an audience: declared in PostgreSQL before they are sent. A page that was declared and not settled may have gone out, so
 * it is sent again as it stands before anything else happens to the audience; telling a destination twice changes nothing.
 */
import type pg from 'pg';
import {
  planAudience,
  type AudienceInput,
  type AudiencePlan,
} from '@throughline/domain/destinations';
import { inWorkspace, type Queryable } from '../shared/index.js';
import { addCounts } from './audience-counts.js';
import { readAudiencePeople } from './audience-people.js';
import type { AudiencePage, AudienceWork } from './audience-types.js';

interface MemberRow {
  readonly customerId: string;
  readonly told: AudienceInput | null;
  readonly op: 'add' | 'remove';
  readonly erased: boolean;
}

/** The page that an earlier attempt declared; null: every page is settled. */
export function readDeclaredPage(
  pool: pg.Pool,
  { run }: AudienceWork,
): Promise<AudiencePage | null> {
  return inWorkspace(pool, run.workspaceId, async (client) => {
    // Whoever has been erased since is not told of again: what may have been told is taken out.
    await client.query(
      `update audience_member set told = input, op = 'remove', page = null, input = null
        where workspace_id = $1 and audience_key = $2 and page is not null and erased and op = 'add'`,
      [run.workspaceId, run.audienceKey],
    );
    const { rows } = await client.query<{
      customerId: string;
      input: AudienceInput;
      op: 'add' | 'remove';
      page: number;
    }>(
      `select customer_id as "customerId", input, op, page from audience_member
        where workspace_id = $1 and audience_key = $2 and page is not null order by customer_id`,
      [run.workspaceId, run.audienceKey],
    );
    const [first] = rows;
    if (first === undefined) return null;
    const items = rows.map(({ customerId, input }) => ({ customerId, input }));
    return { page: first.page, op: first.op, items };
  });
}

/** Declares the next page: removals first. Null: nobody is due. */
export async function claimAudiencePage(
  pool: pg.Pool,
  work: AudienceWork,
  maxItems: number,
): Promise<AudiencePage | null> {
  const { workspaceId } = work.run;
  for (;;) {
    const claimed = await inWorkspace(pool, workspaceId, (client) => claim(client, work, maxItems));
    if (claimed === 'nobody') return null;
    // Those who were expected to be due and are not, have been put right: look on.
    if (claimed !== 'settled') return claimed;
  }
}

async function claim(
  client: Queryable,
  work: AudienceWork,
  maxItems: number,
): Promise<AudiencePage | 'nobody' | 'settled'> {
  const { run, audience } = work;
  const { workspaceId, audienceKey } = run;
  await client.query(
    'select from audience_sync where workspace_id = $1 and audience_key = $2 for update',
    [workspaceId, audienceKey],
  );
  const due = await client.query<{ id: string }>(DUE, [
    workspaceId,
    audienceKey,
    maxItems,
    run.resting,
  ]);
  const ids = due.rows.map(({ id }) => id);
  if (ids.length === 0) return 'nobody';
  const rows = await lockMembers(client, work, ids);
  const [first] = rows;
  if (first === undefined) return 'settled';
  const people = await readAudiencePeople(client, workspaceId, { audience, ids });
  const looked = rows.map((row) => {
    const person = people.get(row.customerId);
    const gone = row.erased || person === undefined;
    const known = person ?? { gone, inSegment: false, consented: false, input: null };
    return {
      row,
      plan: planAudience(audience.mode, { ...known, gone: gone || known.gone }, row.told),
    };
  });
  await putRight(client, work, looked);
  const items = looked.flatMap(({ row: { customerId }, plan }) =>
    plan.kind === first.op ? [{ customerId, input: plan.input }] : [],
  );
  if (items.length === 0) return 'settled';
  return declare(client, work, { op: first.op, items });
}

/** One kind a page, and removals before additions: two people may share what a destination knows them by. */
const DUE = `
  select customer_id as id from audience_member
   where workspace_id = $1 and audience_key = $2 and code is null and page is null and (erased or not $4)
     and op = (select max(op) from audience_member
                where workspace_id = $1 and audience_key = $2 and op is not null and code is null and page is null
                  and (erased or not $4))
   order by customer_id limit $3`;

/**
 * People before their rows, as everybody locks. Whoever is being erased is either gone when they are looked at here, or their erasure
 * finds them on a declared page: nobody is told of and then forgotten here alone.
 */
async function lockMembers(
  client: Queryable,
  { run: { workspaceId, audienceKey } }: AudienceWork,
  ids: readonly string[],
): Promise<MemberRow[]> {
  await client.query(
    'select from customer where workspace_id = $1 and customer_id = any($2::uuid[]) order by customer_id for key share',
    [workspaceId, ids],
  );
  const { rows } = await client.query<MemberRow>(
    `select customer_id as "customerId", told, op, erased from audience_member
      where workspace_id = $1 and audience_key = $2 and customer_id = any($3::uuid[])
        and op is not null and code is null and page is null
      order by customer_id for update`,
    [workspaceId, audienceKey, ids],
  );
  return rows;
}

interface Looked {
  readonly row: MemberRow;
  readonly plan: AudiencePlan;
}

/** Those for whom another thing is to be done than was expected, or nothing. */
async function putRight(
  client: Queryable,
  { run }: AudienceWork,
  looked: readonly Looked[],
): Promise<void> {
  const other = looked.filter(({ row, plan }) => plan.kind !== row.op);
  if (other.length === 0) return;
  const { workspaceId, audienceKey } = run;
  const changes = other.map(({ row: { customerId, told }, plan }) => ({
    id: customerId,
    op: plan.kind === 'add' || plan.kind === 'remove' ? plan.kind : null,
    told: plan.kind === 'note' ? plan.input : told,
    forget: plan.kind === 'none' && told === null && plan.why !== 'nothing_to_match',
  }));
  await client.query(PUT_RIGHT, [workspaceId, audienceKey, JSON.stringify(changes)]);
  await client.query(FORGET, [
    workspaceId,
    audienceKey,
    changes.flatMap(({ id, forget }) => (forget ? [id] : [])),
  ]);
  const noted = other.filter(({ plan }) => plan.kind === 'note').length;
  await addCounts(client, run, { noted });
}

const PUT_RIGHT = `
  update audience_member m set op = r.op, told = nullif(r.told, 'null'::jsonb)
    from jsonb_to_recordset($3::jsonb) as r(id uuid, op text, told jsonb)
   where m.workspace_id = $1 and m.audience_key = $2 and m.customer_id = r.id`;

const FORGET = `delete from audience_member where workspace_id = $1 and audience_key = $2 and customer_id = any($3::uuid[])`;

async function declare(
  client: Queryable,
  { run }: AudienceWork,
  { op, items }: Pick<AudiencePage, 'op' | 'items'>,
): Promise<AudiencePage> {
  const { workspaceId, audienceKey } = run;
  const { rows } = await client.query<{ page: number }>(
    `update audience_sync set next_page = next_page + 1
      where workspace_id = $1 and audience_key = $2 returning next_page - 1 as page`,
    [workspaceId, audienceKey],
  );
  const page = rows[0]?.page ?? 0;
  await client.query(
    `update audience_member m set page = $3, input = r.input
       from jsonb_to_recordset($4::jsonb) as r(id uuid, input jsonb)
      where m.workspace_id = $1 and m.audience_key = $2 and m.customer_id = r.id`,
    [
      workspaceId,
      audienceKey,
      page,
      JSON.stringify(items.map(({ customerId, input }) => ({ id: customerId, input }))),
    ],
  );
  return { page, op, items };
}
