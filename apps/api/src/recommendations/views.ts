/** What leaves of items, models and recommendations. */
import { z } from 'zod';
import {
  ItemSchema,
  RecommendationSettingsSchema,
} from '@throughline/domain/recommendations/schemas';
import type {
  ItemRow,
  RecommendationRun,
  RecommendedItem,
} from '@throughline/store/recommendations';
import { iso, isoOrNull } from '../common/params.js';

const Time = z.iso.datetime();

export const ItemView = ItemSchema.extend({ updatedAt: Time });

export function itemView({ updatedAt, ...item }: ItemRow): z.infer<typeof ItemView> {
  return { ...item, updatedAt: iso(updatedAt) };
}

export const ItemsPutView = z.object({ items: z.int().describe('how many were put') });

export const RecommendationSettingsView = RecommendationSettingsSchema.extend({
  liveRunId: z.uuid().nullable().describe('the run whose model answers; null: none yet'),
});

export const RecommendationRunView = z.object({
  id: z.uuid(),
  state: z.enum(['asked', 'running', 'done', 'cancelled']),
  requestedBy: z.string(),
  requestedAt: Time,
  finishedAt: Time.nullable(),
  baskets: z.int().nullable(),
  items: z.int().nullable(),
  pairs: z.int().nullable().describe('relatives kept, over all items'),
  run: z.string().describe('the run in the Temporal UI'),
});

export function recommendationRunView(
  { runId, requestedAt, finishedAt, ...row }: RecommendationRun,
  link: string,
): z.infer<typeof RecommendationRunView> {
  return {
    ...row,
    id: runId,
    requestedAt: iso(requestedAt),
    finishedAt: isoOrNull(finishedAt),
    run: link,
  };
}

const Shown = ItemSchema.omit({ available: true, repeatable: true });

export const RecommendationsView = z.object({
  items: z.array(
    Shown.extend({
      score: z
        .number()
        .describe('share of baskets that everybody fills with it, and what speaks for it'),
      because: z
        .string()
        .nullable()
        .describe('the item they bought that speaks for it most; null: it is popular'),
    }),
  ),
});

export function recommendationsView(
  items: readonly RecommendedItem[],
): z.infer<typeof RecommendationsView> {
  return { items: items.map((item) => ({ ...item })) };
}
