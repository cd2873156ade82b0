import { describe, expect, it } from '@jest/globals';
import {
  ambiguous,
  attentionOf,
  configFault,
  itemFault,
  resultOfFault,
  retryable,
  type DeliveryFault,
} from './faults.js';
import type { ItemResult } from './results.js';

describe('resultOfFault', () => {
  it.each<[DeliveryFault, ItemResult]>([
    [retryable('dns_failure', 'm'), { status: 'retry', code: 'dns_failure' }],
    [
      { class: 'rateLimited', code: 'rate_limited', message: 'm' },
      { status: 'retry', code: 'rate_limited' },
    ],
    [
      { class: 'rateLimited', code: 'rate_limited', message: 'm', afterMs: 5 },
      { status: 'retry', code: 'rate_limited', afterMs: 5 },
    ],
    [
      { class: 'authInvalid', code: 'auth_invalid', message: 'm' },
      { status: 'failed', code: 'auth_invalid', message: 'm' },
    ],
    [
      { class: 'gone', code: 'endpoint_gone', message: 'm' },
      { status: 'failed', code: 'endpoint_gone', message: 'm' },
    ],
    [
      configFault('address_refused', 'm'),
      { status: 'failed', code: 'address_refused', message: 'm' },
    ],
    [itemFault('item_rejected', 'm'), { status: 'failed', code: 'item_rejected', message: 'm' }],
    [
      { class: 'invalidItem', code: 'hard_bounce', message: 'm', permanentAddress: true },
      { status: 'failed', code: 'hard_bounce', message: 'm', permanentAddress: true },
    ],
  ])('turns %j into %j, whatever the provider honours', (fault, expected) => {
    expect(resultOfFault(fault, 'key')).toEqual(expected);
    expect(resultOfFault(fault, 'none')).toEqual(expected);
  });

  it('repeats an ambiguous attempt only where the provider honours the key', () => {
    const fault = ambiguous('outcome_unknown', 'm');
    expect(resultOfFault(fault, 'key')).toEqual({ status: 'retry', code: 'outcome_unknown' });
    expect(resultOfFault(fault, 'none')).toEqual({ status: 'unknown', code: 'outcome_unknown' });
  });
});

describe('attentionOf', () => {
  it('singles out what concerns the whole connection', () => {
    expect(attentionOf('auth_invalid')).toBe('auth_invalid');
    expect(attentionOf('endpoint_gone')).toBe('endpoint_gone');
    expect(attentionOf('sender_refused')).toBe('sender_refused');
    expect(attentionOf('hard_bounce')).toBeUndefined();
    expect(attentionOf('rate_limited')).toBeUndefined();
  });
});
