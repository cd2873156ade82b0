import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { coPurchases } from '../../../domain/src/recommendations/testing/co-purchases.js';
import { readConformanceOptions } from './options.js';
import { scoreRecommend } from './score-recommend.js';

const START = Date.UTC(2026, 0, 1);

describe('recommendations over a log', () => {
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'recommend-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  async function file(name: string, lines: readonly string[]): Promise<string> {
    const path = join(dir, name);
    await writeFile(path, `${lines.join('\n')}\n`);
    return path;
  }

  const quiet = (): void => undefined;

  it.each(['order', 'customer'] as const)(
    'beat popularity where people have tastes, with the %s as basket',
    async (basket) => {
      const shop = coPurchases({ seed: 7, customers: 800, days: 150, taste: 0.85 });
      const rows = shop.map(
        ({ customer, at, item }) => `${customer},${new Date(START + at).toISOString()},${item}`,
      );
      const log = await file(`${basket}.csv`, ['customer_id,ordered_at,product_id', ...rows]);
      const said: string[] = [];
      const score = await scoreRecommend({ log, basket, columns: {} }, (line) => said.push(line));
      expect(said).toEqual(['customer: customer_id', 'date: ordered_at', 'item: product_id']);
      expect(score).toMatchObject({ rows: shop.length, skipped: 0, items: 120 });
      expect(score.customers).toBeGreaterThan(100);
      expect(score.hitRate).toBeGreaterThan(score.popularityHitRate);
    },
  );

  it('reads columns by their names, and passes over rows that say too little', async () => {
    const log = await file('named.csv', [
      'who;when;what',
      'a;31/01/2026 10:15;tea',
      'a;31/01/2026 10:15;pot',
      ';31/01/2026;tea',
      'b;no day;tea',
      'b;01/02/2026;',
    ]);
    const columns = { customer: 'who', date: 'when', item: 'what' };
    const score = await scoreRecommend({ log, basket: 'customer', columns }, quiet);
    expect(score).toMatchObject({ rows: 5, skipped: 3, customers: 0, hitRate: 0 });
  });

  it('say in a sentence why a log cannot be used', async () => {
    const log = await file('odd.csv', ['a,b', '1,2']);
    const options = { log, basket: 'customer' } as const;
    await expect(scoreRecommend({ ...options, columns: {} }, quiet)).rejects.toThrow(
      /which column is the customer/,
    );
    const columns = { customer: 'x', date: 'b', item: 'b' };
    await expect(scoreRecommend({ ...options, columns }, quiet)).rejects.toThrow(/no column "x"/);
    const empty = await file('empty.csv', ['customer,date,item', 'a,never,tea']);
    await expect(
      scoreRecommend({ log: empty, basket: 'customer', columns: {} }, quiet),
    ).rejects.toThrow(/no row has/);
  });

  it('are asked for by options of their own', () => {
    expect(readConformanceOptions(['recommend', '--log', 'x.csv'])).toEqual({
      kind: 'recommend',
      log: 'x.csv',
      basket: 'customer',
      columns: {},
    });
    const args = [
      'recommend',
      '--log',
      'x',
      '--basket',
      'order',
      '--columns',
      'item=SKU,date=When',
    ];
    expect(readConformanceOptions(args)).toMatchObject({
      basket: 'order',
      columns: { item: 'SKU', date: 'When' },
    });
    for (const more of [[], ['--log', 'x', '--basket', 'cart'], ['--log', 'x', '--columns', 'y=z']])
      expect(() => readConformanceOptions(['recommend', ...more])).toThrow();
  });
});
