import { z } from 'zod';
import { JsonObjectSchema, StepIdSchema } from '../parts.schema.js';

export const UpdateProfileStepSchema = z
  .strictObject({
    kind: z.literal('updateProfile'),
    traits: JsonObjectSchema.refine(
      (traits) => Object.keys(traits).length > 0,
      'name at least one trait',
    ).meta({
      title: 'Traits',
    }),
    next: StepIdSchema.meta({ title: 'Then' }),
  })
  .meta({
    title: 'Update profile',
    description: 'Writes traits of the person.',
    ui: { icon: 'pencil' },
  });
