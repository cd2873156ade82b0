/** Published versions never change, so each is read and parsed once in the life of a process. */
import type { JourneyDefinition } from '@throughline/domain/journeys';
import { JourneyDefinitionSchema } from '@throughline/domain/journeys/schemas';
import { InvariantBroken } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';

const MOST = 1_000;
const cache = new Map<string, JourneyDefinition>();

export interface VersionRef {
  readonly workspaceId: string;
  readonly key: string;
  readonly version: number;
}

export async function journeyVersion(
  client: Queryable,
  ref: VersionRef,
): Promise<JourneyDefinition> {
  return cache.get(nameOf(ref)) ?? parsedVersion(ref, await load(client, ref));
}

/** For whoever has read the body already. */
export function parsedVersion(ref: VersionRef, body: unknown): JourneyDefinition {
  const name = nameOf(ref);
  const known = cache.get(name);
  if (known !== undefined) return known;
  const definition = JourneyDefinitionSchema.parse(body);
  // The oldest goes: a process that serves a thousand live versions at once is not what this is for.
  const [oldest] = cache.keys();
  if (cache.size >= MOST && oldest !== undefined) cache.delete(oldest);
  cache.set(name, definition);
  return definition;
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
