/** Settings of a connection to Meta's Conversions API. */
import { z } from 'zod';
import { graphAccessToken, graphEndpoint } from '../meta-graph/graph.settings.js';

export const MetaConversionsSettings = z.object({
  datasetId: z
    .string()
    .regex(/^\d{1,30}$/, 'must be the number of the dataset (pixel)')
    .meta({ title: 'Dataset', description: 'Id of the dataset, formerly the pixel.' }),
  accessToken: graphAccessToken('That may send events to it.'),
  testEventCode: z
    .string()
    .regex(/^[A-Za-z0-9]{1,40}$/, 'must be letters and digits')
    .optional()
    .meta({
      title: 'Test event code',
      description: 'Shows events under Test events; such events count for nothing.',
    }),
  ...graphEndpoint,
});
export type MetaConversionsSettings = z.output<typeof MetaConversionsSettings>;
