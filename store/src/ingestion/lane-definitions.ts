import { compileRules, DEFAULT_RULES, type IdentityRules } from '@throughline/domain/identity';
import { IdentityRulesSchema } from '@throughline/domain/identity/schemas';
import { conditionsOf, type JourneyDefinition } from '@throughline/domain/journeys';
import {
  compileSegments,
  type Condition,
  type SegmentDefinition,
  type SegmentIndex,
} from '@throughline/domain/segments';
import { SegmentDefinitionSchema } from '@throughline/domain/segments/schemas';
import { parsedVersion, storedVersion } from '../journeys/definition-cache.js';
import type { Queryable } from '../shared/index.js';

export interface LiveJourney {
  readonly key: string;
  readonly version: number;
  readonly definition: JourneyDefinition;
  /** paused journeys take people in and hold them; stopped ones take nobody */
  readonly entering: boolean;
}

/** The definitions that hold at one position of the log. */
export interface LaneDefinitions {
  readonly segments: SegmentIndex;
  readonly identity: IdentityRules;
  readonly segmentVersions: ReadonlyMap<string, number>;
  /** whether anything can change by time alone */
  readonly timed: boolean;
  readonly journeys: readonly LiveJourney[];
  readonly byEvent: ReadonlyMap<string, readonly LiveJourney[]>;
  readonly bySegment: ReadonlyMap<string, readonly LiveJourney[]>;
  /** journeys that begin at a date among a customer's traits */
  readonly dated: readonly LiveJourney[];
  /** journeys whose ended enrolments still matter: for re-entry, or for goals reached after the end */
  readonly remembered: readonly string[];
  readonly journey: (key: string, version: number) => JourneyDefinition | undefined;
  readonly remember: (key: string, version: number, definition: JourneyDefinition) => void;
}

interface VersionRow {
  readonly kind: 'segment' | 'journey' | 'identity';
  readonly key: string;
  readonly version: number;
  readonly body: unknown;
  readonly state: string;
}

const LIVE = `
  select distinct on (v.kind, v.key) v.kind, v.key, v.version, v.body, d.state
    from definition_version v
    join definition d using (workspace_id, kind, key)
   where v.workspace_id = $1 and v.kind in ('segment', 'journey', 'identity') and v.live_position <= $2 and d.archived_at is null
     -- A put brings an archived segment back as a draft: it holds again from its next publication on.
     and (v.kind <> 'segment' or d.state <> 'stopped')
   order by v.kind, v.key, v.version desc`;

/** What holds at `position`: of each definition the newest version that went live at or before it. */
export async function loadDefinitions(
  client: Queryable,
  workspaceId: string,
  position: number,
): Promise<LaneDefinitions> {
  const { rows } = await client.query<VersionRow>(LIVE, [workspaceId, position]);
  const segmentRows = rows.filter((row) => row.kind === 'segment');
  const journeys = rows
    .filter((row) => row.kind === 'journey')
    .map((row): LiveJourney => ({
      key: row.key,
      version: row.version,
      definition: parsedVersion({ workspaceId, ...row }, row.body),
      entering: row.state === 'live' || row.state === 'paused',
    }));
  const pinned = new Map(
    journeys.map((journey) => [`${journey.key}@${journey.version}`, journey.definition]),
  );
  const entering = journeys.filter((journey) => journey.entering);
  const dated = entering.filter(({ definition }) => definition.trigger.kind === 'date');
  const asked = await journeyConditions(client, workspaceId, position);
  const segments = compileSegments(
    [...segmentRows.map((row) => SegmentDefinitionSchema.parse(row.body)), ...asked.hidden],
    asked.watched,
  );
  return {
    segments,
    identity: identityRules(rows),
    timed: segments.timed.length > 0 || dated.length > 0,
    dated,
    segmentVersions: new Map([
      ...segmentRows.map((row) => [row.key, row.version] as const),
      ...asked.hidden.map(({ key }) => [key, 1] as const),
    ]),
    journeys,
    byEvent: grouped(entering, ({ definition: { trigger } }) =>
      trigger.kind === 'event' ? trigger.event : undefined,
    ),
    bySegment: grouped(entering, ({ definition: { trigger } }) =>
      trigger.kind === 'segment' ? trigger.segment : undefined,
    ),
    remembered: journeys.map((journey) => journey.key),
    journey: (key, version) => pinned.get(`${key}@${version}`),
    remember: (key, version, definition) => void pinned.set(`${key}@${version}`, definition),
  };
}

/** A workspace has one set of rules; until it publishes its own, ours hold. */
function identityRules(rows: readonly VersionRow[]): IdentityRules {
  const row = rows.find(({ kind, key }) => kind === 'identity' && key === 'rules');
  return row === undefined ? DEFAULT_RULES : compileRules(IdentityRulesSchema.parse(row.body));
}

/**
 * What journeys ask. What they wait for by condition is a hidden segment, kept like any other; of what they ask at their splits
 * the facts must have been counted by the time that somebody comes there. Of every version, because people in flight keep theirs.
 */
async function journeyConditions(
  client: Queryable,
  workspaceId: string,
  position: number,
): Promise<{ readonly hidden: SegmentDefinition[]; readonly watched: Condition[] }> {
  const { rows } = await client.query<Pick<VersionRow, 'key' | 'version' | 'body'>>(
    `select v.key, v.version, v.body from definition_version v join definition d using (workspace_id, kind, key)
      where v.workspace_id = $1 and v.kind = 'journey' and v.live_position <= $2 and d.archived_at is null
        and jsonb_path_exists(v.body, '$.**.when')
      order by v.key, v.version`,
    [workspaceId, position],
  );
  const stored = rows.map((row) => storedVersion({ workspaceId, ...row }, row.body));
  return {
    hidden: stored.flatMap(({ hidden }) => hidden),
    watched: stored.flatMap(({ definition }) =>
      conditionsOf(definition).map(({ condition }) => condition),
    ),
  };
}

/** Versions that people in flight are pinned to and that are not live any more. */
export async function loadPinned(
  client: Queryable,
  workspaceId: string,
  wanted: readonly { readonly key: string; readonly version: number }[],
  definitions: LaneDefinitions,
): Promise<void> {
  const missing = wanted.filter(
    ({ key, version }) => definitions.journey(key, version) === undefined,
  );
  if (missing.length === 0) return;
  const { rows } = await client.query<VersionRow>(
    `select v.key, v.version, v.body from definition_version v
       join json_to_recordset($2::json) as w(key text, version int) using (key, version)
      where v.workspace_id = $1 and v.kind = 'journey'`,
    [workspaceId, JSON.stringify(missing)],
  );
  for (const row of rows)
    definitions.remember(row.key, row.version, parsedVersion({ workspaceId, ...row }, row.body));
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
