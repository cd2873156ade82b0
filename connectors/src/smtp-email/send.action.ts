/** Sends mails one by one over pooled connections, and says of each what is certain. */
import type { DirectActionSpec, DirectContext } from '../kit/direct-action.js';
import { configFault, resultOfFault, retryable, type DeliveryFault } from '../kit/faults.js';
import { mapLimited } from '../kit/map-limited.js';
import type { DeliveryItem, ItemResult } from '../kit/results.js';
import { EgressRefused } from '../kit/ssrf-guard.js';
import { buildMail, type BuiltMail } from './build-mail.js';
import { faultOfSmtp, SmtpFailure } from './smtp-failure.js';
import type { Lease, SmtpPool } from './smtp-pool.js';
import type { SmtpPools } from './smtp-pools.js';
import { endpointOf, targetOf } from './smtp-target.js';
import { MailInput, type SmtpSettings } from './smtp.settings.js';

type SmtpContext = Pick<DirectContext<SmtpSettings>, 'egress' | 'baseUrlOverride' | 'settings'>;

export function sendSpec(pools: SmtpPools): DirectActionSpec<SmtpSettings, MailInput> {
  return {
    title: 'Send an e-mail',
    input: MailInput,
    run: async (items, ctx) => {
      const pool = poolOf(pools, ctx);
      const results = new Map<DeliveryItem<MailInput>, ItemResult>();
      await mapLimited(items, ctx.limits.concurrency, async (item) => {
        results.set(item, await sendOne(item, pool, ctx));
      });
      return items.flatMap((item) => results.get(item) ?? []);
    },
  };
}

/** Opens a connection and logs in, and sends nothing. */
export async function tryConnection(
  pools: SmtpPools,
  ctx: SmtpContext,
): Promise<DeliveryFault | undefined> {
  try {
    const pool = poolOf(pools, ctx);
    pool.release(await pool.acquire());
    return undefined;
  } catch (error) {
    return faultOf(error);
  }
}

async function sendOne(
  item: DeliveryItem<MailInput>,
  pool: SmtpPool,
  ctx: DirectContext<SmtpSettings>,
): Promise<ItemResult> {
  if (ctx.signal?.aborted === true) {
    return resultOfFault(retryable('cancelled', 'cancelled before send'), 'none');
  }
  try {
    const mail = await buildMail(item, ctx.settings, ctx.now());
    return { status: 'delivered', providerId: await transmit(mail, pool, ctx) };
  } catch (error) {
    return resultOfFault(faultOf(error), 'none');
  }
}

async function transmit(
  mail: BuiltMail,
  pool: SmtpPool,
  ctx: DirectContext<SmtpSettings>,
): Promise<string> {
  const giveUp = giveUpSignal(ctx);
  const lease = await acquireUntil(pool, giveUp);
  try {
    const info = await lease.session.send(mail, giveUp);
    pool.release(lease);
    return info.serverMessageId ?? mail.messageId;
  } catch (error) {
    await giveBack(lease, pool, error);
    // The server had hung up on an idle connection: nothing was sent, and a new connection will tell the truth.
    if (lease.reused && isStale(error)) return transmit(mail, pool, ctx);
    throw error;
  }
}

/** A connection that comes too late for this mail is kept for the next one. */
async function acquireUntil(pool: SmtpPool, giveUp: AbortSignal): Promise<Lease> {
  const acquired = pool.acquire();
  const aborted = new Promise<undefined>((resolve) => {
    const onAbort = (): void => {
      resolve(undefined);
    };
    giveUp.addEventListener('abort', onAbort, { once: true });
    if (giveUp.aborted) onAbort();
  });
  const lease = await Promise.race([acquired, aborted]);
  if (lease !== undefined) return lease;
  acquired.then(
    (late) => {
      pool.release(late);
    },
    () => undefined,
  );
  throw new SmtpFailure({ stage: 'connect', code: 'EABORT', command: 'CONN' });
}

function giveUpSignal({ limits, signal }: DirectContext<SmtpSettings>): AbortSignal {
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  return signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
}

/** A refusal leaves the connection in order; anything else leaves it in doubt. */
async function giveBack(lease: Lease, pool: SmtpPool, error: unknown): Promise<void> {
  const refused = error instanceof SmtpFailure && error.facts.responseCode !== undefined;
  if (refused && lease.session.usable && (await lease.session.reset())) pool.release(lease);
  else pool.discard(lease);
}

function isStale(error: unknown): boolean {
  if (!(error instanceof SmtpFailure) || error.facts.stage !== 'envelope') return false;
  return error.facts.responseCode === undefined
    ? error.facts.code === 'ECONNECTION' || error.facts.code === 'ESOCKET'
    : error.facts.responseCode === 421;
}

function faultOf(error: unknown): DeliveryFault {
  if (error instanceof SmtpFailure) return faultOfSmtp(error.facts);
  if (error instanceof EgressRefused) return configFault('address_refused', error.message);
  // Only building the mail and resolving the name come before the first SMTP word; neither has sent anything.
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(ENOTFOUND|EAI_AGAIN|ENODATA|ETIMEOUT)$/.test(code)) return retryable('dns_failure', code);
  return retryable('network_unreachable', code);
}

function poolOf(pools: SmtpPools, ctx: SmtpContext): SmtpPool {
  const { settings, egress } = ctx;
  const endpoint = endpointOf(settings, ctx.baseUrlOverride);
  const { secure, user, pass } = settings;
  return pools.poolFor(egress, [endpoint.host, endpoint.port, secure, user, pass], async () => {
    const verdict = await egress.resolveChecked(endpoint.host);
    if (!verdict.allowed) throw new EgressRefused(verdict.reason);
    return targetOf(settings, endpoint, verdict.addresses);
  });
}
