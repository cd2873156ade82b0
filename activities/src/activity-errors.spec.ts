import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { Superseded } from '@throughline/store/journeys';
import { FAILURES } from '@throughline/workflows/contract';
import { translated, tryAgain } from './activity-errors.js';

describe('failures of activities', () => {
  const lines: unknown[] = [];
  const log = { warn: (fields: unknown) => void lines.push(fields) };

  async function translate(error: unknown): Promise<unknown> {
    return translated(log, 'step', () =>
      Promise.reject(error instanceof Error ? error : new TypeError('?')),
    ).catch((caught: unknown) => caught);
  }

  it('say that a run was replaced, once and for all', async () => {
    expect(await translate(new Superseded('older_generation'))).toMatchObject({
      type: FAILURES.superseded,
      nonRetryable: true,
    });
  });

  it('call a database that is away an outage', async () => {
    const away = Object.assign(new TypeError('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(await translate(away)).toMatchObject({ type: 'StoreOutage', nonRetryable: false });
  });

  it('repeat nothing of what a library said, in history or log', async () => {
    const told = Object.assign(new TypeError('Key (email)=(ada@example.com) exists'), {
      code: '23505',
    });
    const failure = await translate(told);
    expect(failure).toMatchObject({ type: 'Defect', nonRetryable: false });
    expect(String(failure)).not.toContain('ada');
    expect(JSON.stringify(lines)).not.toContain('ada');
    expect(JSON.stringify(lines)).toContain('23505');
  });

  it('let our own failures and cancellations through as they are', async () => {
    const own = ApplicationFailure.create({ message: 'x' });
    const cancelled = new CancelledFailure('x');
    expect(await translate(own)).toBe(own);
    expect(await translate(cancelled)).toBe(cancelled);
  });

  it('keep the wish of a provider within an hour', () => {
    expect(tryAgain('rate_limited', 5_000).nextRetryDelay).toBeGreaterThanOrEqual(5_000);
    expect(tryAgain('rate_limited', 5_000).nextRetryDelay).toBeLessThanOrEqual(5_500);
    expect(tryAgain('rate_limited', 1e12).nextRetryDelay).toBeLessThanOrEqual(3_600_000 * 1.1);
    expect(tryAgain('network_unreachable').nextRetryDelay).toBeUndefined();
  });
});
