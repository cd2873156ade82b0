import { z } from 'zod';
import { CatalogueSchema } from '@throughline/domain/catalogue/schemas';

export const CatalogueView = z.object({ attributes: CatalogueSchema });

const Findings = {
  warnings: z.array(
    z.object({
      code: z.string(),
      field: z.string(),
      detail: z.string(),
      action: z.enum(['kept', 'omitted']),
    }),
  ),
  rejection: z
    .object({ code: z.string(), field: z.string().nullable(), detail: z.string() })
    .nullable(),
};

export const MappingPreviewView = z.object({
  rows: z.array(
    z.object({
      row: z.int(),
      events: z.array(z.record(z.string(), z.unknown())),
      ...Findings,
    }),
  ),
  counts: z.object({
    rows: z.int(),
    events: z.int(),
    warned: z.int(),
    omitted: z.int(),
    rejected: z.int(),
  }),
  byCode: z.record(z.string(), z.int()),
});

export const MappingSuggestionsView = z.object({
  suggestions: z.array(
    z.object({
      to: z.string(),
      from: z.object({ path: z.string() }),
      casts: z.array(z.unknown()).optional(),
      normalise: z.array(z.unknown()).optional(),
      confidence: z.number().min(0).max(1),
      why: z.string(),
    }),
  ),
});
