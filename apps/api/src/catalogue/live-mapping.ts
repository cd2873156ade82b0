/** What is live of catalogue and mappings: what rows are read by from now on. */
import { catalogueWith, type Catalogue, type Mapping } from '@throughline/domain/catalogue';
import { CatalogueSchema, MappingSchema } from '@throughline/domain/catalogue/schemas';
import { ThroughlineError } from '@throughline/domain/shared';
import type { Queryable } from '@throughline/store/shared';
import { readDefinition, readLiveDefinitions, readVersion } from '@throughline/store/workspaces';
import { found } from '../common/params.js';

/** The starter's attributes, replaced and extended by the workspace's own. */
export async function liveCatalogue(client: Queryable, workspaceId: string): Promise<Catalogue> {
  const own = await readLiveDefinitions(client, workspaceId, ['attribute']);
  return catalogueWith(CatalogueSchema.parse(own.map(({ body }) => body)));
}

export interface LiveMapping {
  readonly version: number;
  readonly mapping: Mapping;
  readonly catalogue: Catalogue;
}

export async function liveMapping(
  client: Queryable,
  workspaceId: string,
  key: string,
): Promise<LiveMapping> {
  const definition = await readDefinition(client, workspaceId, { kind: 'mapping', key });
  const version = definition?.archivedAt === null ? definition.liveVersion : null;
  if (version === null)
    throw new ThroughlineError('conflict', `No mapping ${key} is published in this workspace.`);
  const live = found(await readVersion(client, workspaceId, { kind: 'mapping', key, version }));
  return {
    version,
    mapping: MappingSchema.parse(live.body),
    catalogue: await liveCatalogue(client, workspaceId),
  };
}
