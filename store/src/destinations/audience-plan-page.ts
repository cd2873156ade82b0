/**
 * Whom a run looks at, page by page: everybody of segment and audience, or those whom a part of the log says something of. A page
 * marks who is due; what is to be done about them is decided when they are claimed.
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
import type { AudienceSample, AudienceWork } from './audience-types.js';

const PAGE = 1_000;
const MOST_SAMPLES = 20;

/** True once there is nobody left to look at. */
export function planAudiencePage(pool: pg.Pool, work: AudienceWork): Promise<boolean> {
  const { workspaceId, runId } = work.run;
  return inWorkspace(pool, workspaceId, async (client) => {
    const { rows } = await client.query<{ cursor: string | null; planned: boolean }>(
      `select cursor, planned from audience_run where workspace_id = $1 and run_id = $2 and state = 'running' for update`,
      [workspaceId, runId],
    );
    const [at] = rows;
    if (at === undefined || at.planned) return true;
    const ids = await candidates(client, work, at.cursor);
    await mark(client, work, ids);
    const planned = ids.length < PAGE;
    await client.query(
      `update audience_run set cursor = $3, planned = $4 where workspace_id = $1 and run_id = $2`,
      [workspaceId, runId, ids.at(-1) ?? at.cursor, planned],
    );
    if (planned && !work.run.dryRun) await moveOn(client, work);
    return planned;
  });
}

/** What is marked is safe: the next run looks at what comes after. */
async function moveOn(client: Queryable, { run }: AudienceWork): Promise<void> {
  await client.query(
    `update audience_sync set position = greatest(position, $3), version = case when $4 then $5 else version end
      where workspace_id = $1 and audience_key = $2`,
    [run.workspaceId, run.audienceKey, run.to, run.kind === 'full', run.version],
  );
}

async function candidates(
  client: Queryable,
  { run, audience }: AudienceWork,
  after: string | null,
): Promise<string[]> {
  const { workspaceId, audienceKey, from, to } = run;
  const values =
    run.kind === 'full'
      ? [workspaceId, audienceKey, audience.segment, after, PAGE]
      : [workspaceId, audienceKey, audience.segment, after, PAGE, audience.purpose, from, to];
  const text = run.kind === 'full' ? EVERYBODY : CHANGED;
  const { rows } = await client.query<{ id: string }>(text, values);
  return rows.map(({ id }) => id);
}

const EVERYBODY = `
  select id from (
    (select customer_id as id from segment_membership
      where workspace_id = $1 and segment_key = $3 and ($4::uuid is null or customer_id > $4) order by customer_id limit $5)
    union
    (select customer_id from audience_member
      where workspace_id = $1 and audience_key = $2 and ($4::uuid is null or customer_id > $4) order by customer_id limit $5)
  ) one order by id limit $5`;

/** Of people who are in the audience, any event may have changed what it knows them by. */
const CHANGED = `
  select id from (
    select customer_id as id from segment_membership_change
     where workspace_id = $1 and segment_key = $3 and position > $7 and position <= $8
    union
    select customer_id from consent_change where workspace_id = $1 and purpose = $6 and position > $7 and position <= $8
    union
    select unnest(array[survivor_id, absorbed_id]) from customer_merge
     where workspace_id = $1 and (position > $7 and position <= $8 or undone_position > $7 and undone_position <= $8)
    union
    select m.customer_id from event e
      join audience_member m on m.workspace_id = $1 and m.audience_key = $2 and m.customer_id = e.customer_id
     where e.workspace_id = $1 and e.position > $7 and e.position <= $8
  ) one where $4::uuid is null or id > $4 order by id limit $5`;

interface Looked {
  readonly customerId: string;
  readonly plan: AudiencePlan;
}

async function mark(
  client: Queryable,
  { run, audience }: AudienceWork,
  ids: readonly string[],
): Promise<void> {
  const { workspaceId, audienceKey } = run;
  const people = await readAudiencePeople(client, workspaceId, { audience, ids });
  const told = await readTold(client, workspaceId, { audienceKey, ids });
  const looked = [...people].map(([customerId, person]) => ({
    customerId,
    plan: planAudience(audience.mode, person, told.get(customerId) ?? null),
  }));
  const { runId } = run;
  await addCounts(client, { workspaceId, runId }, countsOf(looked, run.dryRun));
  if (run.dryRun) {
    await addSamples(client, { workspaceId, runId }, looked.flatMap(sampleOf));
    return;
  }
  await client.query(MARK, [workspaceId, audienceKey, JSON.stringify(looked.flatMap(markOf))]);
  await client.query(LOOK_AGAIN, [workspaceId, audienceKey, ids]);
}

async function readTold(
  client: Queryable,
  workspaceId: string,
  { audienceKey, ids }: { readonly audienceKey: string; readonly ids: readonly string[] },
): Promise<ReadonlyMap<string, AudienceInput>> {
  const { rows } = await client.query<{ id: string; told: AudienceInput }>(
    `select customer_id as id, told from audience_member
      where workspace_id = $1 and audience_key = $2 and customer_id = any($3::uuid[]) and told is not null`,
    [workspaceId, audienceKey, ids],
  );
  return new Map(rows.map(({ id, told }) => [id, told]));
}

/** op null: nothing to find them by yet; remembered, so that an event of theirs has them looked at again. */
function markOf({ customerId, plan }: Looked): { id: string; op: string | null }[] {
  if (plan.kind === 'remove') return [{ id: customerId, op: 'remove' }];
  if (plan.kind !== 'none') return [{ id: customerId, op: 'add' }];
  return plan.why === 'nothing_to_match' ? [{ id: customerId, op: null }] : [];
}

const MARK = `
  insert into audience_member as m (workspace_id, audience_key, customer_id, op)
  select $1, $2, r.id, r.op from json_to_recordset($3::json) as r(id uuid, op text) order by r.id
  on conflict (workspace_id, audience_key, customer_id) do update set op = coalesce(excluded.op, m.op)
   where m.page is null and m.op is distinct from coalesce(excluded.op, m.op)`;

/** What was refused is tried again, now that something has changed. */
const LOOK_AGAIN = `
  update audience_member set code = null, attempts = 0
   where workspace_id = $1 and audience_key = $2 and customer_id = any($3::uuid[]) and code is not null`;

const SAID: readonly string[] = ['no_consent', 'nothing_to_match'];

function countsOf(looked: readonly Looked[], dryRun: boolean): Record<string, number> {
  const counts: Record<string, number> = { looked: looked.length };
  for (const { plan } of looked) {
    const name =
      plan.kind !== 'none' ? `would_${plan.kind}` : SAID.includes(plan.why) ? plan.why : '';
    if (name !== '' && (dryRun || plan.kind === 'none')) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function sampleOf({ customerId, plan }: Looked): AudienceSample[] {
  if (plan.kind === 'none') return [];
  const why = plan.kind === 'remove' ? plan.why : 'in_segment';
  return [{ customerId, would: plan.kind, why }];
}

async function addSamples(
  client: Queryable,
  { workspaceId, runId }: { readonly workspaceId: string; readonly runId: string },
  samples: readonly AudienceSample[],
): Promise<void> {
  await client.query(
    `update audience_run set samples = samples || $3::jsonb
      where workspace_id = $1 and run_id = $2 and jsonb_array_length(samples) < $4`,
    [workspaceId, runId, JSON.stringify(samples.slice(0, MOST_SAMPLES)), MOST_SAMPLES],
  );
}
