/** The mapping that an import holds, as a function of its rows. */
import { applyMapping } from '@throughline/domain/catalogue';
import { CatalogueSchema, MappingSchema } from '@throughline/domain/catalogue/schemas';
import type { ImportPage } from '@throughline/store/ingestion';
import type { RowMapper } from './map-page.js';

/** Null where the import holds no mapping that this version can read. */
export function mapperOf({ mapping: held, contentHash, createdAt }: ImportPage): RowMapper | null {
  const mapping = MappingSchema.safeParse(held['mapping']);
  const catalogue = CatalogueSchema.safeParse(held['catalogue']);
  if (!mapping.success || !catalogue.success) return null;
  // Of a pull, whose rows come again in another import, but not in the same place of it.
  const { importKey = contentHash } = held;
  if (typeof importKey !== 'string') return null;
  const constant = {
    catalogue: catalogue.data,
    importKey,
    importedAt: createdAt,
    rowsRepeat: true,
  };
  return (row, rowId) => applyMapping(mapping.data, row, { ...constant, rowId });
}
