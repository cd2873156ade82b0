/** Where a workspace's orders say what was bought, and how a model is made of them; what an item of the catalogue says. */
import { z } from 'zod';

const Path = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^.\s]+(\.[^.\s]+)*$/, 'names with dots between them');

const ItemId = z.string().min(1).max(200);
const Categories = z.array(z.string().min(1).max(200)).max(100).default([]);

export const RecommendationSettingsSchema = z.strictObject({
  event: z.string().min(1).max(255).default('Order Completed').describe('the event of an order'),
  itemsPath: Path.nullable()
    .default('products')
    .describe('in its properties, the list of what was bought; null: the event is one item'),
  itemIdPath: Path.default('product_id').describe('the id of an item, in each of the list'),
  basket: z
    .enum(['order', 'customer'])
    .default('order')
    .describe('what is bought together: in one order, or by one customer within the window'),
  windowDays: z.int().min(1).max(1_095).default(180),
  minSupport: z.int().min(1).max(1_000_000).default(3).describe('baskets that a pair must share'),
  perItem: z.int().min(1).max(200).default(50).describe('relatives kept for each item'),
  shrinkage: z.number().min(0).max(10_000).default(10).describe('baskets of doubt about a pair'),
  excludeCategories: Categories.describe('never recommended'),
  repeatableCategories: Categories.describe('recommended also to those who have bought them'),
  everyHours: z
    .int()
    .min(1)
    .max(720)
    .nullable()
    .default(24)
    .describe('null: only when somebody asks'),
});

export type RecommendationSettings = z.infer<typeof RecommendationSettingsSchema>;

const Link = z
  .string()
  .max(2_000)
  .regex(/^https?:\/\/[^\s"'<>\\]+$/i, 'an http or https address');

export const ItemSchema = z.strictObject({
  id: ItemId,
  name: z.string().min(1).max(500),
  url: Link.nullable().default(null),
  image: Link.nullable().default(null),
  price: z.number().min(0).max(1e12).nullable().default(null),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .nullable()
    .default(null),
  category: z.string().min(1).max(200).nullable().default(null),
  available: z.boolean().default(true).describe('what is not, is never recommended'),
  repeatable: z.boolean().default(false).describe('is bought again: recommended although bought'),
});

export type Item = z.infer<typeof ItemSchema>;

export const ItemsSchema = z.strictObject({
  items: z
    .array(ItemSchema)
    .min(1)
    .max(1_000)
    .refine((items) => new Set(items.map(({ id }) => id)).size === items.length, {
      error: 'an item is in it twice',
    }),
});
