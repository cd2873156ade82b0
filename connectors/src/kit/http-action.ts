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
import { send } from './send.js';
import { worstResult } from './worst-result.js';

export interface HttpActionSpec<Settings, Input> {
  readonly title: string;
  readonly input: z.ZodType<Input>;
  /** Pure: a result for an item that there is nothing to send of, such as a member without anything to match by. */
  skip?(item: DeliveryItem<Input>, ctx: BuildContext<Settings>): ItemResult | undefined;
  /** Pure: the same items, settings and instant give the same plans. An item may be in several of them. */
  build(items: readonly DeliveryItem<Input>[], ctx: BuildContext<Settings>): readonly HttpPlan[];
  /** The last before a request goes out: a signature over the exact bytes that cannot be worked out at once. Brings about nothing. */
  sign?(plan: HttpPlan, ctx: BuildContext<Settings>): Promise<HttpPlan>;
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
      const ctx = { settings, nowMs };
      const wanted = valid.filter(({ item }) => spec.skip?.(item, ctx) === undefined);
      return spec.build(
        wanted.map((entry) => entry.item),
        ctx,
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
  const wanted = valid.filter((entry) => {
    const skipped = attempt(() => spec.skip?.(entry.item, buildContext(job)), job.ctx);
    if (skipped !== undefined) results.set(entry.index, skipped);
    return skipped === undefined;
  });
  const shipments = batches(wanted, limits).flatMap((batch) => shipmentsOf(spec, job, batch));
  await mapLimited(shipments, limits.concurrency, async (shipment) => {
    const read = await ship(spec, job, shipment);
    shipment.entries.forEach(({ index }, place) => {
      results.set(index, worstResult(results.get(index), read[place] ?? DEFECT));
    });
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
  const signed = await sign(spec, job, withKey(plan, entries, connector));
  if (signed === undefined) return entries.map(() => DEFECT);
  const outcome = await send(signed, job);
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

async function sign<Settings, Input>(
  spec: HttpActionSpec<Settings, Input>,
  job: ActionJob<Settings>,
  plan: HttpPlan,
): Promise<HttpPlan | undefined> {
  try {
    return (await spec.sign?.(plan, buildContext(job))) ?? plan;
  } catch (error) {
    complain(error, job.ctx);
    return undefined;
  }
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

function attempt<T>(work: () => T, ctx: RunContext): T | undefined {
  try {
    return work();
  } catch (error) {
    complain(error, ctx);
    return undefined;
  }
}

/** A connector that throws is a defect of ours; the log gets the error's name, since its message may quote an item. */
function complain(error: unknown, ctx: RunContext): void {
  ctx.log.warn({ error: error instanceof Error ? error.name : typeof error }, 'connector threw');
}
