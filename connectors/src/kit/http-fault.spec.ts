import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { faultOfResponse } from './http-fault.js';
import type { HttpResponse } from './http-plan.js';

const NOW = Date.UTC(2026, 0, 1);
const respond = (status: number, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers,
  body: 'person@example.com is unknown',
  complete: true,
});

describe('faultOfResponse', () => {
  it.each<[number, string | undefined]>([
    [200, undefined],
    [204, undefined],
    [207, undefined],
    [301, 'config'],
    [400, 'invalidItem'],
    [401, 'authInvalid'],
    [403, 'authInvalid'],
    [404, 'config'],
    [408, 'retryable'],
    [409, 'invalidItem'],
    [410, 'gone'],
    [422, 'invalidItem'],
    [425, 'retryable'],
    [429, 'rateLimited'],
    [500, 'retryable'],
    [501, 'invalidItem'],
    [502, 'retryable'],
    [503, 'retryable'],
    [504, 'retryable'],
    [599, 'retryable'],
  ])('classes %i as %s', (status, expected) => {
    expect(faultOfResponse(respond(status), NOW)?.class).toBe(expected);
  });

  it('takes the wish of a 429 or 503 in both forms', () => {
    const inSeconds = { 'retry-after': '5' };
    const atDate = { 'retry-after': new Date(NOW + 60_000).toUTCString() };
    expect(faultOfResponse(respond(429, inSeconds), NOW)).toMatchObject({ afterMs: 5_000 });
    expect(faultOfResponse(respond(429, atDate), NOW)).toMatchObject({ afterMs: 60_000 });
    expect(faultOfResponse(respond(503, inSeconds), NOW)).toMatchObject({
      class: 'rateLimited',
      afterMs: 5_000,
    });
  });

  it('has a fault for every status but 2xx, and never quotes the body', () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), (status) => {
        const fault = faultOfResponse(respond(status), NOW);
        expect(fault === undefined).toBe(status < 300);
        expect(JSON.stringify(fault ?? {})).not.toContain('person');
      }),
    );
  });
});
