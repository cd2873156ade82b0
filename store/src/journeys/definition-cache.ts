/** Published versions never change, so each is read and parsed once in the life of a process. */
import {
  hiddenSegmentsOf,
  withHiddenSegments,
  type JourneyDefinition,
} from '@throughline/domain/journeys';
import { JourneyDefinitionSchema } from '@throughline/domain/journeys/schemas';
import type { SegmentDefinition } from '@throughline/domain/segments';
import { InvariantBroken } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';

const MOST = 1_000;
const cache = new Map<string, StoredVersion>();

export interface VersionRef {
  readonly workspaceId: string;
  readonly key: string;
  readonly version: number;
}

export interface StoredVersion {
  /** as it runs: what it waits for by condition has become membership of a hidden segment */
  readonly definition: JourneyDefinition;
  readonly hidden: readonly SegmentDefinition[];
}

export async function journeyVersion(
  client: Queryable,
  ref: VersionRef,
): Promise<JourneyDefinition> {
  return cache.get(nameOf(ref))?.definition ?? parsedVersion(ref, await load(client, ref));
}

/** For whoever has read the body already. */
export function parsedVersion(ref: VersionRef, body: unknown): JourneyDefinition {
  return storedVersion(ref, body).definition;
}

/** With the segments that must be kept for it. */
export function storedVersion(ref: VersionRef, body: unknown): StoredVersion {
  const name = nameOf(ref);
  const known = cache.get(name);
  if (known !== undefined) return known;
  const parsed = JourneyDefinitionSchema.parse(body);
  const stored = {
    definition: withHiddenSegments(parsed, ref.version),
    hidden: hiddenSegmentsOf(parsed, ref.version),
  };
  // The oldest goes: a process that serves a thousand live versions at once is not what this is for.
  const [oldest] = cache.keys();
  if (cache.size >= MOST && oldest !== undefined) cache.delete(oldest);
  cache.set(name, stored);
  return stored;
}

function nameOf({ workspaceId, key, version }: VersionRef): string {
  return `${workspaceId}/${key}/${version}`;
}

async function load(client: Queryable, ref: VersionRef): Promise<unknown> {
  const { rows } = await client.query<{ body: unknown }>(
    `select body from definition_version where workspace_id = $1 and kind = 'journey' and key = $2 and version = $3`,
    [ref.workspaceId, ref.key, ref.version],
  );
  const [row] = rows;
  if (row === undefined)
    throw new InvariantBroken(`version ${ref.version} of journey ${ref.key} is not stored`);
  return row.body;
}
