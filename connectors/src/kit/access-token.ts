/** Access tokens of OAuth 2: made from the connection's refresh token, used until they run out or are refused. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RunContext } from './context.js';
import { faultOfResponse } from './http-fault.js';
import { retryable, type DeliveryFault } from './faults.js';
import type { HttpPlan, HttpResponse } from './http-plan.js';
import { jsonOf } from './read-json.js';
import { sendPlan } from './send-plan.js';

/** What a connection's settings hold of it. */
export interface RefreshGrant {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

export interface AccessToken {
  readonly token: string;
  /** ms since epoch */
  readonly expiresAt: number;
  /** Where the vendor gives out a new one each time, the one for next time. */
  readonly refreshToken?: string | undefined;
}

export type Renewal =
  | { readonly ok: true; readonly token: AccessToken }
  | { readonly ok: false; readonly fault: DeliveryFault };

export interface TokenRequest {
  /** Stands for the grant: a token made from other settings is not this connection's any more. */
  readonly grantId: string;
  /** The token that the vendor has just refused. */
  readonly stale?: string | undefined;
  /** Asks the vendor; gets what is kept, for the refresh token in it. */
  readonly renew: (kept: AccessToken | undefined) => Promise<Renewal>;
}

/** Where a connection's token is kept for all processes. `renew` is called by one of them at a time; the others get what it brought. */
export interface TokenStore {
  current(request: TokenRequest): Promise<Renewal>;
}

const TIMEOUT_MS = 10_000;
/** A token with less than this left may run out on its way. */
const MARGIN_MS = 60_000;

export async function accessToken(
  grant: RefreshGrant,
  ctx: RunContext,
  stale?: string,
): Promise<Renewal> {
  const renew: TokenRequest['renew'] = (kept) =>
    renewed({ ...grant, refreshToken: kept?.refreshToken ?? grant.refreshToken }, ctx);
  if (ctx.tokens === undefined) return renew(undefined);
  try {
    return await ctx.tokens.current({ grantId: grantIdOf(grant), stale, renew });
  } catch {
    // The place where tokens are kept is away: nothing has been sent, so another try does no harm.
    return { ok: false, fault: retryable('provider_unavailable', 'no access token can be had') };
  }
}

function grantIdOf({ clientId, refreshToken }: RefreshGrant): string {
  return createHash('sha256').update(`${clientId}\n${refreshToken}`).digest('hex');
}

async function renewed(grant: RefreshGrant, ctx: RunContext): Promise<Renewal> {
  const outcome = await sendPlan(planOf(grant), ctx, TIMEOUT_MS);
  if (outcome.kind === 'fault') return { ok: false, fault: harmless(outcome.fault) };
  return tokenIn(outcome.response, ctx.now());
}

function planOf({ tokenUrl, clientId, clientSecret, refreshToken }: RefreshGrant): HttpPlan {
  const fields = {
    grant_type: 'refresh_token',
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
  };
  return {
    method: 'POST',
    url: tokenUrl,
    headers: { accept: 'application/json' },
    body: { kind: 'form', fields },
    items: [],
  };
}

const TokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().optional(),
  refresh_token: z.string().min(1).optional(),
});

function tokenIn(response: HttpResponse, nowMs: number): Renewal {
  const fault = faultOfResponse(response, nowMs);
  // RFC 6749 5.2: a grant that is refused is answered with 400, by some with 401.
  if (fault?.class === 'invalidItem') return { ok: false, fault: refused(response) };
  if (fault !== undefined) return { ok: false, fault };
  const answer = jsonOf(response, TokenAnswer);
  if (answer === undefined) {
    return { ok: false, fault: retryable('provider_unavailable', 'no token in the answer') };
  }
  const livesMs = (answer.expires_in ?? 3_600) * 1_000;
  const token: AccessToken = {
    token: answer.access_token,
    expiresAt: nowMs + Math.max(livesMs - MARGIN_MS, livesMs / 2),
    refreshToken: answer.refresh_token,
  };
  return { ok: true, token };
}

function refused({ status }: HttpResponse): DeliveryFault {
  return {
    class: 'authInvalid',
    code: 'auth_invalid',
    message: `HTTP ${status} from the token URL`,
  };
}

/** Asking for a token twice is no second effect. */
function harmless(fault: DeliveryFault): DeliveryFault {
  return fault.class === 'ambiguous' ? retryable('provider_unavailable', fault.message) : fault;
}
