import { afterAll, beforeEach, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineConnector, type ConnectorDefinition } from './define-connector.js';
import { directAction } from './direct-action.js';
import { resultOfFault } from './faults.js';
import { httpAction } from './http-action.js';
import { faultOfResponse } from './http-fault.js';
import type { HttpPlan } from './http-plan.js';
import { mapLimited } from './map-limited.js';
import type { DeliveryItem, ItemResult } from './results.js';
import { runAction } from './run-action.js';
import {
  answer,
  startCaptureServer,
  type CaptureServer,
  type Reply,
} from './testing/capture-server.js';
import { testContext } from './testing/test-context.js';

const Settings = z.object({ url: z.string(), token: z.string().meta({ secret: true }) });
const Input = z.object({ n: z.number(), pad: z.string().optional() });
type Settings = z.infer<typeof Settings>;
type Input = z.infer<typeof Input>;
const Rows = z.array(z.object({ key: z.string(), n: z.number() }));
const Answer = z.object({ refused: z.array(z.number()).optional() });

/** A vendor that takes many items at once and answers 200 even for those that it refuses. */
function batchPlan(items: readonly DeliveryItem<Input>[], settings: Settings): readonly HttpPlan[] {
  return [
    {
      method: 'POST',
      url: settings.url,
      headers: { authorization: `Bearer ${settings.token}` },
      body: { kind: 'json', value: items.map(({ key, input }) => ({ key, n: input.n })) },
      items: items.map((_item, index) => index),
    },
  ];
}

type Read = Parameters<typeof httpAction<Settings, Input>>[0]['read'];
const readBatch: Read = (response, items, ctx) => {
  const fault = faultOfResponse(response, ctx.nowMs);
  if (fault !== undefined) return items.map(() => resultOfFault(fault, ctx.idempotency));
  const { refused = [] } = Answer.parse(JSON.parse(response.body));
  return items.map(({ input }) =>
    refused.includes(input.n)
      ? { status: 'failed', code: 'item_rejected', message: 'refused' }
      : { status: 'delivered' },
  );
};

function connectorWith(
  over: { idempotency?: 'key' | 'none'; read?: Read; build?: () => readonly HttpPlan[] } = {},
): ConnectorDefinition {
  return defineConnector({
    key: 'bulk',
    name: 'Bulk',
    category: 'event',
    docsUrl: 'https://vendor.example',
    auth: 'apiKey',
    idempotency: over.idempotency ?? 'none',
    idempotencyHeader: 'idempotency-key',
    limits: { maxItems: 3, maxBytes: 200, concurrency: 2, timeoutMs: 5_000 },
    settings: Settings,
    actions: {
      load: httpAction<Settings, Input>({
        title: 'Load',
        input: Input,
        build: over.build ?? ((items, ctx) => batchPlan(items, ctx.settings)),
        read: over.read ?? readBatch,
      }),
      boom: directAction<Settings, Input>({
        title: 'Boom',
        input: Input,
        run: () => Promise.reject(new RangeError('person-1 broke it')),
      }),
      short: directAction<Settings, Input>({
        title: 'Short',
        input: Input,
        run: (items) => Promise.resolve(items.slice(1).map(() => ({ status: 'delivered' }))),
      }),
    },
    check: () => Promise.resolve({ ok: true }),
  });
}

describe('runAction', () => {
  let server: CaptureServer;
  let reply: (body: string) => Reply;
  const test = testContext();
  beforeAll(async () => {
    server = await startCaptureServer((request) => reply(request.body));
  });
  beforeEach(() => {
    reply = () => answer(200, '{}');
  });
  afterAll(async () => {
    await test.close();
    await server.close();
  });
  const items = (...numbers: number[]): readonly DeliveryItem[] =>
    numbers.map((n) => ({ key: `k${n}`, input: { n } }));
  const run = async (
    given: readonly DeliveryItem[],
    connector = connectorWith(),
    action = 'load',
  ): Promise<readonly ItemResult[]> => {
    const settings = { url: `${server.url}/load`, token: 'secret-token' };
    return (await runAction(connector, { action, settings, items: given }, test.ctx)).results;
  };
  const batchSizes = (since: number): readonly number[] =>
    server.requests
      .slice(since)
      .map((request) => Rows.parse(JSON.parse(request.body)).length)
      .sort((a, b) => b - a);

  it('sends no more items at once than the limit, and all of them', async () => {
    const since = server.requests.length;
    const results = await run(items(1, 2, 3, 4, 5, 6, 7));
    expect(results).toEqual(Array.from({ length: 7 }, () => ({ status: 'delivered' })));
    expect(batchSizes(since)).toEqual([3, 3, 1]);
  });

  it('sends no more bytes at once than the limit', async () => {
    const since = server.requests.length;
    const pad = 'x'.repeat(120);
    await run([1, 2].map((n) => ({ key: `k${n}`, input: { n, pad } })));
    expect(batchSizes(since)).toEqual([1, 1]);
  });

  it('puts each answer in the place of its item, over batches, bad items and refusals inside a 200', async () => {
    reply = () => answer(200, JSON.stringify({ refused: [2, 5] }));
    const given = [...items(1, 2), { key: 'bad', input: { n: 'x' } }, ...items(3, 4, 5)];
    const results = await run(given);
    expect(results.map((result) => result.status)).toEqual([
      'delivered',
      'failed',
      'failed',
      'delivered',
      'delivered',
      'failed',
    ]);
    expect(results[2]).toMatchObject({ code: 'item_invalid' });
    expect(results[5]).toMatchObject({ code: 'item_rejected' });
  });

  it('gives one batch its fault without touching the next', async () => {
    reply = (body) => (body.includes('"n":1') ? answer(500) : answer(200, '{}'));
    const results = await run(items(1, 2, 3, 4));
    expect(results.map((result) => result.status)).toEqual([
      'retry',
      'retry',
      'retry',
      'delivered',
    ]);
  });

  it('sends the idempotency key where a request carries one item', async () => {
    await run(items(9));
    expect(server.requests.at(-1)?.headers['idempotency-key']).toBe('"k9"');
    await run(items(8, 9));
    expect(server.requests.at(-1)?.headers).not.toHaveProperty('idempotency-key');
  });

  it.each<[string, Read]>([
    ['throws on HTML', readBatch],
    ['answers for too few items', () => []],
    [
      'answers for too many items',
      (_response, given) => [...given, ...given].map(() => ({ status: 'delivered' })),
    ],
  ])('knows nothing when reading the answer %s', async (_name, read) => {
    reply = () => answer(200, '<html>');
    const unknown = { status: 'unknown', code: 'connector_defect' };
    expect(await run(items(1, 2), connectorWith({ read }))).toEqual([unknown, unknown]);
    const again = { status: 'retry', code: 'connector_defect' };
    expect(await run(items(1), connectorWith({ read, idempotency: 'key' }))).toEqual([again]);
  });

  it('fails the items when planning throws or forgets them, since nothing went out', async () => {
    const since = server.requests.length;
    const build = (): never => {
      throw new RangeError('person-1');
    };
    const failed = { status: 'failed', code: 'connector_defect' };
    expect(await run(items(1), connectorWith({ build }))).toEqual([
      expect.objectContaining(failed),
    ]);
    expect(await run(items(1), connectorWith({ build: () => [] }))).toEqual([
      expect.objectContaining(failed),
    ]);
    expect(server.requests.length).toBe(since);
  });

  it('knows nothing of items whose own sending threw or was not answered for', async () => {
    const unknown = { status: 'unknown', code: 'connector_defect' };
    expect(await run(items(1, 2), connectorWith(), 'boom')).toEqual([unknown, unknown]);
    expect(await run(items(1, 2), connectorWith(), 'short')).toEqual([
      { status: 'delivered' },
      unknown,
    ]);
  });

  it('logs counts and codes, never secrets, inputs or messages of errors', async () => {
    await run(items(1), connectorWith(), 'boom');
    const log = test.logged.join('\n');
    expect(log).toContain('"unknown":1');
    expect(log).toContain('RangeError');
    expect(log).not.toMatch(/secret-token|person-1/);
  });

  it('does nothing for no items', async () => {
    const since = server.requests.length;
    expect(await run([])).toEqual([]);
    expect(server.requests.length).toBe(since);
  });
});

describe('mapLimited', () => {
  it('has at most so many at work, and does all', async () => {
    let busy = 0;
    let most = 0;
    const done: number[] = [];
    await mapLimited([1, 2, 3, 4, 5, 6], 2, async (n) => {
      busy += 1;
      most = Math.max(most, busy);
      await Promise.resolve();
      busy -= 1;
      done.push(n);
    });
    expect(most).toBe(2);
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
