import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Failure } from '../failure.js';
import { asRecord, asRecords, asText, createApiClient, type ApiClient } from './api-client.js';
import { FakeApi } from './testing/fake-api.js';

describe('the demo’s client of the API', () => {
  let server: FakeApi;
  let api: ApiClient;

  beforeAll(async () => {
    server = await FakeApi.open();
    api = createApiClient(server.url, 'tl_key');
  });
  afterAll(() => server.close());

  it('asks with its key, and says what its body is only when it has one', async () => {
    server.answer(() => ({ body: { ok: true } }));
    expect(await api.get('/api/v1/a')).toEqual({ ok: true });
    await api.put('/api/v1/b', { name: 'B' });
    await api.post('/api/v1/b/publish');
    expect(server.asked).toEqual([
      {
        method: 'GET',
        target: '/api/v1/a',
        authorization: 'Bearer tl_key',
        contentType: undefined,
        body: undefined,
        text: '',
      },
      {
        method: 'PUT',
        target: '/api/v1/b',
        authorization: 'Bearer tl_key',
        contentType: 'application/json',
        body: { name: 'B' },
        text: '{"name":"B"}',
      },
      {
        method: 'POST',
        target: '/api/v1/b/publish',
        authorization: 'Bearer tl_key',
        contentType: undefined,
        body: undefined,
        text: '',
      },
    ]);
  });

  it('uploads a file as it is', async () => {
    server.answer(() => ({ body: { id: 'i-1' } }));
    const text = 'receipt;sum\n1;"1,50"\n';
    expect(await api.upload('/api/v1/imports', text, 'application/x-test')).toEqual({ id: 'i-1' });
    expect(server.asked).toMatchObject([
      { method: 'POST', contentType: 'application/x-test', text, body: undefined },
    ]);
  });

  it('reads a list to its end, page by page', async () => {
    const pages = new Map([
      ['/api/v1/things?limit=200', { items: [{ n: 1 }, { n: 2 }], next: 'a+/=' }],
      ['/api/v1/things?limit=200&after=a%2B%2F%3D', { items: [{ n: 3 }], next: 'b' }],
      ['/api/v1/things?limit=200&after=b', { items: [], next: null }],
    ]);
    server.answer(({ target }) => ({ body: pages.get(target) ?? {} }));
    expect(await api.list('/api/v1/things')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(server.asked.map(({ target }) => target)).toEqual([...pages.keys()]);
  });

  it('adds the page to a query that is there already', async () => {
    server.answer(() => ({ body: { items: [] } }));
    await api.list('/api/v1/enrolments?customer=c-1');
    expect(server.asked.map(({ target }) => target)).toEqual([
      '/api/v1/enrolments?customer=c-1&limit=200',
    ]);
  });

  it('gives up on a list that never ends', async () => {
    server.answer(() => ({ body: { items: [{}], next: 'more' } }));
    expect(await api.list('/api/v1/things')).toHaveLength(50);
  });

  it.each([
    [409, { code: 'conflict', detail: 'The journey is running.' }],
    [500, 'no JSON at all'],
    [404, {}],
  ])('fails on %d with what was asked, what was answered and a way out', async (status, body) => {
    server.answer(() => ({ status, body }));
    const error: unknown = await api.post('/api/v1/x', { a: 1 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({
      code: 'command_failed',
      sentence: `POST /api/v1/x answered ${status}.`,
      command: 'npm start -- --reset',
      details: [typeof body === 'string' ? '{}' : JSON.stringify(body)],
    });
    expect(String(error)).not.toContain('tl_key');
  });

  it('takes an answer that is no object for one without news', async () => {
    server.answer(() => ({ body: 'true' }));
    expect(await api.get('/api/v1/x')).toEqual({});
    expect(await api.list('/api/v1/x')).toEqual([]);
  });
});

describe('reading what came from outside', () => {
  it.each([
    [{ a: 1 }, { a: 1 }],
    [null, {}],
    [undefined, {}],
    ['text', {}],
    [7, {}],
  ])('takes %j for the record %j', (value, record) => {
    expect(asRecord(value)).toEqual(record);
  });

  it('copies, so that nobody changes what was read', () => {
    const value = { a: 1 };
    asRecord(value)['a'] = 2;
    expect(value).toEqual({ a: 1 });
  });

  it('takes what is no list for an empty one, and what is no record in it for an empty one', () => {
    expect(asRecords({ length: 2 })).toEqual([]);
    expect(asRecords([{ a: 1 }, null, 'x'])).toEqual([{ a: 1 }, {}, {}]);
  });

  it('takes only text for text', () => {
    expect([asText('x'), asText(''), asText(1), asText(null)]).toEqual(['x', '', null, null]);
  });
});
