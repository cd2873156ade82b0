import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createApiClient, type ApiClient } from './api-client.js';
import { findDuplicates, tillFile, uploadTill } from './back-office.js';
import { FakeApi } from './testing/fake-api.js';
import { cohortOf, personIn } from './testing/people.js';

const cohort = cohortOf('b1');
const uma = personIn(cohort, 'Uma');
const ada = personIn(cohort, 'Ada');
const AT = new Date('2026-01-02T03:04:05.678Z');

describe('the file of the till', () => {
  const lines = tillFile([uma, ada], AT).split('\n');

  it('is a header, a receipt for each shopper, one that nobody can read, and a last line end', () => {
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe('receipt;mail;sum;time');
    expect(lines.at(-1)).toBe('');
    for (const line of lines.slice(0, -1)) expect(line.split(';')).toHaveLength(4);
  });

  it('names people as tills do: in capitals, with the sum of a German till', () => {
    expect(lines[1]).toBe(
      `receipt-${uma.cartId};${uma.email.toUpperCase()};"1.189,00";2026-01-02T03:04:05.678Z`,
    );
  });

  it('has a receipt without an address at its end, under a number of its own', () => {
    expect(lines[3]?.split(';')[1]).toBe('');
    const receipts = lines.slice(1, -1).map((line) => line.split(';')[0]);
    expect(new Set(receipts).size).toBe(receipts.length);
  });

  it('of nobody still has the receipt that nobody can read', () => {
    expect(tillFile([], AT).split('\n')).toHaveLength(3);
  });
});

describe('the back office', () => {
  let server: FakeApi;
  let api: ApiClient;
  let said: string[];
  const say = (line: string): void => void said.push(line);

  beforeAll(async () => {
    server = await FakeApi.open();
    api = createApiClient(server.url, 'tl_key');
  });
  beforeEach(() => {
    said = [];
  });
  afterAll(() => server.close());

  it('uploads yesterday’s receipts and says what became of them, when it is known', async () => {
    let looks = 0;
    server.answer(({ method }) => {
      if (method === 'POST') return { status: 202, body: { id: 'i-1', state: 'staged' } };
      looks += 1;
      return looks < 2
        ? { body: { state: 'running' } }
        : {
            body: {
              state: 'done',
              rows: { read: 2, rejected: 1 },
              events: { accepted: 1 },
              runUrl: 'http://ui/run',
            },
          };
    });
    const before = Date.now();
    await uploadTill(api, [uma], say);
    const [upload, ...reads] = server.asked;
    expect(upload).toMatchObject({ method: 'POST', contentType: 'text/csv' });
    const soldAt = Date.parse(upload?.text.split('\n')[1]?.split(';')[3] ?? '');
    expect(Math.abs(before - soldAt - 86_400_000)).toBeLessThan(60_000);
    expect(reads.map(({ target }) => target)).toEqual([
      '/api/v1/imports/i-1',
      '/api/v1/imports/i-1',
    ]);
    expect(said.at(-1)).toContain('2 rows, 1 rejected, 1 events accepted; run http://ui/run');
  });

  it('goes on when an import has failed', async () => {
    server.answer(({ method }) => ({
      body: method === 'POST' ? { id: 'i-2' } : { state: 'failed' },
    }));
    await uploadTill(api, [uma], say);
    expect(server.asked).toHaveLength(2);
  });

  it('compares people, and answers who was found twice and where to decide', async () => {
    server.answer(({ method, target }) => {
      if (method === 'POST') return { body: { id: 'r-1' } };
      if (target.startsWith('/api/v1/identity/suggestions')) {
        const items = [
          { id: 's-1', members: ['c-1', 'c-2'] },
          { id: 's-2', members: ['c-3', 7, null] },
          { id: 's-3' },
        ];
        return { body: { items, next: null } };
      }
      return { body: { state: 'done', candidates: 12, suggested: 2, run: 'http://ui/r-1' } };
    });
    const suggested = await findDuplicates(api, say);
    expect([...suggested]).toEqual([
      ['c-1', '/api/v1/identity/suggestions/s-1'],
      ['c-2', '/api/v1/identity/suggestions/s-1'],
      ['c-3', '/api/v1/identity/suggestions/s-2'],
    ]);
    expect(said).toEqual([
      'Customers compared: 12 pairs, 2 suggested as one person; run http://ui/r-1',
    ]);
  });

  it('fails where the comparison is refused', async () => {
    server.answer(() => ({ status: 403, body: { code: 'forbidden' } }));
    await expect(findDuplicates(api, say)).rejects.toThrow('answered 403');
    expect(said).toEqual([]);
  });
});
