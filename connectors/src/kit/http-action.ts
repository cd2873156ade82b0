/** Actions that speak HTTP: a pure `build`, a pure `read`, and between them the sending, written once for every connector. */
import type { z } from 'zod';
import { batches } from './batches.js';
import type { BuildContext, RunContext } from './context.js';
import type { Action, ActionJob, ConnectorRules } from './define-connector.js';
import { ambiguous, resultOfFault } from './faults.js';
import type { HttpPlan, HttpResponse } from './http-plan.js';
import { mapLimited } from './map-limited.js';
import { parseItems, type ParsedItem } from './parse-items.js';
import type { DeliveryItem, ItemResult } from './results.js';
import { safeKey } from './safe-key.js';
import { sendPlan } from './send-plan.js';

export interface HttpActionSpec<Settings, Input> {
  readonly title: string;
  readonly input: z.ZodType<Input>;
  /** Pure: the same items, settings and instant give the same plans. */
  build(items: readonly DeliveryItem<Input>[], ctx: BuildContext<Settings>): readonly HttpPlan[];
  /** Pure: one result for each item of the plan, in their order. */
  read(
    response: HttpResponse,
    items: readonly DeliveryItem<Input>[],
    ctx: BuildContext<Settings> & Pick<ConnectorRules, 'idempotency'>,
  ): readonly ItemResult[];
}

export function httpAction<Settings, Input>(
  spec: HttpActionSpec<Settings, Input>,
): Action<Settings> {
  return {
    title: spec.title,
    input: spec.input,
    perform: (job) => perform(spec, job),
    plan: (items, settings, nowMs) => {
      const { valid } = parseItems(spec.input, items, Number.POSITIVE_INFINITY);
      return spec.build(
        valid.map((entry) => entry.item),
        { settings, nowMs },
      );
    },
  };
}

const DEFECT: ItemResult = {
  status: 'failed',
  code: 'connector_defect',
  message: 'the connector planned nothing for this item',
};

async function perform<Settings, Input>(
  spec: HttpActionSpec<Settings, Input>,
  job: ActionJob<Settings>,
): Promise<readonly ItemResult[]> {
  const { limits, idempotency } = job.connector;
  const { valid, faults } = parseItems(spec.input, job.items, limits.maxBytes);
  const results = new Map<number, ItemResult>();
  for (const [index, fault] of faults) results.set(index, resultOfFault(fault, idempotency));
  const shipments = batches(valid, limits).flatMap((batch) => shipmentsOf(spec, job, batch));
  await mapLimited(shipments, limits.concurrency, async (shipment) => {
    const read = await ship(spec, job, shipment);
    shipment.entries.forEach((entry, place) => results.set(entry.index, read[place] ?? DEFECT));
  });
  return job.items.map((_item, index) => results.get(index) ?? DEFECT);
}

interface Shipment<Input> {
  readonly plan: HttpPlan;
  readonly entries: readonly ParsedItem<Input>[];
}

function shipmentsOf<Settings, Input>(
  spec: HttpActionSpec<Settings, Input>,
  job: ActionJob<Settings>,
  batch: readonly ParsedItem<Input>[],
): readonly Shipment<Input>[] {
  const items = batch.map((entry) => entry.item);
  const plans = attempt(() => spec.build(items, buildContext(job)), job.ctx) ?? [];
  return plans.map((plan) => ({
    plan,
    entries: plan.items.flatMap((place) => batch[place] ?? []),
  }));
}

async function ship<Settings, Input>(
  spec: HttpActionSpec<Settings, Input>,
  job: ActionJob<Settings>,
  { plan, entries }: Shipment<Input>,
): Promise<readonly ItemResult[]> {
  const { connector, ctx } = job;
  const outcome = await sendPlan(
    withKey(plan, entries, connector),
    ctx,
    connector.limits.timeoutMs,
  );
  if (outcome.kind === 'fault') {
    return entries.map(() => resultOfFault(outcome.fault, connector.idempotency));
  }
  const items = entries.map((entry) => entry.item);
  const context = { ...buildContext(job), idempotency: connector.idempotency };
  const read = attempt(() => spec.read(outcome.response, items, context), ctx);
  if (read?.length === entries.length) return read;
  // It went out, and our reading of the answer is broken: what happened is not known.
  const defect = ambiguous('connector_defect', 'the answer could not be matched to the items');
  return entries.map(() => resultOfFault(defect, connector.idempotency));
}

function withKey<Input>(
  plan: HttpPlan,
  entries: readonly ParsedItem<Input>[],
  connector: ConnectorRules,
): HttpPlan {
  const [only] = entries;
  const header = connector.idempotencyHeader;
  if (header === undefined || only === undefined || entries.length > 1) return plan;
  return { ...plan, headers: { ...plan.headers, [header]: `"${safeKey(only.item.key, ':')}"` } };
}

function buildContext<Settings>(job: ActionJob<Settings>): BuildContext<Settings> {
  return { settings: job.settings, nowMs: job.ctx.now() };
}

/** A connector that throws is a defect of ours; the log gets the error's name, since its message may quote an item. */
function attempt<T>(work: () => T, ctx: RunContext): T | undefined {
  try {
    return work();
  } catch (error) {
    ctx.log.warn({ error: error instanceof Error ? error.name : typeof error }, 'connector threw');
    return undefined;
  }
}
