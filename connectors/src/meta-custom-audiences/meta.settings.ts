/** Settings of a connection to Meta's custom audiences. */
import { z } from 'zod';
import { graphAccessToken, graphEndpoint } from '../meta-graph/graph.settings.js';

export const MetaAudienceSettings = z.object({
  accessToken: graphAccessToken('Of a system user with ads_management for the ad account.'),
  ...graphEndpoint,
});
export type MetaAudienceSettings = z.infer<typeof MetaAudienceSettings>;
