/** `{{ recommendations }}`: read at the moment of composing, and only for templates that name them. */
import { namesRecommendations, type EmailTemplate } from '@throughline/connectors/templates';
import type { EnginePool } from '@throughline/store/journeys';
import { readRecommendations, type RecommendedItem } from '@throughline/store/recommendations';
import { inWorkspace } from '@throughline/store/shared';

/** As many as a message has room for; a template shows fewer by `limit`. */
const MOST_IN_MESSAGE = 12;

export interface Recipient {
  readonly request: { readonly workspaceId: string };
  readonly customerId: string;
}

/** Null where the template does not name them: nothing is asked of the database. */
export async function recommendationsFor(
  pool: EnginePool,
  template: EmailTemplate,
  { request: { workspaceId }, customerId }: Recipient,
): Promise<readonly RecommendedItem[] | null> {
  if (!namesRecommendations(template)) return null;
  return inWorkspace(pool, workspaceId, (client) =>
    readRecommendations(client, workspaceId, { customerId, n: MOST_IN_MESSAGE }),
  );
}
