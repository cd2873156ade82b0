/**
 * Sends one planned request and says what is certain about it.
 * The line that matters is the moment the first byte is written: before it nothing can have happened, after it only an answer can tell.
 */
import { errors, type Dispatcher } from 'undici';
import type { RunContext } from './context.js';
import { ambiguous, configFault, retryable, type DeliveryFault } from './faults.js';
import { encodeBody, targetOf, type HttpPlan, type HttpResponse } from './http-plan.js';
import { EgressRefused } from './ssrf-guard.js';

export const RESPONSE_CAP_BYTES = 64 * 1024;

export type SendOutcome =
  | { readonly kind: 'answered'; readonly response: HttpResponse }
  | { readonly kind: 'fault'; readonly fault: DeliveryFault };

export async function sendPlan(
  plan: HttpPlan,
  ctx: RunContext,
  timeoutMs: number,
): Promise<SendOutcome> {
  const verdict = ctx.egress.checkUrl(targetOf(plan, ctx.baseUrlOverride).href);
  if (!verdict.allowed) return refused(verdict.reason);
  if (ctx.signal?.aborted === true) return faulty(retryable('cancelled', 'cancelled before send'));
  const { bytes, contentType } = encodeBody(plan.body);
  return new Exchange(ctx.egress.dispatcher).run(
    {
      origin: verdict.url.origin,
      path: `${verdict.url.pathname}${verdict.url.search}`,
      method: plan.method,
      headers: {
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
        'user-agent': 'Throughline',
        ...plan.headers,
      },
      body: bytes,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    },
    { timeoutMs, signal: ctx.signal },
  );
}

interface Limits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** One request on the wire. Settles once; whatever comes later (an answer after the timeout, an abort's own error) changes nothing. */
class Exchange implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private head: { status: number; headers: Record<string, string> } | undefined;
  private readonly chunks: Buffer[] = [];
  private received = 0;
  private outcome: SendOutcome | undefined;
  private settle: (outcome: SendOutcome) => void = () => undefined;

  constructor(private readonly dispatcher: Dispatcher) {}

  async run(options: Dispatcher.DispatchOptions, limits: Limits): Promise<SendOutcome> {
    const settled = new Promise<SendOutcome>((resolve) => {
      this.settle = resolve;
    });
    const timer = setTimeout(() => {
      this.giveUp('connect_timeout');
    }, limits.timeoutMs);
    const onAbort = (): void => {
      this.giveUp('cancelled');
    };
    limits.signal?.addEventListener('abort', onAbort, { once: true });
    this.dispatcher.dispatch(options, this);
    try {
      return await settled;
    } finally {
      clearTimeout(timer);
      limits.signal?.removeEventListener('abort', onAbort);
    }
  }

  /** undici calls this on an open socket, just before it writes the head. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // Given up while still connecting: the queued request must not go out behind our back.
    if (this.outcome !== undefined) controller.abort(new errors.RequestAbortedError());
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    this.head = { status, headers: flatten(headers) };
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const room = RESPONSE_CAP_BYTES - this.received;
    this.chunks.push(chunk.subarray(0, Math.max(0, room)));
    this.received += chunk.length;
    if (this.received > RESPONSE_CAP_BYTES) {
      this.finish(this.answer(false));
      controller.abort(new errors.RequestAbortedError());
    }
  }

  onResponseEnd(): void {
    this.finish(this.answer(true));
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.finish(this.broken(error));
  }

  private giveUp(code: 'connect_timeout' | 'cancelled'): void {
    const started = this.controller !== undefined;
    this.finish(
      started
        ? this.answer(false)
        : faulty(retryable(code, 'given up before anything was written')),
    );
    this.controller?.abort(new errors.RequestAbortedError());
  }

  /** With a head there is an answer, even a cut one; without, only that something was written. */
  private answer(complete: boolean): SendOutcome {
    if (this.head === undefined) {
      return faulty(ambiguous('outcome_unknown', 'no answer after the request was written'));
    }
    const body = Buffer.concat(this.chunks).toString('utf8');
    return { kind: 'answered', response: { ...this.head, body, complete } };
  }

  private broken(error: Error): SendOutcome {
    return this.controller === undefined ? faulty(notSent(error)) : this.answer(false);
  }

  private finish(outcome: SendOutcome): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    this.settle(outcome);
  }
}

function faulty(fault: DeliveryFault): SendOutcome {
  return { kind: 'fault', fault };
}

function refused(reason: string): SendOutcome {
  return faulty(configFault('address_refused', `address refused: ${reason}`));
}

/** An error from before the first byte. The message holds the system's code only: the rest may name hosts. */
function notSent(error: Error): DeliveryFault {
  if (error instanceof EgressRefused) return configFault('address_refused', error.message);
  const code = codeOf(error);
  if (error instanceof errors.ConnectTimeoutError || code === 'ETIMEDOUT') {
    return retryable('connect_timeout', code);
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA') {
    return retryable('dns_failure', code);
  }
  if (/^(ERR_(TLS|SSL)|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code)) {
    return retryable('tls_failure', code);
  }
  if (error instanceof errors.InvalidArgumentError) return configFault('settings_invalid', code);
  return retryable('network_unreachable', code);
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function flatten(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
