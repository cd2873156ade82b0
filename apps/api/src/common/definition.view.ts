import { z } from 'zod';
import type { Definition, DefinitionVersion } from '@throughline/store/workspaces';
import { iso, isoOrNull } from './params.js';

/** How every definition looks from outside: what it says, and where it stands. */
export const DefinitionView = z.object({
  key: z.string(),
  revision: z.int().describe('raised by every put; also the ETag'),
  state: z.enum(['draft', 'live', 'paused', 'stopped']),
  liveVersion: z.int().nullable(),
  archivedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  definition: z.record(z.string(), z.unknown()),
});
export type DefinitionView = z.infer<typeof DefinitionView>;

export function definitionView(row: Definition): DefinitionView {
  return {
    key: row.key,
    revision: row.revision,
    state: row.state,
    liveVersion: row.liveVersion,
    archivedAt: isoOrNull(row.archivedAt),
    createdAt: iso(row.createdAt),
    updatedAt: iso(row.updatedAt),
    definition: row.body,
  };
}

export const VersionView = z.object({
  version: z.int(),
  publishedAt: z.iso.datetime(),
  publishedBy: z.string(),
  definition: z.record(z.string(), z.unknown()),
});

export function versionView(row: DefinitionVersion): z.infer<typeof VersionView> {
  return {
    version: row.version,
    publishedAt: iso(row.publishedAt),
    publishedBy: row.publishedBy,
    definition: row.body,
  };
}

export const PublicationView = z.object({
  version: z.int(),
  changed: z.boolean().describe('false: the draft equals what is live already'),
});
