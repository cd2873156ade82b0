/**
 * The access token of a connection, the same for every process. The row is locked for an instant only: while the vendor is asked
 * for a new token, a lease says who asks, and the others wait for what comes of it. No database connection waits with them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { assertNever, ThroughlineError } from '@throughline/domain/shared';
import { inWorkspace, newId } from '../shared/index.js';
import { dropLease, keepToken, readToken, takeLease } from './oauth-token-row.js';
import type { KeptToken, TokenPlace } from './oauth-token-row.js';

export type TokenRenewal<Fault> =
  { readonly ok: true; readonly token: KeptToken } | { readonly ok: false; readonly fault: Fault };

export interface TokenAsk<Fault> {
  /** Tokens made from another grant are not looked at: the connection's settings have changed. */
  readonly grantId: string;
  /** The token that has just been refused. */
  readonly stale?: string | undefined;
  /** Asks the vendor, within the time of a lease; gets what is kept, for the refresh token in it. */
  readonly renew: (kept: KeptToken | undefined) => Promise<TokenRenewal<Fault>>;
}

const LOOK_EVERY_MS = 100;
/** More than a lease lasts: whoever waits comes to ask for itself when the holder has died. */
const GIVE_UP_AFTER_MS = 20_000;

export async function currentToken<Fault>(
  place: TokenPlace,
  ask: TokenAsk<Fault>,
): Promise<TokenRenewal<Fault>> {
  const until = place.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    const found = await look(place, ask);
    switch (found.kind) {
      case 'good':
        return { ok: true, token: found.token };
      case 'mine':
        return renewed(place, ask, found);
      case 'theirs':
        if (place.now() > until) throw new ThroughlineError('unavailable');
        await delay(LOOK_EVERY_MS);
        break;
      default:
        return assertNever(found);
    }
  }
}

interface Held {
  readonly lease: string;
  readonly kept: KeptToken | undefined;
}

type Found =
  | { readonly kind: 'good'; readonly token: KeptToken }
  | ({ readonly kind: 'mine' } & Held)
  | { readonly kind: 'theirs' };

async function look<Fault>(place: TokenPlace, ask: TokenAsk<Fault>): Promise<Found> {
  return inWorkspace(place.pool, place.workspaceId, async (client) => {
    const { kept, leased } = await readToken(client, place, ask.grantId);
    if (kept !== undefined && kept.token !== ask.stale && kept.expiresAt > place.now()) {
      return { kind: 'good', token: kept };
    }
    if (leased) return { kind: 'theirs' };
    const lease = newId();
    await takeLease(client, place, lease);
    return { kind: 'mine', lease, kept };
  });
}

async function renewed<Fault>(
  place: TokenPlace,
  ask: TokenAsk<Fault>,
  { lease, kept }: Held,
): Promise<TokenRenewal<Fault>> {
  const { pool, workspaceId } = place;
  try {
    const renewal = await ask.renew(kept);
    if (!renewal.ok) return renewal;
    // A vendor that gives out no new refresh token means the old one to stay.
    const refreshToken = renewal.token.refreshToken ?? kept?.refreshToken;
    const token = { ...renewal.token, refreshToken };
    await inWorkspace(pool, workspaceId, (client) =>
      keepToken(client, place, { lease, grantId: ask.grantId, token }),
    );
    return { ok: true, token };
  } finally {
    await inWorkspace(pool, workspaceId, (client) => dropLease(client, place, lease));
  }
}
