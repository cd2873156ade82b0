import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  answer,
  startCaptureServer,
  type CaptureServer,
  type Reply,
} from '../kit/testing/capture-server.js';
import { describeConnectorContract } from '../kit/testing/connector-contract.js';
import { testContext } from '../kit/testing/test-context.js';
import { runAction, type ActionOutcome } from '../kit/run-action.js';
import { csvS3 } from './index.js';

const CANARY = 'canary0123456789';
const settings = {
  bucket: 'shop-exports',
  region: 'eu-central-1',
  accessKeyId: 'AKIDTEST',
  secretAccessKey: CANARY,
  prefix: 'people',
  columns: ['email', 'total'],
};
const WRITTEN = answer(200, '', { etag: '"0cc175b9c0f1b6a831c399e269772661"' });

describeConnectorContract({
  connector: csvS3,
  action: 'write',
  settings,
  canary: CANARY,
  input: (n) => ({
    occurredAt: '2026-03-14T09:26:53Z',
    values: { email: `person-${n}@shop.example`, total: n },
  }),
  invalidInput: { occurredAt: 'today', values: {} },
  standIn: async (manner) => {
    const server = await startCaptureServer(() =>
      manner === 'accepts' ? WRITTEN : { kind: 'silence' },
    );
    const rows = (): number =>
      server.requests
        .filter(({ method }) => method === 'PUT')
        .reduce((sum, { body }) => sum + body.trimEnd().split('\r\n').length - 1, 0);
    return { baseUrl: server.url, received: rows, close: server.close };
  },
});

describe('csv-s3 over a socket', () => {
  let server: CaptureServer;
  let next: Reply = WRITTEN;
  const test = testContext();
  beforeAll(async () => {
    server = await startCaptureServer(() => next);
  });
  afterAll(async () => {
    await test.close();
    await server.close();
  });
  const write = (): Promise<ActionOutcome> => {
    const input = { occurredAt: '2026-03-01T23:30:00-01:00', values: { email: 'a@b.example' } };
    const request = { action: 'write', settings: { ...settings, baseUrl: server.url } };
    return runAction(csvS3, { ...request, items: [{ key: 'e:s:1', input }] }, test.ctx);
  };

  it('sends exactly this', async () => {
    next = WRITTEN;
    const key = 'people/2026-03-02/689632b3dbdd26b10252dbc34e73fc54.csv';
    expect((await write()).results).toEqual([{ status: 'delivered', providerId: key }]);
    const { method, path, headers, body } = server.requests.at(-1) ?? {};
    expect({ method, path, body }).toEqual({
      method: 'PUT',
      path: `/shop-exports/${key}`,
      body: 'delivery_id,email,total\r\ne:s:1,a@b.example,\r\n',
    });
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'x-amz-date': '20260314T092653Z',
      'x-amz-content-sha256': expect.stringMatching(/^[0-9a-f]{64}$/),
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDTEST\/20260314\/eu-central-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/,
      ),
    });
  });

  it('goes slower when it is told to, with and without a time', async () => {
    const body = '<Error><Code>SlowDown</Code></Error>';
    next = answer(503, body);
    expect((await write()).results).toEqual([{ status: 'retry', code: 'rate_limited' }]);
    next = answer(503, body, { 'retry-after': '7' });
    const result = { status: 'retry', code: 'rate_limited', afterMs: 7_000 };
    expect((await write()).results).toEqual([result]);
  });

  it.each<[string, Reply, string | undefined]>([
    ['wrong keys', answer(403, '<Error><Code>InvalidAccessKeyId</Code></Error>'), 'auth_invalid'],
    ['no bucket', answer(404, '<Error><Code>NoSuchBucket</Code></Error>'), 'endpoint_not_found'],
    [
      'another region',
      answer(301, '<Error><Code>PermanentRedirect</Code></Error>'),
      'redirect_refused',
    ],
    ['a wrong clock', answer(403, '<Error><Code>RequestTimeTooSkewed</Code></Error>'), undefined],
  ])('asks for a person where one is needed: %s', async (_name, reply, attention) => {
    next = reply;
    expect((await write()).attention).toBe(attention);
  });

  it.each<[number, object]>([
    [200, { ok: true }],
    [403, { ok: false, fault: { code: 'auth_invalid' } }],
    [500, { ok: false, fault: { class: 'retryable' } }],
  ])('a check that hears %i lists nothing and changes nothing', async (status, expected) => {
    next = answer(status);
    const opened = csvS3.open({ ...settings, baseUrl: server.url });
    expect(opened.ok && (await opened.connection.check(test.ctx))).toMatchObject(expected);
    const { method, path, headers } = server.requests.at(-1) ?? {};
    expect({ method, path }).toEqual({
      method: 'GET',
      path: '/shop-exports/?list-type=2&max-keys=0',
    });
    expect(headers?.['authorization']).toContain('SignedHeaders=host;x-amz-content-sha256');
  });
});

describe('the settings of csv-s3', () => {
  it.each<[string, object]>([
    ['a bucket with dots', { bucket: 'shop.exports' }],
    ['a prefix that climbs', { prefix: 'people/../secret' }],
    ['a prefix with an empty part', { prefix: 'a//b' }],
    ['no columns', { columns: [] }],
    ['a column twice', { columns: ['email', 'email'] }],
    ['the column that is ours', { columns: ['delivery_id'] }],
    ['a column that is a formula', { columns: ['=1+1'] }],
    ['a hashed column that is none', { hashedColumns: ['e-mail'] }],
  ])('refuse %s', (_name, over) => {
    expect(csvS3.open({ ...settings, ...over }).ok).toBe(false);
  });

  it('need no prefix', () => {
    expect(csvS3.open({ ...settings, prefix: '' }).ok).toBe(true);
  });
});
