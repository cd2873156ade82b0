import { afterEach, describe, expect, it } from '@jest/globals';
import type { HttpPlan } from './http-plan.js';
import { RESPONSE_CAP_BYTES, sendPlan } from './send-plan.js';
import {
  answer,
  startCaptureServer,
  type CaptureServer,
  type Reply,
} from './testing/capture-server.js';
import { eventually } from './testing/eventually.js';
import { testContext, type TestContext } from './testing/test-context.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function serving(reply: Reply): Promise<CaptureServer> {
  const server = await startCaptureServer(() => reply);
  closers.push(server.close);
  return server;
}

function surroundings(...args: Parameters<typeof testContext>): TestContext['ctx'] {
  const { ctx, close } = testContext(...args);
  closers.push(close);
  return ctx;
}

function plan(url: string, over: Partial<HttpPlan> = {}): HttpPlan {
  return {
    method: 'POST',
    url,
    headers: { 'x-a': 'b' },
    body: { kind: 'json', value: { n: 1 } },
    items: [0],
    ...over,
  };
}

const unsent = (code: string): object => ({ kind: 'fault', fault: { class: 'retryable', code } });
const unclear = { kind: 'fault', fault: { class: 'ambiguous', code: 'outcome_unknown' } };

describe('sendPlan', () => {
  it('sends method, path, query, headers and body as planned, with a length and without a cookie', async () => {
    const server = await serving(answer(201, '{"id":1}', { 'X-Reply': 'yes' }));
    const request = plan(`${server.url}/a/b?x=1`, { method: 'PUT', query: { 'y z': 'ü&' } });
    const outcome = await sendPlan(request, surroundings(), 5_000);
    expect(outcome).toMatchObject({
      kind: 'answered',
      response: { status: 201, body: '{"id":1}', complete: true, headers: { 'x-reply': 'yes' } },
    });
    const [got] = server.requests;
    expect(got).toMatchObject({ method: 'PUT', path: '/a/b?x=1&y+z=%C3%BC%26', body: '{"n":1}' });
    expect(got?.headers).toMatchObject({
      'x-a': 'b',
      'content-type': 'application/json',
      'content-length': '7',
    });
    expect(got?.headers).not.toHaveProperty('cookie');
  });

  it.each<[HttpPlan['body'], string, string]>([
    [
      { kind: 'form', fields: { To: '+1 2', B: 'a&b' } },
      'application/x-www-form-urlencoded',
      'To=%2B1+2&B=a%26b',
    ],
    [{ kind: 'ndjson', rows: [{ a: 1 }, { a: 2 }] }, 'application/x-ndjson', '{"a":1}\n{"a":2}\n'],
    [{ kind: 'text', text: '<a/>', contentType: 'text/xml' }, 'text/xml', '<a/>'],
  ])('encodes %j', async (body, contentType, expected) => {
    const server = await serving(answer(200));
    await sendPlan(plan(server.url, { body }), surroundings(), 5_000);
    expect(server.requests[0]?.headers['content-type']).toBe(contentType);
    expect(server.requests[0]?.body).toBe(expected);
  });

  it('sends to the overriding host, keeping path and query', async () => {
    const server = await serving(answer(200));
    const ctx = surroundings({ baseUrlOverride: `${server.url}/ignored` });
    await sendPlan(plan('https://vendor.example/v1/things?a=1'), ctx, 5_000);
    expect(server.requests[0]?.path).toBe('/v1/things?a=1');
  });

  it('is certain that nothing was sent when nobody listens', async () => {
    const server = await serving(answer(200));
    await server.close();
    expect(await sendPlan(plan(server.url), surroundings(), 5_000)).toMatchObject(
      unsent('network_unreachable'),
    );
  });

  it('is certain that nothing was sent while the name is still being looked up, and sends nothing later', async () => {
    const server = await serving(answer(200));
    let answerLookup: ((addresses: readonly string[]) => void) | undefined;
    const lookedUp = new Promise<readonly string[]>((resolve) => {
      answerLookup = resolve;
    });
    const ctx = surroundings({}, { allowPrivateAddresses: true, resolve: () => lookedUp });
    const slow = plan(`http://slow.example.test:${server.port}/late`);
    expect(await sendPlan(slow, ctx, 50)).toMatchObject(unsent('connect_timeout'));
    answerLookup?.(['127.0.0.1']);
    // The same agent answers a request that comes after it: by then the abandoned one would have gone out.
    const next = plan(`http://slow.example.test:${server.port}/next`);
    expect(await sendPlan(next, ctx, 5_000)).toMatchObject({ kind: 'answered' });
    expect(server.requests.map((request) => request.path)).toEqual(['/next']);
  });

  it('cannot know what became of a request that got no answer in time', async () => {
    const server = await serving({ kind: 'silence' });
    expect(await sendPlan(plan(server.url), surroundings(), 200)).toMatchObject(unclear);
    expect(server.requests).toHaveLength(1);
  });

  it('cannot know what became of a request whose connection broke', async () => {
    const server = await serving({ kind: 'reset' });
    expect(await sendPlan(plan(server.url), surroundings(), 5_000)).toMatchObject(unclear);
    expect(server.requests).toHaveLength(1);
  });

  it('keeps the head of an answer whose body broke off', async () => {
    const server = await serving({ kind: 'cut' });
    expect(await sendPlan(plan(server.url), surroundings(), 5_000)).toMatchObject({
      kind: 'answered',
      response: { status: 200, complete: false },
    });
  });

  it('reads no more of an answer than the cap', async () => {
    const server = await serving(answer(200, 'é'.repeat(RESPONSE_CAP_BYTES)));
    const outcome = await sendPlan(plan(server.url), surroundings(), 5_000);
    expect(outcome).toMatchObject({ kind: 'answered', response: { complete: false } });
    const body = outcome.kind === 'answered' ? outcome.response.body : '';
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(RESPONSE_CAP_BYTES + 2);
  });

  it('answers with a redirect as it is', async () => {
    const server = await serving(answer(302, '', { location: '/elsewhere' }));
    expect(await sendPlan(plan(server.url), surroundings(), 5_000)).toMatchObject({
      response: { status: 302 },
    });
    expect(server.requests).toHaveLength(1);
  });

  it('stops at once when it is called off, and says that the outcome is unclear once written', async () => {
    const server = await serving({ kind: 'silence' });
    const stop = new AbortController();
    const running = sendPlan(plan(server.url), surroundings({ signal: stop.signal }), 60_000);
    await eventually('the request has arrived', () => server.requests.length === 1);
    stop.abort();
    expect(await running).toMatchObject(unclear);
  });

  it.each(['a\r\nx-injected: 1', 'a\nb', 'a\u0000b'])(
    'refuses the header value %j instead of writing it',
    async (value) => {
      const server = await serving(answer(200));
      const outcome = await sendPlan(
        plan(server.url, { headers: { 'x-a': value } }),
        surroundings(),
        5_000,
      );
      expect(outcome).toMatchObject({ kind: 'fault', fault: { code: 'settings_invalid' } });
      expect(server.requests).toEqual([]);
    },
  );

  it('refuses an address without asking the network', async () => {
    const ctx = surroundings({}, { allowPrivateAddresses: false });
    expect(await sendPlan(plan('https://169.254.169.254/latest'), ctx, 5_000)).toMatchObject({
      kind: 'fault',
      fault: { class: 'config', code: 'address_refused' },
    });
  });
});
