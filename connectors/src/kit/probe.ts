/** The cheap call by which `check` learns whether settings work: sent as everything is sent, and changing nothing. */
import type { RunContext } from './context.js';
import type { CheckResult } from './define-connector.js';
import { retryable, type DeliveryFault } from './faults.js';
import type { HttpPlan, HttpResponse } from './http-plan.js';
import { sendPlan } from './send-plan.js';

const TIMEOUT_MS = 10_000;

export async function probe(
  plan: HttpPlan,
  ctx: RunContext,
  faultOf: (response: HttpResponse, nowMs: number) => DeliveryFault | undefined,
): Promise<CheckResult> {
  const outcome = await sendPlan(plan, ctx, TIMEOUT_MS);
  const fault = outcome.kind === 'fault' ? outcome.fault : faultOf(outcome.response, ctx.now());
  return fault === undefined ? { ok: true } : { ok: false, fault: harmless(fault) };
}

/** Nothing can have happened twice by a call that changes nothing: not knowing its end means asking again. */
function harmless(fault: DeliveryFault): DeliveryFault {
  return fault.class === 'ambiguous' ? retryable('provider_unavailable', fault.message) : fault;
}

/** A GET with these headers. */
export function getPlan(url: string, headers: Readonly<Record<string, string>>): HttpPlan {
  return { method: 'GET', url, headers, body: { kind: 'none' }, items: [] };
}
