import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, openBench, type Bench } from '../testing/bench.js';

/** Rates that one test cannot use up by accident, and can by intent: bursts of four and six. */
const RATES = {
  ingest: { perKey: 2, perWorkspace: 3 },
  management: { perKey: 2, perWorkspace: 3 },
};

describe('a door whose rate is used up', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench({ rates: RATES });
  });
  afterAll(() => bench.close());

  const track = (key: string) =>
    bench.call(key, 'POST', '/v1/track', { body: { userId: 'u', event: 'Seen' } });
  const list = (key: string) => bench.call(key, 'GET', '/api/v1/segments');

  it.each([
    ['/v1', () => track(bench.shop.write)],
    ['/api/v1', () => list(bench.shop.only.read)],
  ])('refuses on %s with 429, and says when to come again', async (_door, call) => {
    const answers = await Promise.all(Array.from({ length: 12 }, call));
    const refused = answers.filter(({ status }) => status === 429);
    // Four are saved up; at two a second, one or two more may come in meanwhile.
    expect(refused.length).toBeGreaterThanOrEqual(6);
    expect(answers.every(({ status }) => status === 429 || status === 200)).toBe(true);
    for (const { headers, body } of refused) {
      expect(Number(headers.get('retry-after'))).toBe(1);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(at(body, 'code')).toBe('rate_limited');
      expect(String(at(body, 'requestId'))).not.toBe('');
    }
  });

  it('counts the refusals by door, and stores nothing of what it refuses', async () => {
    const { text } = await bench.call(null, 'GET', '/metrics');
    const count = (labels: string): number =>
      Number(new RegExp(`throughline_rate_limited_total\\{${labels}\\} (\\d+)`).exec(text)?.[1]);
    expect(count('door="ingest",by="key"')).toBeGreaterThanOrEqual(6);
    expect(count('door="management",by="key"')).toBeGreaterThanOrEqual(6);
    expect(text).toContain('endpoint="track",outcome="rate_limited"');
    const accepted = /requests_total\{endpoint="track",outcome="accepted"\} (\d+)/.exec(text)?.[1];
    const { rows } = await bench.sql.query<{ events: number }>(
      `select coalesce(sum(events), 0)::int as events from event_log where workspace_id = $1 and kind = 'http'`,
      [bench.shop.id],
    );
    expect(rows[0]?.events).toBe(Number(accepted));
  });

  it('is open to another workspace', async () => {
    expect((await track(bench.rival.write)).status).toBe(200);
    expect((await list(bench.rival.only.read)).status).toBe(200);
  });

  it('is closed to other keys of a workspace that has used up its share', async () => {
    const { rival } = bench;
    const keys = [rival.only.read, rival.only.write, rival.only.operate, rival.all];
    const answers = await Promise.all(
      keys.flatMap((key) => Array.from({ length: 4 }, () => list(key))),
    );
    const details = answers
      .filter(({ status }) => status === 429)
      .map(({ body }) => String(at(body, 'detail')));
    expect(details.length).toBeGreaterThanOrEqual(6);
    expect(details.some((detail) => detail.includes('workspace'))).toBe(true);
  });

  it('asks for the key before it counts: a stranger is refused as a stranger', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => track('tl_ingest_nobody')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
  });
});
