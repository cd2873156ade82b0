/** Everything that goes on around one request of a connection: its turn, its access token, and what the answer says about the next one. */
import { setTimeout as delay } from 'node:timers/promises';
import { accessToken, type RefreshGrant } from './access-token.js';
import type { RunContext } from './context.js';
import type { ConnectorRules } from './define-connector.js';
import { retryable, type DeliveryFault } from './faults.js';
import { faultOfResponse } from './http-fault.js';
import type { HttpPlan, HttpResponse } from './http-plan.js';
import { sendPlan, type SendOutcome } from './send-plan.js';

/** A place further off than this is the caller's to wait for. */
const PATIENCE_MS = 5_000;
/** How long a connection stands still when the vendor slows it down without saying for how long. */
const HOLD_MS = 1_000;

export interface Sender {
  readonly connector: ConnectorRules;
  readonly ctx: RunContext;
  readonly grant?: RefreshGrant | undefined;
}

export async function send(plan: HttpPlan, sender: Sender): Promise<SendOutcome> {
  const late = await waitForTurn(sender);
  if (late !== undefined) return { kind: 'fault', fault: late };
  const outcome = await sendAuthorised(plan, sender);
  return outcome.kind === 'fault' ? outcome : heeded(outcome.response, sender);
}

async function waitForTurn({ connector, ctx }: Sender): Promise<DeliveryFault | undefined> {
  if (ctx.pacer === undefined) return undefined;
  const turn = ctx.pacer.take({
    key: paceKey(connector, ctx),
    perSecond: connector.limits.requestsPerSecond,
    patienceMs: PATIENCE_MS,
  });
  if (!turn.go) return rateLimited('this connection has to wait', turn.afterMs);
  if (turn.afterMs === 0) return undefined;
  try {
    await delay(turn.afterMs, undefined, ctx.signal === undefined ? {} : { signal: ctx.signal });
    return undefined;
  } catch {
    return retryable('cancelled', 'cancelled while waiting for its turn');
  }
}

async function sendAuthorised(plan: HttpPlan, sender: Sender): Promise<SendOutcome> {
  const { connector, ctx, grant } = sender;
  const { timeoutMs } = connector.limits;
  if (grant === undefined) return sendPlan(plan, ctx, timeoutMs);
  const first = await accessToken(grant, ctx);
  if (!first.ok) return { kind: 'fault', fault: first.fault };
  const outcome = await sendPlan(withToken(plan, first.token.token), ctx, timeoutMs);
  if (outcome.kind === 'fault' || outcome.response.status !== 401) return outcome;
  // A 401 did nothing. The token may have been called back before its time: one new one, one more try.
  const second = await accessToken(grant, ctx, first.token.token);
  if (!second.ok) return { kind: 'fault', fault: second.fault };
  return sendPlan(withToken(plan, second.token.token), ctx, timeoutMs);
}

function withToken(plan: HttpPlan, token: string): HttpPlan {
  return { ...plan, headers: { ...plan.headers, authorization: `Bearer ${token}` } };
}

/** A vendor that slows us down slows down the connection, not only the request that it answered. */
function heeded(response: HttpResponse, { connector, ctx }: Sender): SendOutcome {
  const nowMs = ctx.now();
  const own = connector.rateLimitOf?.(response, nowMs);
  const fault =
    own === undefined
      ? faultOfResponse(response, nowMs)
      : rateLimited(`HTTP ${response.status}`, own.afterMs);
  if (fault?.class === 'rateLimited') {
    ctx.pacer?.hold(paceKey(connector, ctx), fault.afterMs ?? HOLD_MS);
  }
  return own === undefined || fault === undefined
    ? { kind: 'answered', response }
    : { kind: 'fault', fault };
}

function rateLimited(message: string, afterMs: number | undefined): DeliveryFault {
  return {
    class: 'rateLimited',
    code: 'rate_limited',
    message,
    ...(afterMs === undefined ? {} : { afterMs }),
  };
}

function paceKey(connector: ConnectorRules, ctx: RunContext): string {
  return `${connector.key} ${ctx.connection ?? ''}`;
}
