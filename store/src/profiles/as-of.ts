/**
 * A profile as it was at an instant, out of its history. A merge wrote no changes of its own but kept both people as they were, so
 * the past begins at the last merge before the instant, and the changes since then are laid over it. Instants are the lane's
 * clock: what was known then, whatever event times said later.
 */
import { mergeConsents, type Consent } from '@throughline/domain/consent';
import { mergeTraits, type Traits, type TraitValue } from '@throughline/domain/profiles';
import { ThroughlineError } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import type {
  Profile,
  ProfileConsent,
  ProfileIdentifier,
  ProfileSegment,
  ProfileWanted,
} from './profile.js';
import { readWasWho, type PastMerge, type WasWho } from './was-who.js';
import { readWordsOfEvents } from './words-of-events.js';

interface Past {
  readonly client: Queryable;
  readonly workspaceId: string;
  readonly who: WasWho;
  /** RFC 3339 */
  readonly asOf: string;
  /** the last input that concerned these people */
  readonly position: number;
  readonly base: Base | null;
}

/** The merge that the past begins with. */
interface Base {
  readonly merge: PastMerge;
  readonly survivor: Remembered;
  readonly absorbed: Remembered;
}

interface Remembered {
  readonly traits: Traits;
  readonly consents: readonly Consent[];
  readonly members: readonly { readonly segment: string; readonly since: number }[];
}

/** Null where nobody had been seen by then. `asOf`: ms since epoch. */
export async function readProfileAsOf(
  client: Queryable,
  workspaceId: string,
  wanted: ProfileWanted & { readonly asOf: number },
): Promise<Profile | null> {
  const asOf = new Date(wanted.asOf).toISOString();
  const who = await readWasWho(client, workspaceId, wanted);
  refuseParted(who);
  const born = await readBirths(client, workspaceId, {
    ids: [wanted.customerId, who.customerId],
    asOf,
  });
  const createdAt = born.get(who.customerId);
  if (createdAt === undefined || !born.has(wanted.customerId)) return null;
  const position = await readLastPosition(client, workspaceId, { who, asOf });
  const base = await readBase(client, workspaceId, who);
  const past = { client, workspaceId, who, asOf, position, base };
  const asked = (part: ProfileWanted['parts'][number]): boolean => wanted.parts.includes(part);
  return {
    customerId: who.customerId,
    createdAt,
    appliedPosition: position,
    absorbed: who.profiles.filter((id) => id !== who.customerId).sort(),
    traits: asked('traits') ? await traitsOf(past) : null,
    identifiers: asked('identifiers') ? await identifiersOf(past) : null,
    consents: asked('consents') ? await consentsOf(past) : null,
    segments: asked('segments') ? await segmentsOf(past) : null,
  };
}

/**
 * Where one of several merges was undone, the changes since were lived through twice, together and apart, and the history cannot tell
 * yet which belongs to which. Nothing is told rather than something wrong.
 */
function refuseParted({ merges }: WasWho): void {
  if (merges.length < 2 || merges.every(({ undonePosition }) => undonePosition === null)) return;
  throw new ThroughlineError(
    'conflict',
    'This customer was merged more than once and unmerged since: the profile as it was then cannot be told.',
  );
}

async function readBirths(
  client: Queryable,
  workspaceId: string,
  { ids, asOf }: { readonly ids: readonly string[]; readonly asOf: string },
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ id: string; at: number }>(
    `select customer_id as id, created_at as at from customer
      where workspace_id = $1 and customer_id = any($2::uuid[]) and created_at <= $3::timestamptz`,
    [workspaceId, ids, asOf],
  );
  return new Map(rows.map(({ id, at }) => [id, at]));
}

/** Changes of traits and consents know their position and not when that was; events, merges and unmerges know both. */
async function readLastPosition(
  client: Queryable,
  workspaceId: string,
  { who, asOf }: { readonly who: WasWho; readonly asOf: string },
): Promise<number> {
  const { rows } = await client.query<{ position: number | null }>(
    `select max(latest.position) as position
       from unnest($2::uuid[]) as person(id)
       cross join lateral (
         select e.position from event e
          where e.workspace_id = $1 and e.customer_id = person.id and e.clock <= $3::timestamptz
          order by e.position desc, e.ordinal desc limit 1) latest`,
    [workspaceId, who.related, asOf],
  );
  const until = Date.parse(asOf);
  const undone = who.merges.flatMap(({ undonePosition, undoneAt }) =>
    undonePosition !== null && undoneAt !== null && undoneAt <= until ? [undonePosition] : [],
  );
  return Math.max(rows[0]?.position ?? 0, ...who.merges.map(({ position }) => position), ...undone);
}

/** Also a merge that was undone since: until then it was true, and the unmerge wrote what it changed. */
async function readBase(
  client: Queryable,
  workspaceId: string,
  { customerId, merges }: WasWho,
): Promise<Base | null> {
  const merge = merges.findLast((one) => one.survivorId === customerId && one.remembered);
  if (merge === undefined) return null;
  const { rows } = await client.query<Omit<Base, 'merge'>>(
    `select survivor_state - 'facts' - 'enrolments' as survivor, absorbed_state - 'facts' - 'enrolments' as absorbed from customer_merge
      where workspace_id = $1 and position = $2 and ordinal = $3 and absorbed_id = $4`,
    [workspaceId, merge.position, merge.ordinal, merge.absorbedId],
  );
  const [row] = rows;
  return row === undefined ? null : { merge, ...row };
}

async function traitsOf({ client, workspaceId, who, position, base }: Past): Promise<Traits> {
  const from = base?.merge ?? BEGINNING;
  const { rows } = await client.query<{ name: string } & TraitValue>(
    `select distinct on (name) name, value as v, event_time as t, position as p, ordinal as o, source_key as s from trait_change
      where workspace_id = $1 and customer_id = $2 and position <= $3 and (position, ordinal) >= ($4::bigint, $5::int)
      order by name, position desc, ordinal desc`,
    [workspaceId, who.customerId, position, from.position, from.ordinal],
  );
  const before = base === null ? {} : mergeTraits(base.survivor.traits, base.absorbed.traits);
  const since = rows.map(({ name, ...value }): [string, TraitValue] => [name, value]);
  return { ...before, ...Object.fromEntries(since) };
}

async function consentsOf(past: Past): Promise<ProfileConsent[]> {
  const { who, base } = past;
  if (who.wasParted) return sorted((await wordsOf(past)).map(unsourced));
  const before = base === null ? [] : mergeConsents(base.survivor.consents, base.absorbed.consents);
  return sorted([...before.map(unsourced), ...(await readSaid(past))]);
}

function wordsOf({ client, workspaceId, who, position }: Past): Promise<readonly Consent[]> {
  const { profiles, customerId } = who;
  const merges = who.held.filter(({ survivorId }) => profiles.includes(survivorId));
  return readWordsOfEvents(client, workspaceId, { profiles, customerId, merges, position });
}

async function readSaid({
  client,
  workspaceId,
  who,
  position,
  base,
}: Past): Promise<ProfileConsent[]> {
  const from = base?.merge ?? BEGINNING;
  const { rows } = await client.query<ProfileConsent>(
    `select distinct on (purpose, channel) purpose, channel, state, event_time as "eventTime", source_key as "sourceKey" from consent_change
      where workspace_id = $1 and customer_id = $2 and position <= $3 and (position, ordinal) >= ($4::bigint, $5::int)
      order by purpose, channel, position desc, ordinal desc`,
    [workspaceId, who.customerId, position, from.position, from.ordinal],
  );
  return rows;
}

function unsourced({ purpose, channel, state, eventTime }: Consent): ProfileConsent {
  return { purpose, channel, state, eventTime, sourceKey: null };
}

/** Of two words about one thing the latter. */
function sorted(words: readonly ProfileConsent[]): ProfileConsent[] {
  const last = new Map(words.map((word) => [`${word.purpose}\n${word.channel}`, word]));
  return [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, word]) => word);
}

/** By clock first: what comes by time alone is dated by the next input, and by its own instant within it. */
async function segmentsOf({
  client,
  workspaceId,
  who,
  asOf,
  base,
}: Past): Promise<ProfileSegment[]> {
  const from = base?.merge ?? BEGINNING;
  const { rows } = await client.query<ProfileSegment & { change: 'entered' | 'left' }>(
    `select distinct on (segment_key) segment_key as segment, at as since, change from segment_membership_change
      where workspace_id = $1 and customer_id = $2 and clock <= $3::timestamptz and left(segment_key, 1) <> '_'
        and (clock, position, ordinal) >= (to_timestamp($4::float8 / 1000), $5::bigint, $6::int)
      order by segment_key, clock desc, position desc, ordinal desc`,
    [workspaceId, who.customerId, asOf, from.at, from.position, from.ordinal],
  );
  const members = new Map<string, number>();
  for (const { segment, since } of [
    ...(base?.survivor.members ?? []),
    ...(base?.absorbed.members ?? []),
  ])
    if (!segment.startsWith('_') && !members.has(segment)) members.set(segment, since);
  for (const { segment, since, change } of rows) {
    if (change === 'entered') members.set(segment, since);
    else members.delete(segment);
  }
  return [...members]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([segment, since]) => ({ segment, since }));
}

/** Identifiers belong to whoever the profile that they were first seen on has become: no merge or unmerge moves them otherwise. */
async function identifiersOf({
  client,
  workspaceId,
  who,
  asOf,
}: Past): Promise<ProfileIdentifier[]> {
  const { rows } = await client.query<ProfileIdentifier>(
    `select i.type, i.value, i.first_seen_at as "firstSeenAt" from identifier i
      where i.workspace_id = $1 and i.origin_id = any($2::uuid[]) and i.first_seen_at <= $3::timestamptz
        and i.customer_id in (select coalesce(c.merged_into, c.customer_id) from customer c
                               where c.workspace_id = $1 and c.customer_id = any($2::uuid[]))
      order by i.type, i.value`,
    [workspaceId, who.profiles, asOf],
  );
  return rows;
}

const BEGINNING = { position: 0, ordinal: 0, at: 0 };
