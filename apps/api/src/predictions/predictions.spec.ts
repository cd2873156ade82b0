import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@throughline/store/shared';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { prediction } from '../testing/definitions.js';
import { seedModel, seedScore } from '../testing/predictions.js';
import { seedCustomer } from '../testing/seed.js';

describe('predictions', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown) =>
    bench.call(bench.shop.all, method, `/api/v1/${path}`, body === undefined ? {} : { body });

  it('are put, published, and asked to train, score and look back', async () => {
    expect((await call('PUT', 'predictions/churn', prediction('churn'))).status).toBe(201);
    expect((await call('POST', 'predictions/churn/train')).status).toBe(409);
    expect((await call('POST', 'predictions/churn/publish')).body).toMatchObject({ version: 1 });
    const trained = await call('POST', 'predictions/churn/train');
    expect(trained).toMatchObject({
      status: 202,
      body: { prediction: 'churn', version: 1, purpose: 'train', state: 'asked', gates: [] },
    });
    const back = await call('POST', 'predictions/churn/backtest', { at: '2026-01-02T00:00:00Z' });
    expect(back.body).toMatchObject({ purpose: 'backtest', at: '2026-01-02T00:00:00.000Z' });
    expect((await call('POST', 'predictions/churn/score')).body).toMatchObject({
      purpose: 'score',
    });
    const runs = listAt((await call('GET', 'predictions/churn/runs?limit=2')).body, 'items');
    expect(runs.map((run) => at(run, 'purpose'))).toEqual(['score', 'backtest']);
    const one = await call('GET', `predictions/churn/runs/${textAt(trained.body, 'id')}`);
    expect(one.body).toEqual(trained.body);
    const audit = await call('GET', 'audit');
    expect(listAt(audit.body, 'items').map((entry) => at(entry, 'action'))).toEqual(
      expect.arrayContaining(['prediction.train', 'prediction.backtest', 'prediction.score']),
    );
  });

  it('refuse a look back at what has not come to its end', async () => {
    const yesterday = new Date(Date.now() - 86_400_000).toISOString();
    const answer = await call('POST', 'predictions/churn/backtest', { at: yesterday });
    expect(answer.status).toBe(400);
    expect(textAt(answer.body, 'detail')).toContain('30 days');
    expect((await call('POST', 'predictions/churn/backtest', { at: 'soon' })).status).toBe(422);
  });

  it('do not go live beside another that writes the same traits', async () => {
    await call('PUT', 'predictions/lapse', prediction('lapse', { prefix: 'churn' }));
    const refused = await call('POST', 'predictions/lapse/publish');
    expect(refused.status).toBe(422);
    expect(listAt(refused.body, 'faults').map((fault) => at(fault, 'message'))).toEqual(
      expect.arrayContaining([
        'the live prediction churn writes the trait churn_probability as well',
      ]),
    );
    await call('PUT', 'predictions/lapse', prediction('lapse'));
    expect((await call('POST', 'predictions/lapse/publish')).status).toBe(200);
  });

  it.each([
    ['a value without an amount', { kind: 'value', event: { name: 'Order Completed' } }],
    ['a horizon beyond what it looks back', { horizonDays: 90, lookbackDays: 30 }],
    ['bands in the wrong order', { bands: { medium: 0.8, high: 0.6 } }],
    ['a schedule of minutes', { schedule: { everyHours: 0.1 } }],
    ['an unknown kind', { kind: 'mood' }],
    ['an unknown setting', { speed: 'fast' }],
    ['a prefix that is no name', { prefix: 'Churn!' }],
  ])('refuse %s', async (_what, more) => {
    expect((await call('PUT', 'predictions/bad', prediction('bad', more))).status).toBe(422);
  });

  describe('with a model', () => {
    let modelId: string;

    beforeAll(async () => {
      modelId = await seedModel(bench.sql, bench.shop.id, 'churn');
    });

    it('show its card as data', async () => {
      const { body } = await call('GET', 'predictions/churn/card');
      expect(body).toMatchObject({ modelId, prediction: 'churn', version: 1 });
      expect(at(body, 'card', 'measures', 'auc')).toBe(0.81);
    });

    it('show it as a document', async () => {
      const answer = await call('GET', 'predictions/churn/card/document');
      expect(answer.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
      expect(answer.text).toMatch(/^# churn/);
      expect(answer.text).toContain('0.81');
    });

    it.each(['calibration', 'lift', 'distribution'])('show the picture of its %s', async (of) => {
      const answer = await call('GET', `predictions/churn/card/plot?of=${of}`);
      expect(answer.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
      expect(answer.text).toMatch(/^<svg [^>]*role="img"/);
      expect(answer.text).toContain('<title');
    });

    it('show no picture of anything else', async () => {
      expect((await call('GET', 'predictions/churn/card/plot?of=secrets')).status).toBe(422);
      expect((await call('GET', 'predictions/lapse/card')).status).toBe(404);
    });

    it('tell of a customer what, why, and of which numbers, and export it', async () => {
      const { customer, absorbed } = await seedCustomer(bench.sql, bench.shop.id);
      await seedScore(bench.sql, bench.shop.id, { customerId: customer, modelId, key: 'churn' });
      const { body } = await call('GET', `customers/${customer}/predictions`);
      expect(body).toMatchObject({
        predictions: [
          {
            prediction: 'churn',
            modelId,
            probability: 0.8125,
            percentile: 0.9,
            band: 'high',
            reasons: [{ feature: 'days_since_last', value: 40, effect: 1.2 }],
            features: { days_since_last: 40, amount_all: null },
          },
        ],
      });
      // Old ids go on working.
      expect((await call('GET', `customers/${absorbed}/predictions`)).body).toEqual(body);
      expect((await call('GET', `customers/${newId()}/predictions`)).status).toBe(404);
      // It is part of what a person may ask for.
      const { text } = await call('GET', `customers/${customer}/export`);
      expect(text).toContain('"days_since_last":40');
    });
  });

  it('end when they are archived', async () => {
    expect((await call('DELETE', 'predictions/churn')).body).toMatchObject({ state: 'stopped' });
    expect((await call('POST', 'predictions/churn/train')).status).toBe(409);
  });

  it('of another workspace are not there', async () => {
    const { rival, call: ask } = bench;
    for (const path of ['', '/runs', '/card'])
      expect((await ask(rival.all, 'GET', `/api/v1/predictions/churn${path}`)).status).toBe(404);
  });
});
