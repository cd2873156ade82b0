import type { Traits } from '@throughline/domain/profiles';
import { changedSegments } from '@throughline/domain/segments';
import { canonicalJson, type StampedRef } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import { readCounted, recount } from './lane-build.js';
import type { LaneDefinitions } from './lane-definitions.js';
import { writeDue } from './lane-due.js';
import { nextDate, noteDue, viewOf } from './lane-plan.js';
import { firstRun, type ProfileSnapshot, type RunSnapshot } from './lane-snapshot.js';
import { STATEMENTS } from './lane-statements.js';
import { instant, noWrites, type CustomerWork } from './lane-work.js';
import { writeWhole } from './lane-write.js';
import type { Cluster } from './unmerge-cluster.js';
import type { Parted } from './unmerge-replay.js';

export interface UnmergeWriting {
  readonly client: Queryable;
  readonly cluster: Cluster;
  readonly parted: Parted;
  readonly definitions: LaneDefinitions;
  readonly ref: StampedRef;
}

/** Two profiles again: whose each id and identifier is, and what each of the two comes to by their own events. */
export async function writeProfiles(writing: UnmergeWriting): Promise<void> {
  const { client, cluster, parted, ref } = writing;
  const { workspaceId, canonicalId } = cluster;
  const { survivor, freed } = parted;
  const stood = await readStanding(client, workspaceId, canonicalId);
  const mine = profilesOf(writing, freed.id);
  await client.query(PART, [workspaceId, mine, freed.id]);
  await client.query(MOVE_IDENTIFIERS, [
    workspaceId,
    canonicalId,
    mine,
    freed.id,
    ref.position,
    instant(ref.clock),
  ]);
  await bringUpToDate(writing);
  for (const customer of [survivor, freed]) customer.appliedPosition = ref.position;
  await writeWhole(client, workspaceId, [survivor, freed, ...absorbedOf(parted)]);
  await writeLaterMerges(writing);
  await writeHistory(writing, stood);
  const writes = noWrites();
  for (const customer of [survivor, freed]) writes.due.set(customer.id, customer);
  await writeDue(client, workspaceId, writes);
}

/** Whoever was absorbed since is kept as they were then; without the merge that is undone, they were somebody else. */
function absorbedOf({ context, ownerOf }: Parted): CustomerWork[] {
  const absorbed = [...context.customers.values()].filter(({ mergedInto }) => mergedInto !== null);
  for (const customer of absorbed) customer.mergedInto = ownerOf(customer.id);
  return absorbed;
}

/** Merges that still hold are to be undone from what they would have found. */
async function writeLaterMerges({ client, cluster, parted }: UnmergeWriting): Promise<void> {
  const runs = runsOf(parted);
  const withRuns = (snapshot: ProfileSnapshot): ProfileSnapshot => ({
    ...snapshot,
    enrolments: snapshot.enrolments.map((one) => ({
      ...one,
      run: one.open ? (runs.get(one.id) ?? null) : null,
    })),
  });
  for (const merge of parted.writes.merges) {
    await client.query(LATER_MERGE, [
      cluster.workspaceId,
      merge.position,
      merge.ordinal,
      merge.absorbed_id,
      JSON.stringify(withRuns(merge.survivor_state)),
      JSON.stringify(withRuns(merge.absorbed_state)),
    ]);
  }
}

/** Where each run stood when it was last looked at, or where it begins. */
function runsOf({ merge, merges, writes }: Parted): ReadonlyMap<string, RunSnapshot> {
  const runs = new Map(writes.enrolments.map((row) => [row.enrolment_id, firstRun(row)] as const));
  for (const { survivorState, absorbedState } of [merge, ...merges]) {
    for (const { id, run } of [...(survivorState?.enrolments ?? []), ...absorbedState.enrolments])
      if (run !== null) runs.set(id, run);
  }
  return runs;
}

const LATER_MERGE = `
  update customer_merge set survivor_state = $5, absorbed_state = $6
   where workspace_id = $1 and position = $2 and ordinal = $3 and absorbed_id = $4`;

/** The ids that have become this customer once the two are parted, its own among them. */
export function profilesOf(
  { cluster, parted }: Pick<UnmergeWriting, 'cluster' | 'parted'>,
  id: string,
): string[] {
  return [...cluster.profiles.keys()].filter((profile) => parted.ownerOf(profile) === id);
}

const PART = `
  update customer set merged_into = case when customer_id = $3 then null else $3::uuid end
   where workspace_id = $1 and customer_id = any($2::uuid[])`;

const MOVE_IDENTIFIERS = `
  with moved as (
    update identifier set customer_id = $4
     where workspace_id = $1 and customer_id = $2 and origin_id = any($3::uuid[]) returning type, value
  )
  insert into identifier_change (workspace_id, position, ordinal, type, value, change, from_customer_id, to_customer_id, at)
  select $1, $5, 0, type, value, 'moved', $2, $4, $6 from moved`;

/** Where definitions have changed since the snapshots, facts are counted from all events, and everything is measured. */
async function bringUpToDate(writing: UnmergeWriting): Promise<void> {
  const { client, cluster, parted, definitions, ref } = writing;
  const { workspaceId } = cluster;
  const { rows } = await client.query(CHANGED, [workspaceId, parted.merge.position, ref.position]);
  if (rows.length === 0) return;
  const customers = [parted.survivor, parted.freed];
  const people = customers.map(({ id }) => id);
  const { segments } = definitions;
  const events = await readCounted(client, workspaceId, { people, facts: segments.facts });
  for (const customer of customers) {
    recount(customer.facts, segments.facts, events.get(customer.id) ?? []);
    for (const segment of customer.members.keys())
      if (!definitions.segmentVersions.has(segment)) customer.members.delete(segment);
    measure(writing, customer);
  }
  await client.query(BUILT, [workspaceId, people]);
}

const CHANGED = `
  select 1 from definition_version
   where workspace_id = $1 and kind in ('segment', 'journey') and live_position between $2 and $3
  union all
  select 1 from segment_backfill where workspace_id = $1 and finished_at is null
  limit 1`;

const BUILT = `
  insert into segment_built (workspace_id, position, customer_id)
  select $1, b.position, person from segment_backfill b cross join unnest($2::uuid[]) as person
   where b.workspace_id = $1 and b.finished_at is null on conflict do nothing`;

/** Journeys are not told: nobody has done anything. */
function measure({ parted, definitions, ref }: UnmergeWriting, customer: CustomerWork): void {
  const { changes, due } = changedSegments(definitions.segments, {
    view: viewOf(customer),
    now: ref.clock,
  });
  noteDue(parted.context, customer, due);
  noteDue(parted.context, customer, nextDate(definitions, customer.traits, ref.clock));
  const { position } = ref;
  for (const { segment, change } of changes) {
    const version = definitions.segmentVersions.get(segment) ?? 1;
    if (change === 'entered')
      customer.members.set(segment, { version, since: ref.clock, position, ordinal: 0 });
    else customer.members.delete(segment);
    parted.writes.membershipChanges.push(
      membershipChange({ customerId: customer.id, segment, version, change, ref }),
    );
  }
}

interface Standing {
  readonly traits: Traits;
  readonly members: ReadonlyMap<string, number>;
}

async function readStanding(
  client: Queryable,
  workspaceId: string,
  customerId: string,
): Promise<Standing> {
  const { rows } = await client.query<{ traits: Traits; members: Record<string, number> | null }>(
    `select c.traits, (select jsonb_object_agg(m.segment_key, m.version) from segment_membership m
                        where m.workspace_id = $1 and m.customer_id = $2) as members
       from customer c where c.workspace_id = $1 and c.customer_id = $2`,
    [workspaceId, customerId],
  );
  const [row] = rows;
  return { traits: row?.traits ?? {}, members: new Map(Object.entries(row?.members ?? {})) };
}

/**
 * Who was taken for both has the change at this input. Whose history ended with the merge has it go on as their own events wrote
 * it, so that a wait that looks back finds it.
 */
async function writeHistory(writing: UnmergeWriting, stood: Standing): Promise<void> {
  const { client, cluster, parted, ref } = writing;
  const { workspaceId } = cluster;
  const { survivor, freed } = parted;
  const left = [...stood.members].filter(([segment]) => !survivor.members.has(segment));
  const entered = [...survivor.members].filter(([segment]) => !stood.members.has(segment));
  const customerId = survivor.id;
  const memberships = [
    ...parted.writes.membershipChanges.filter((change) => change['customer_id'] === freed.id),
    ...left.map(([segment, version]) =>
      membershipChange({ customerId, segment, version, change: 'left', ref }),
    ),
    ...entered.map(([segment, { version }]) =>
      membershipChange({ customerId, segment, version, change: 'entered', ref }),
    ),
  ];
  await client.query(STATEMENTS.membershipChanges, [workspaceId, JSON.stringify(memberships)]);
  const own = parted.writes.traitChanges.filter((change) => change['customer_id'] === freed.id);
  const traits = [...own, ...traitChanges(writing, stood.traits)];
  await client.query(STATEMENTS.traitChanges, [workspaceId, JSON.stringify(traits)]);
}

function membershipChange(of: {
  readonly customerId: string;
  readonly segment: string;
  readonly version: number;
  readonly change: 'entered' | 'left';
  readonly ref: StampedRef;
}): Record<string, unknown> {
  return {
    customer_id: of.customerId,
    position: of.ref.position,
    ordinal: 0,
    segment_key: of.segment,
    version: of.version,
    change: of.change,
    at: instant(of.ref.clock),
    clock: instant(of.ref.clock),
  };
}

function traitChanges({ parted: { survivor }, ref }: UnmergeWriting, before: Traits): unknown[] {
  const names = new Set([...Object.keys(before), ...Object.keys(survivor.traits)]);
  return [...names].flatMap((name) => {
    const previous = before[name]?.v ?? null;
    const value = survivor.traits[name]?.v ?? null;
    if (canonicalJson(previous) === canonicalJson(value)) return [];
    return [
      {
        customer_id: survivor.id,
        position: ref.position,
        ordinal: 0,
        name,
        value,
        previous,
        event_time: instant(ref.clock),
        source_key: null,
      },
    ];
  });
}
