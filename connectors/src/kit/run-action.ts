/** The one way to bring about effects through a connector. Never throws for what an item, a provider or the settings do. */
import type { RunContext } from './context.js';
import type { ConnectorDefinition } from './define-connector.js';
import { attentionOf, configFault, resultOfFault, type Attention } from './faults.js';
import type { DeliveryItem, ItemResult } from './results.js';

export interface ActionRequest {
  readonly action: string;
  /** With secrets in clear; parsed here, so that a stored connection of an older shape is noticed. */
  readonly settings: unknown;
  readonly items: readonly DeliveryItem[];
}

export interface ActionOutcome {
  /** One for each item, in their order. */
  readonly results: readonly ItemResult[];
  /** Set when the connection itself needs a person: wrong credentials, a gone endpoint, a refused address. */
  readonly attention?: Attention;
}

export async function runAction(
  connector: ConnectorDefinition,
  request: ActionRequest,
  ctx: RunContext,
): Promise<ActionOutcome> {
  const startedAt = ctx.now();
  const results = await perform(connector, request, ctx);
  const attention = results.map(attentionOfResult).find((found) => found !== undefined);
  ctx.log.debug(
    {
      connector: connector.key,
      action: request.action,
      ms: ctx.now() - startedAt,
      ...countByStatus(results),
      ...(attention === undefined ? {} : { attention }),
    },
    'connector action ran',
  );
  return attention === undefined ? { results } : { results, attention };
}

async function perform(
  connector: ConnectorDefinition,
  { action: name, settings, items }: ActionRequest,
  ctx: RunContext,
): Promise<readonly ItemResult[]> {
  const opened = connector.open(settings);
  if (!opened.ok) {
    const paths = opened.issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ');
    const fault = configFault('settings_invalid', paths);
    return items.map(() => resultOfFault(fault, connector.idempotency));
  }
  const action = opened.connection.action(name);
  if (action === undefined) {
    const fault = configFault('unknown_action', `${connector.key} has no action of this name`);
    return items.map(() => resultOfFault(fault, connector.idempotency));
  }
  return action.perform(items, ctx);
}

function attentionOfResult(result: ItemResult): Attention | undefined {
  return result.status === 'failed' ? attentionOf(result.code) : undefined;
}

function countByStatus(
  results: readonly ItemResult[],
): Partial<Record<ItemResult['status'], number>> {
  const counts: Partial<Record<ItemResult['status'], number>> = {};
  for (const { status } of results) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
