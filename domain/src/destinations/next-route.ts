import type { MessageChannel, SkipReason } from '../journeys/types.js';
import { assertNever } from '../shared/index.js';

/** What came of one way of a message. */
export type Trial =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'skipped'; readonly reason: SkipReason }
  | { readonly kind: 'failed'; readonly code: string; readonly deadAddress: boolean };

/** The person cannot be reached on this channel; perhaps on another. */
const UNREACHABLE: ReadonlySet<SkipReason> = new Set([
  'no_address',
  'no_consent',
  'consent_revoked',
  'suppressed',
]);

/** The template is at fault, which is the same for everybody who carries it. */
const OF_TEMPLATE = /^(template_|render_|variables_|output_|missing_)/;

/**
 * The way that is tried after this one; null: none. Only what has certainly sent nothing leads on. Where the channel or its template is
 * at fault, other connections of that channel would fare no better, so the next is the first of another channel.
 */
export function nextRoute(
  routes: readonly { readonly channel: MessageChannel }[],
  at: number,
  trial: Trial,
): number | null {
  switch (trial.kind) {
    case 'accepted':
    case 'unknown':
      return null;
    case 'skipped':
      return UNREACHABLE.has(trial.reason) ? otherChannel(routes, at) : null;
    case 'failed':
      return trial.deadAddress || OF_TEMPLATE.test(trial.code)
        ? otherChannel(routes, at)
        : following(routes, at + 1);
    default:
      return assertNever(trial);
  }
}

function otherChannel(
  routes: readonly { readonly channel: MessageChannel }[],
  at: number,
): number | null {
  const channel = routes[at]?.channel;
  const next = routes.findIndex((route, index) => index > at && route.channel !== channel);
  return next === -1 ? null : next;
}

function following(routes: readonly unknown[], index: number): number | null {
  return index < routes.length ? index : null;
}
