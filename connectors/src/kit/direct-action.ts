/** The escape hatch for what is not HTTP (SMTP, files, queues) or takes several calls: the action sends by itself, the runtime still parses, batches and guards. */
import type { z } from 'zod';
import { batches } from './batches.js';
import type { RunContext } from './context.js';
import type { Action, ActionJob, ConnectorLimits } from './define-connector.js';
import { ambiguous, resultOfFault } from './faults.js';
import { parseItems } from './parse-items.js';
import type { DeliveryItem, ItemResult } from './results.js';

export interface DirectContext<Settings> extends RunContext {
  readonly settings: Settings;
  readonly limits: ConnectorLimits;
}

export interface DirectActionSpec<Settings, Input> {
  readonly title: string;
  readonly input: z.ZodType<Input>;
  /** One result for each item, in their order. */
  run(
    items: readonly DeliveryItem<Input>[],
    ctx: DirectContext<Settings>,
  ): Promise<readonly ItemResult[]>;
}

export function directAction<Settings, Input>(
  spec: DirectActionSpec<Settings, Input>,
): Action<Settings> {
  return { title: spec.title, input: spec.input, perform: (job) => perform(spec, job) };
}

async function perform<Settings, Input>(
  spec: DirectActionSpec<Settings, Input>,
  job: ActionJob<Settings>,
): Promise<readonly ItemResult[]> {
  const { limits, idempotency } = job.connector;
  const { valid, faults } = parseItems(spec.input, job.items, limits.maxBytes);
  const results = new Map<number, ItemResult>();
  for (const [index, fault] of faults) results.set(index, resultOfFault(fault, idempotency));
  for (const batch of batches(valid, limits)) {
    const items = batch.map((entry) => entry.item);
    const read = await attempt(spec, items, job);
    batch.forEach((entry, place) => results.set(entry.index, read[place] ?? unknownOf(job)));
  }
  return job.items.map((_item, index) => results.get(index) ?? unknownOf(job));
}

/** A throw may come before or after the effect; nobody can tell, so it counts as after. */
async function attempt<Settings, Input>(
  spec: DirectActionSpec<Settings, Input>,
  items: readonly DeliveryItem<Input>[],
  job: ActionJob<Settings>,
): Promise<readonly ItemResult[]> {
  const { limits } = job.connector;
  try {
    return await spec.run(items, { ...job.ctx, settings: job.settings, limits });
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    job.ctx.log.warn({ connector: job.connector.key, error: name }, 'connector threw');
    return items.map(() => unknownOf(job));
  }
}

function unknownOf<Settings>(job: ActionJob<Settings>): ItemResult {
  const defect = ambiguous('connector_defect', 'the connector gave no answer for this item');
  return resultOfFault(defect, job.connector.idempotency);
}
