import { describe, expect, it } from '@jest/globals';
import { responseOf } from '../kit/testing/status-rows.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { faultOfHubspot, hubspotRateLimit } from './hubspot-fault.js';

describe('what slows a HubSpot connection down', () => {
  it.each<[string, Parameters<typeof responseOf>[0], object | undefined]>([
    ['429 without a word', { status: 429 }, {}],
    ['429 with seconds', { status: 429, headers: { 'retry-after': '4' } }, { afterMs: 4_000 }],
    ['429 of the second', { status: 429, body: '{"policyName":"SECONDLY"}' }, { afterMs: 1_000 }],
    ['429 of an unknown limit', { status: 429, body: '{"policyName":"LUNAR"}' }, {}],
    ['429 with HTML', { status: 429, body: '<html></html>' }, {}],
    ['423', { status: 423 }, { afterMs: 2_000 }],
    ['477 with seconds', { status: 477, headers: { 'retry-after': '60' } }, { afterMs: 60_000 }],
    ['477 alone, which may last a day', { status: 477 }, undefined],
    ['500', { status: 500 }, undefined],
    ['400', { status: 400, body: '{"policyName":"DAILY"}' }, undefined],
    ['200', { status: 200, body: '{"policyName":"DAILY"}' }, undefined],
  ])('%s', (_name, given, expected) => {
    expect(hubspotRateLimit(responseOf(given), NOW_MS)).toEqual(expected);
  });

  it('is told apart from what is wrong with the connection, with the category for a person', () => {
    const body = JSON.stringify({ category: 'MISSING_SCOPES', message: 'for ada@shop.example' });
    expect(faultOfHubspot(responseOf({ status: 403, body }), NOW_MS)).toEqual({
      class: 'authInvalid',
      code: 'auth_invalid',
      message: 'HTTP 403, MISSING_SCOPES',
    });
  });
});
