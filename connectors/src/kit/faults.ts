/**
 * What can go wrong between us and a provider, as one closed list.
 * The class decides what happens next (retry, give up, ask a person); the code says it to a person.
 */
import { assertNever } from '@throughline/domain/shared';
import type { ItemResult } from './results.js';

/** Nothing reached the provider, or it asked for another try. */
export type RetryableCode =
  | 'network_unreachable'
  | 'dns_failure'
  | 'connect_timeout'
  | 'tls_failure'
  | 'cancelled'
  | 'provider_unavailable'
  | 'temporarily_refused';
/** The connection itself is set up wrongly: every item would fail in the same way. */
const CONFIG_CODES = [
  'settings_invalid',
  'unknown_action',
  'address_refused',
  'redirect_refused',
  'endpoint_not_found',
  'sender_refused',
  'provider_refused_connection',
  'audience_unusable',
] as const;
/** This one item is at fault; its neighbours are not. */
export const ITEM_CODES = [
  'item_invalid',
  'header_injection',
  'item_too_large',
  'item_rejected',
  'hard_bounce',
  'message_refused',
] as const;
/** The request left this machine and no answer tells what became of it. */
export type AmbiguousCode = 'outcome_unknown' | 'response_unreadable' | 'connector_defect';

export type ConfigCode = (typeof CONFIG_CODES)[number];
export type ItemCode = (typeof ITEM_CODES)[number];
export type FaultCode =
  | RetryableCode
  | ConfigCode
  | ItemCode
  | AmbiguousCode
  | 'rate_limited'
  | 'auth_invalid'
  | 'endpoint_gone';

export type DeliveryFault =
  | { readonly class: 'retryable'; readonly code: RetryableCode; readonly message: string }
  | {
      readonly class: 'rateLimited';
      readonly code: 'rate_limited';
      readonly message: string;
      readonly afterMs?: number;
    }
  | { readonly class: 'authInvalid'; readonly code: 'auth_invalid'; readonly message: string }
  | { readonly class: 'config'; readonly code: ConfigCode; readonly message: string }
  | {
      readonly class: 'invalidItem';
      readonly code: ItemCode;
      readonly message: string;
      readonly permanentAddress?: boolean;
    }
  | { readonly class: 'gone'; readonly code: 'endpoint_gone'; readonly message: string }
  | { readonly class: 'ambiguous'; readonly code: AmbiguousCode; readonly message: string };

/** Whether the provider recognises our key when the same item is sent again. */
export type Idempotency = 'key' | 'none';

/**
 * The outcome of one item that met a fault.
 * An ambiguous one may be sent again only where the provider honours our key; anywhere else a second try could be a second effect.
 */
export function resultOfFault(fault: DeliveryFault, idempotency: Idempotency): ItemResult {
  switch (fault.class) {
    case 'retryable':
      return { status: 'retry', code: fault.code };
    case 'rateLimited':
      return fault.afterMs === undefined
        ? { status: 'retry', code: fault.code }
        : { status: 'retry', code: fault.code, afterMs: fault.afterMs };
    case 'authInvalid':
    case 'config':
    case 'gone':
      return { status: 'failed', code: fault.code, message: fault.message };
    case 'invalidItem':
      return {
        status: 'failed',
        code: fault.code,
        message: fault.message,
        ...(fault.permanentAddress === true ? { permanentAddress: true } : {}),
      };
    case 'ambiguous':
      return idempotency === 'key'
        ? { status: 'retry', code: fault.code }
        : { status: 'unknown', code: fault.code };
    default:
      return assertNever(fault);
  }
}

/** Faults that a person must mend before anything else goes out through this connection. */
export type Attention = 'auth_invalid' | 'endpoint_gone' | ConfigCode;

export function attentionOf(code: FaultCode): Attention | undefined {
  if (code === 'auth_invalid' || code === 'endpoint_gone') return code;
  return CONFIG_CODES.find((known) => known === code);
}

export function retryable(code: RetryableCode, message: string): DeliveryFault {
  return { class: 'retryable', code, message };
}

export function configFault(code: ConfigCode, message: string): DeliveryFault {
  return { class: 'config', code, message };
}

export function itemFault(code: ItemCode, message: string): DeliveryFault {
  return { class: 'invalidItem', code, message };
}

export function ambiguous(code: AmbiguousCode, message: string): DeliveryFault {
  return { class: 'ambiguous', code, message };
}
