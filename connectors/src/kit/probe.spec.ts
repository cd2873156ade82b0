import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { faultOfResponse } from './http-fault.js';
import { getPlan, probe } from './probe.js';
import {
  answer,
  startCaptureServer,
  type CaptureServer,
  type Reply,
} from './testing/capture-server.js';
import { testContext } from './testing/test-context.js';

describe('a probe', () => {
  let server: CaptureServer;
  let reply: Reply = answer(200);
  const test = testContext();
  beforeAll(async () => {
    server = await startCaptureServer(() => reply);
  });
  afterAll(async () => {
    await test.close();
    await server.close();
  });
  const ask = (): ReturnType<typeof probe> =>
    probe(getPlan(`${server.url}/me?limit=1`, { 'x-key': 'k' }), test.ctx, faultOfResponse);

  it('is a GET without a body', async () => {
    reply = answer(200, '{}');
    expect(await ask()).toEqual({ ok: true });
    const request = server.requests.at(-1);
    expect(request).toMatchObject({ method: 'GET', path: '/me?limit=1', body: '' });
    expect(request?.headers['x-key']).toBe('k');
    expect(request?.headers['content-length']).toBeUndefined();
    expect(request?.headers['content-type']).toBeUndefined();
  });

  it('tells why the settings do not work', async () => {
    reply = answer(401);
    expect(await ask()).toMatchObject({ ok: false, fault: { code: 'auth_invalid' } });
  });

  it('may be asked again when its end is not known, since it changes nothing', async () => {
    reply = { kind: 'reset' };
    expect(await ask()).toMatchObject({ ok: false, fault: { class: 'retryable' } });
  });

  it('goes nowhere that the guard refuses', async () => {
    const guarded = testContext({}, { allowPrivateAddresses: false });
    const before = server.requests.length;
    const result = await probe(getPlan(server.url, {}), guarded.ctx, faultOfResponse);
    expect(result).toMatchObject({ ok: false, fault: { code: 'address_refused' } });
    expect(server.requests.length).toBe(before);
    await guarded.close();
  });
});
