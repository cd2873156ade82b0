import { isJsonObject, type Fault, type Json } from '@throughline/domain/shared';
import type { Queryable } from '@throughline/store/shared';
import { readLiveDefinitions, type DefinitionRef } from '@throughline/store/workspaces';

/**
 * Which live segments, journeys, pulls and audiences name this definition. Every reference in a body is a property called after the kind of
 * thing it names, so one walk serves all of them.
 */
export async function dependentsOf(
  client: Queryable,
  workspaceId: string,
  ref: DefinitionRef,
): Promise<Fault[]> {
  const live = await readLiveDefinitions(client, workspaceId, [
    'segment',
    'journey',
    'pull',
    'audience',
  ]);
  return live
    .filter((user) => !(user.kind === ref.kind && user.key === ref.key))
    .flatMap(({ kind, key, body }) =>
      placesOf(body, ref, '').map((path) => ({
        path: `${kind}.${key}.${path}`,
        code: 'in_use',
        message: `the live ${kind} ${key} uses it`,
      })),
    );
}

function placesOf(value: Json, ref: DefinitionRef, path: string): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: Json, index) =>
      // A list is called after what it names as well: `connections: [first, second]`.
      typeof item === 'string' && item === ref.key && path.endsWith(`${ref.kind}s`)
        ? [join(path, String(index))]
        : placesOf(item, ref, join(path, String(index))),
    );
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === ref.kind && inner === ref.key
      ? [join(path, name)]
      : placesOf(inner, ref, join(path, name)),
  );
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
