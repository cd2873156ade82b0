/** What plain statuses mean to every connector, one row each; a connector's own spec adds what its vendor says in bodies. */
import type { HttpResponse } from '../http-plan.js';
import type { ItemResult } from '../results.js';
import { NOW_MS } from './test-context.js';

export type StatusRow = readonly [name: string, given: Partial<HttpResponse>, expected: ItemResult];

export function responseOf(over: Partial<HttpResponse>): HttpResponse {
  return { status: 200, headers: {}, body: '', complete: true, ...over };
}

function failed(status: number, code: 'item_rejected' | 'auth_invalid'): StatusRow {
  return [String(status), { status }, { status: 'failed', code, message: `HTTP ${status}` }];
}

const UNAVAILABLE: ItemResult = { status: 'retry', code: 'provider_unavailable' };

export const STATUS_ROWS: readonly StatusRow[] = [
  ['302', { status: 302 }, { status: 'failed', code: 'redirect_refused', message: 'HTTP 302' }],
  failed(400, 'item_rejected'),
  failed(401, 'auth_invalid'),
  failed(403, 'auth_invalid'),
  ['404', { status: 404 }, { status: 'failed', code: 'endpoint_not_found', message: 'HTTP 404' }],
  ['408', { status: 408 }, UNAVAILABLE],
  failed(409, 'item_rejected'),
  ['410', { status: 410 }, { status: 'failed', code: 'endpoint_gone', message: 'HTTP 410' }],
  failed(413, 'item_rejected'),
  failed(422, 'item_rejected'),
  ['425', { status: 425 }, UNAVAILABLE],
  ['429 alone', { status: 429 }, { status: 'retry', code: 'rate_limited' }],
  [
    '429, seconds',
    { status: 429, headers: { 'retry-after': '120' } },
    { status: 'retry', code: 'rate_limited', afterMs: 120_000 },
  ],
  [
    '429, date',
    { status: 429, headers: { 'retry-after': new Date(NOW_MS + 5_000).toUTCString() } },
    { status: 'retry', code: 'rate_limited', afterMs: 5_000 },
  ],
  ['500', { status: 500 }, UNAVAILABLE],
  ['500 with HTML', { status: 500, body: '<h1>oops</h1>' }, UNAVAILABLE],
  failed(501, 'item_rejected'),
  ['503', { status: 503 }, UNAVAILABLE],
  [
    '503, seconds',
    { status: 503, headers: { 'retry-after': '3' } },
    { status: 'retry', code: 'rate_limited', afterMs: 3_000 },
  ],
];
