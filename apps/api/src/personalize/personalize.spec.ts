import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createKey } from '@throughline/store/workspaces';
import { newId, openPool } from '@throughline/store/shared';
import { drainWith } from '../../../../store/src/ingestion/testing/lane-kit.js';
import pg from 'pg';
import { at, openBench, textAt, type Bench } from '../testing/bench.js';
import { attribute } from '../testing/definitions.js';
import { NOTHING_TOLD } from './tell-visitor.js';

const ORIGIN = 'https://shop.example';
const SETTINGS = {
  origins: [ORIGIN],
  traits: ['plan', 'company'],
  predictions: ['churn_band'],
  segments: ['vip', 'lapsed'],
  recommendations: 2,
};

describe('what a page may be told of its visitor', () => {
  let bench: Bench;
  let key: string;

  beforeAll(async () => {
    bench = await openBench();
    key = bench.shop.only.personalise;
    await settings(SETTINGS);
    const granted = [{ purpose: 'personalisation', state: 'granted' }];
    await person('ada', granted);
    await person('eve', []);
    await person('mallory', [...granted, { purpose: 'personalisation', state: 'revoked' }]);
    await person('web', [{ purpose: 'personalisation', channel: 'email', state: 'granted' }]);
    await person('mixed', [
      ...granted,
      { purpose: 'personalisation', channel: 'web', state: 'denied' },
    ]);
    await drain();
    await seedRest();
  });
  afterAll(() => bench.close());

  async function settings(body: object) {
    const put = await bench.call(bench.shop.all, 'PUT', '/api/v1/sources/web/personalisation', {
      body,
    });
    expect([put.status, put.body]).toEqual([200, expect.objectContaining(body)]);
  }

  async function person(name: string, words: readonly object[]) {
    const who = { userId: name, anonymousId: `anon-${name}` };
    const base = Date.now() - 60_000;
    const traits = {
      plan: 'pro',
      secret: 'hidden',
      churn_band: 'high',
      email: `${name}@example.com`,
      company: { name: 'Engines', contact: { email: 'boss@example.com' } },
    };
    const batch = [
      { type: 'identify', ...who, traits, messageId: newId() },
      ...words.map((properties, index) => ({
        type: 'track',
        event: 'Consent Changed',
        ...who,
        properties,
        messageId: newId(),
        timestamp: new Date(base + index * 1_000).toISOString(),
      })),
    ];
    expect(
      (await bench.call(bench.shop.write, 'POST', '/v1/batch', { body: { batch } })).status,
    ).toBe(200);
  }

  async function drain() {
    const client = new pg.Client({
      connectionString: bench.config.databaseUrl,
      options: '-c role=tl_lane',
    });
    await client.connect();
    try {
      await drainWith(client, { workspaceId: bench.shop.id });
    } finally {
      await client.end();
    }
  }

  /** What lane and worker would have made: a membership, a model, a hidden segment. */
  async function seedRest() {
    const id = bench.shop.id;
    const run = newId();
    await bench.sql.query(
      `insert into segment_membership (workspace_id, customer_id, segment_key, version, since, position, ordinal)
       select workspace_id, customer_id, segment, 1, now(), 1, 0
         from identifier cross join unnest(array['vip', 'unlisted']) as segment
        where workspace_id = $1 and type = 'user_id' and value = 'ada'`,
      [id],
    );
    await bench.call(bench.shop.all, 'PUT', '/api/v1/recommendations/settings', { body: {} });
    const items = ['a', 'b', 'c'].map((item) => ({ id: item, name: `Item ${item}`, price: 1 }));
    await bench.call(bench.shop.all, 'PUT', '/api/v1/items', { body: { items } });
    await bench.sql.query(
      `insert into recommendation_run (workspace_id, run_id, state, requested_by, baskets) values ($1, $2, 'done', 'test', 10)`,
      [id, run],
    );
    await bench.sql.query(
      `insert into recommendation_item (workspace_id, run_id, item_id, baskets) values ($1, $2, 'a', 3), ($1, $2, 'b', 9), ($1, $2, 'c', 5)`,
      [id, run],
    );
    await bench.sql.query(
      'update recommendation_setting set live_run_id = $2 where workspace_id = $1',
      [id, run],
    );
  }

  const ask = (query: string, headers: Record<string, string> = {}, asKey = key) =>
    bench.call(asKey, 'GET', `/v1/personalize?${query}`, { headers });

  it('is what is on the list of the source, and nothing beside it', async () => {
    const { status, body } = await ask('anonymousId=anon-ada');
    expect(status).toBe(200);
    expect(body).toEqual({
      personalised: true,
      reason: 'granted',
      // An address inside of a trait that is an object is masked all the same.
      traits: { plan: 'pro', company: { name: 'Engines', contact: { email: 'b***@example.com' } } },
      predictions: { churn_band: 'high' },
      segments: ['vip'],
      recommendations: [
        expect.objectContaining({ id: 'b', name: 'Item b', price: 1 }),
        expect.objectContaining({ id: 'c' }),
      ],
    });
    expect(JSON.stringify(body)).not.toMatch(/hidden|ada@|boss@|unlisted|score|because/);
  });

  it('is nothing without a word, against a word, and by a word for something else', async () => {
    for (const name of ['eve', 'mallory', 'web', 'mixed'])
      expect([name, (await ask(`anonymousId=anon-${name}`)).body]).toEqual([name, NOTHING_TOLD]);
  });

  it('is of the channel where the channel has been said yes to', async () => {
    await settings({ ...SETTINGS, channel: 'email' });
    expect(at((await ask('anonymousId=anon-web')).body, 'personalised')).toBe(true);
    expect(at((await ask('anonymousId=anon-mixed')).body, 'personalised')).toBe(true);
    await settings(SETTINGS);
  });

  it('does not tell somebody who is not there from somebody who has not agreed', async () => {
    const [known, unknown] = [await ask('anonymousId=anon-eve'), await ask('anonymousId=nobody')];
    expect(unknown.text).toBe(known.text);
    expect(unknown.status).toBe(known.status);
    const headers = (answer: typeof known): string[] =>
      [...answer.headers]
        .filter(([name]) => name !== 'date')
        .map(([name, value]) => `${name}: ${value}`);
    expect(headers(unknown)).toEqual(headers(known));
  });

  it.each([
    'userId=ada',
    'userId=ada&anonymousId=anon-eve',
    'userId=eve&anonymousId=anon-ada',
    'userId=ada&anonymousId=nobody',
    'userId=nobody&anonymousId=anon-ada',
    'anonymousId=',
    'anonymousId=anon-ada%00',
    `anonymousId=${'x'.repeat(300)}`,
    "anonymousId=' or 1=1 --",
    'anonymousId=%25',
    'userId=ada%40example.com&anonymousId=anon-ada',
  ])('is nothing for a guess: %s', async (query) => {
    const { status, body } = await ask(query);
    expect([status, body]).toEqual([200, NOTHING_TOLD]);
  });

  it('is told by userId beside the anonymousId of the same person, or alone where ids are trusted', async () => {
    expect(at((await ask('userId=ada&anonymousId=anon-ada')).body, 'personalised')).toBe(true);
    await settings({ ...SETTINGS, trustUserId: true });
    expect(at((await ask('userId=ada')).body, 'personalised')).toBe(true);
    expect((await ask('userId=eve')).body).toEqual(NOTHING_TOLD);
    await settings(SETTINGS);
  });

  it.each(['', 'anonymousId=a&anonymousId=b', 'user=ada', 'anonymousId[]=a'])(
    'is asked for by name: %j is refused',
    async (query) => {
      expect((await ask(query)).status).toBe(400);
    },
  );

  it('is told to no other workspace, and no other kind of key', async () => {
    const rival = await ask('anonymousId=anon-ada', {}, bench.rival.only.personalise);
    expect(rival.status).toBe(404);
    await bench.call(bench.rival.all, 'PUT', '/api/v1/sources/web/personalisation', {
      body: SETTINGS,
    });
    const foreign = await ask('anonymousId=anon-ada', {}, bench.rival.only.personalise);
    expect([foreign.status, foreign.body]).toEqual([200, NOTHING_TOLD]);
    for (const scope of ['ingest', 'read', 'write', 'operate', 'privacy', 'admin'] as const)
      expect((await ask('anonymousId=anon-ada', {}, bench.shop.only[scope])).status).toBe(403);
    expect((await bench.call(null, 'GET', '/v1/personalize?anonymousId=a')).status).toBe(401);
  });

  it('is all that its key opens', async () => {
    const event = { anonymousId: 'a', event: 'X' };
    expect((await bench.call(key, 'POST', '/v1/track', { body: event })).status).toBe(403);
    expect((await bench.call(key, 'GET', '/api/v1/customers')).status).toBe(403);
  });

  it('is told to the sites on the list only', async () => {
    const good = await ask('anonymousId=anon-ada', { origin: ORIGIN });
    expect(good.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(good.headers.get('vary')).toContain('Origin');
    for (const origin of [
      'https://evil.example',
      'null',
      `${ORIGIN}.evil.example`,
      'http://shop.example',
    ]) {
      const bad = await ask('anonymousId=anon-ada', { origin });
      expect([origin, bad.status]).toEqual([origin, 403]);
      expect(bad.headers.get('access-control-allow-origin')).toBeNull();
      expect(bad.text).not.toContain('pro');
    }
  });

  it('answers a preflight before anybody is known', async () => {
    const answer = await fetch(`${bench.url}/v1/personalize`, {
      method: 'OPTIONS',
      headers: { origin: ORIGIN, 'access-control-request-headers': 'authorization' },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('is not sent again while it holds', async () => {
    const first = await ask('anonymousId=anon-ada');
    const etag = first.headers.get('etag') ?? '';
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    const again = await ask('anonymousId=anon-ada', { 'if-none-match': `"x", W/${etag}` });
    expect([again.status, again.text]).toEqual([304, '']);
    const other = await ask('anonymousId=anon-eve', { 'if-none-match': etag });
    expect(other.status).toBe(200);
  });

  it('cannot be contact data or of a special category', async () => {
    await bench.call(bench.shop.all, 'PUT', '/api/v1/attributes/shoe_size', {
      body: { ...attribute('shoe_size'), sensitivity: 'special' },
    });
    await bench.call(bench.shop.all, 'POST', '/api/v1/attributes/shoe_size/publish');
    const put = await bench.call(bench.shop.all, 'PUT', '/api/v1/sources/web/personalisation', {
      body: { ...SETTINGS, traits: ['plan', 'email', 'shoe_size'], predictions: ['phone'] },
    });
    expect(put.status).toBe(422);
    expect(at(put.body, 'faults', 0)).toMatchObject({ path: 'traits.1', code: 'too_sensitive' });
    expect(at(put.body, 'faults', 1)).toMatchObject({ path: 'traits.2', code: 'too_sensitive' });
    expect(at(put.body, 'faults', 2)).toMatchObject({ path: 'predictions.0' });
  });

  it('ends with the key that asks, and rests with the source', async () => {
    const app = openPool({ url: bench.config.databaseUrl, role: 'tl_app', max: 1 });
    const expired = await createKey(app, bench.shop.id, {
      name: 'gone',
      scopes: ['personalise'],
      sourceKey: 'web',
      expiresAt: Date.now() - 1_000,
    });
    await app.end();
    expect((await ask('anonymousId=anon-ada', {}, expired.key)).status).toBe(401);
    await bench.call(bench.shop.all, 'PUT', '/api/v1/sources/till', { body: { name: 'Till' } });
    await bench.call(bench.shop.all, 'POST', '/api/v1/sources/till/pause');
    const made = await bench.call(bench.shop.all, 'POST', '/api/v1/keys', {
      body: { name: 'till', scopes: ['personalise'], source: 'till' },
    });
    const paused = await ask('anonymousId=anon-ada', {}, textAt(made.body, 'key'));
    expect(paused.status).toBe(409);
  });

  it('names its source', async () => {
    const made = await bench.call(bench.shop.all, 'POST', '/api/v1/keys', {
      body: { name: 'site', scopes: ['personalise'] },
    });
    expect([made.status, textAt(made.body, 'detail')]).toEqual([
      400,
      'A key with the scope personalise names its source.',
    ]);
    const issued = await bench.call(bench.shop.all, 'POST', '/api/v1/keys', {
      body: { name: 'site', scopes: ['personalise'], source: 'web' },
    });
    expect(textAt(issued.body, 'key')).toMatch(/^tl_personalise_/);
  });
});

describe('a page that asks without end', () => {
  it('is told to wait', async () => {
    const bench = await openBench({
      rates: {
        ingest: { perKey: 2, perWorkspace: 0 },
        management: { perKey: 500, perWorkspace: 1_000 },
      },
    });
    try {
      const answers = await Promise.all(
        Array.from({ length: 30 }, () =>
          bench.call(bench.shop.only.personalise, 'GET', '/v1/personalize?anonymousId=a'),
        ),
      );
      const late = answers.filter(({ status }) => status === 429);
      expect(late.length).toBeGreaterThan(10);
      expect(late[0]?.headers.get('retry-after')).not.toBeNull();
    } finally {
      await bench.close();
    }
  });
});
