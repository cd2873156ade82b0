import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { aloneAfterRefusal, refusedTogether } from './alone.js';
import type { Action, ActionJob } from './define-connector.js';
import type { ItemResult } from './results.js';
import { testContext } from './testing/test-context.js';

const DELIVERED: ItemResult = { status: 'delivered' };
const REFUSED: ItemResult = { status: 'failed', code: 'item_rejected', message: 'HTTP 400' };

/** A vendor that takes a request whole or not at all; `calls` holds the keys of each request. */
function allOrNothing(calls: string[][]): Action<null> {
  return {
    title: 'All or nothing',
    input: z.object({}),
    perform: ({ items }) => {
      const keys = items.map((item) => item.key);
      calls.push(keys);
      const bad = keys.some((key) => key.startsWith('bad'));
      const result = bad ? refusedTogether(items.length, 'HTTP 400') : DELIVERED;
      return Promise.resolve(items.map(() => result));
    },
  };
}

function jobOf(keys: readonly string[]): ActionJob<null> {
  const limits = { maxItems: 10, maxBytes: 1_000, concurrency: 2, timeoutMs: 1_000 };
  return {
    connector: { key: 'test', limits, idempotency: 'none' },
    settings: null,
    items: keys.map((key) => ({ key, input: {} })),
    ctx: testContext().ctx,
  };
}

describe('items of a refused request', () => {
  it('are sent again one by one, so that only the bad one fails', async () => {
    const calls: string[][] = [];
    const action = aloneAfterRefusal(allOrNothing(calls));
    const results = await action.perform(jobOf(['a', 'bad', 'c']));
    expect(results).toEqual([DELIVERED, REFUSED, DELIVERED]);
    expect(calls).toEqual([['a', 'bad', 'c'], ['a'], ['bad'], ['c']]);
  });

  it('are not sent again when they went alone or were taken', async () => {
    const calls: string[][] = [];
    const action = aloneAfterRefusal(allOrNothing(calls));
    expect(await action.perform(jobOf(['bad']))).toEqual([REFUSED]);
    expect(await action.perform(jobOf(['a', 'b']))).toEqual([DELIVERED, DELIVERED]);
    expect(calls).toEqual([['bad'], ['a', 'b']]);
  });

  it('each get the result that they deserve, whoever travels with them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('good', 'bad'), { maxLength: 8 }),
        async (kinds) => {
          const keys = kinds.map((kind, place) => `${kind}-${place}`);
          const results = await aloneAfterRefusal(allOrNothing([])).perform(jobOf(keys));
          expect(results).toEqual(kinds.map((kind) => (kind === 'bad' ? REFUSED : DELIVERED)));
        },
      ),
    );
  });

  it('leave the rest of the action as it was', () => {
    const inner = allOrNothing([]);
    const { title, input } = aloneAfterRefusal(inner);
    expect({ title, input }).toEqual({ title: inner.title, input: inner.input });
  });
});
