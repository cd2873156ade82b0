import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineConnector } from './define-connector.js';
import { resultOfFault } from './faults.js';
import { httpAction, type HttpActionSpec } from './http-action.js';
import { faultOfResponse } from './http-fault.js';
import { runAction, type ActionOutcome } from './run-action.js';
import {
  answer,
  startCaptureServer,
  type CaptureServer,
  type Reply,
} from './testing/capture-server.js';
import { NOW_MS, testContext } from './testing/test-context.js';

const Settings = z.object({ url: z.string() });
const Input = z.object({ parts: z.array(z.string()) });
type Spec = HttpActionSpec<z.infer<typeof Settings>, z.infer<typeof Input>>;

/** A vendor that takes one kind of part in a request, so that an item with two parts is in two. */
const build: Spec['build'] = (items, { settings }) =>
  ['a', 'b'].flatMap((part) => {
    const places = [...items.keys()].filter((place) => items[place]?.input.parts.includes(part));
    const body = { kind: 'text', text: part, contentType: 'text/plain' } as const;
    const plan = { method: 'POST', url: settings.url, headers: {}, body, items: places } as const;
    return places.length === 0 ? [] : [plan];
  });

const skip: Spec['skip'] = ({ input }) => {
  if (input.parts.includes('defect')) throw new RangeError('broken');
  return input.parts.length === 0 ? { status: 'skipped', reason: 'no_address' } : undefined;
};

const sign: Spec['sign'] = (plan, { nowMs }) => {
  const text = plan.body.kind === 'text' ? plan.body.text : '';
  if (text === 'b' && signing === 'broken') return Promise.reject(new URIError('no key'));
  const headers = { ...plan.headers, signature: `${text} at ${nowMs}` };
  return Promise.resolve({ ...plan, headers });
};
let signing: 'works' | 'broken' = 'works';

const read: Spec['read'] = (response, items, { nowMs, idempotency }) => {
  const fault = faultOfResponse(response, nowMs);
  return items.map(() =>
    fault === undefined ? { status: 'delivered' } : resultOfFault(fault, idempotency),
  );
};

const connector = defineConnector({
  key: 'parts',
  name: 'Parts',
  category: 'audience',
  docsUrl: 'https://vendor.example',
  auth: 'none',
  idempotency: 'key',
  limits: { maxItems: 10, maxBytes: 10_000, concurrency: 2, timeoutMs: 2_000 },
  settings: Settings,
  actions: { send: httpAction({ title: 'Send', input: Input, skip, build, sign, read }) },
  check: () => Promise.resolve({ ok: true }),
});

describe('an action of many requests', () => {
  let server: CaptureServer;
  let replies: Readonly<Record<string, Reply>> = {};
  const test = testContext();
  beforeAll(async () => {
    server = await startCaptureServer(({ body }) => replies[body] ?? answer(200));
  });
  beforeEach(() => {
    replies = {};
    signing = 'works';
  });
  afterAll(async () => {
    await test.close();
    await server.close();
  });
  const run = (...items: readonly (readonly string[])[]): Promise<ActionOutcome> =>
    runAction(
      connector,
      {
        action: 'send',
        settings: { url: server.url },
        items: items.map((parts, n) => ({ key: `k${n}`, input: { parts } })),
      },
      test.ctx,
    );
  const statuses = async (...items: readonly (readonly string[])[]): Promise<readonly string[]> =>
    (await run(...items)).results.map(({ status }) => status);

  it('has delivered an item when all of its requests have arrived', async () => {
    expect(await statuses(['a', 'b'], ['a'], ['b'])).toEqual([
      'delivered',
      'delivered',
      'delivered',
    ]);
  });

  it.each<[string, Reply, string]>([
    ['refused', answer(422), 'failed'],
    ['put off', answer(500), 'retry'],
  ])('has for an item what became of its worst request: %s', async (_name, reply, expected) => {
    replies = { b: reply };
    expect(await statuses(['a', 'b'], ['a'], ['b'])).toEqual([expected, 'delivered', expected]);
    replies = { a: reply };
    expect(await statuses(['a', 'b'], ['a'], ['b'])).toEqual([expected, expected, 'delivered']);
  });

  it('sends nothing of an item that there is nothing to send of, and keeps everybody’s place', async () => {
    const before = server.requests.length;
    expect(await statuses([], ['a'], [], ['a'])).toEqual([
      'skipped',
      'delivered',
      'skipped',
      'delivered',
    ]);
    expect(server.requests.slice(before).map(({ body }) => body)).toEqual(['a']);
  });

  it('plans nothing for such an item either', () => {
    const opened = connector.open({ url: 'http://127.0.0.1:9' });
    const plan = opened.ok ? opened.connection.action('send')?.plan : undefined;
    const items = [[], ['a']].map((parts, n) => ({ key: `k${n}`, input: { parts } }));
    expect(plan?.(items, 0).map((one) => one.items)).toEqual([[0]]);
  });

  it('signs every request last of all, and plans it unsigned', async () => {
    await statuses(['a']);
    expect(server.requests.at(-1)?.headers['signature']).toBe(`a at ${NOW_MS}`);
    const opened = connector.open({ url: server.url });
    const plan = opened.ok ? opened.connection.action('send')?.plan : undefined;
    expect(plan?.([{ key: 'k', input: { parts: ['a'] } }], NOW_MS)[0]?.headers).toEqual({});
  });

  it('sends nothing that it cannot sign', async () => {
    signing = 'broken';
    const before = server.requests.length;
    expect(await statuses(['a'], ['b'], ['a', 'b'])).toEqual(['delivered', 'failed', 'failed']);
    expect(server.requests.slice(before).map(({ body }) => body)).toEqual(['a']);
    expect(test.logged.join()).toContain('URIError');
  });

  it('does not throw for a connector that does', async () => {
    expect(await statuses(['defect'])).toEqual(['failed']);
    expect(test.logged.join()).toContain('RangeError');
  });
});
