import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@throughline/store/shared';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { audience, mailConnection, segment } from '../testing/definitions.js';

describe('audiences', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
    await call('PUT', 'segments/vip', segment('vip'));
    await call('PUT', 'connections/mail', mailConnection('mail'));
    const ads = {
      key: 'ads',
      name: 'Ads',
      connector: 'meta-custom-audiences',
      settings: { accessToken: 'token-of-the-test', accountId: '1234567890' },
    };
    expect((await call('PUT', 'connections/ads', ads)).status).toBe(201);
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown) =>
    bench.call(bench.shop.all, method, `/api/v1/${path}`, body === undefined ? {} : { body });

  it('are published with a live segment and a connection that keeps audiences', async () => {
    expect(
      (await call('PUT', 'audiences/vips', audience('vips', { connection: 'mail' }))).status,
    ).toBe(201);
    const early = await call('POST', 'audiences/vips/publish');
    expect([early.status, listAt(early.body, 'faults')]).toMatchObject([
      422,
      [
        { path: 'segment', code: 'unknown_segment' },
        { path: 'connection', code: 'no_audiences' },
      ],
    ]);
    await call('POST', 'segments/vip/publish');
    const put = await call('PUT', 'audiences/vips', audience('vips', { connection: 'nobody' }));
    expect(put.status).toBe(200);
    const unknown = await call('POST', 'audiences/vips/publish');
    expect(listAt(unknown.body, 'faults')).toMatchObject([{ code: 'unknown_connection' }]);
    await call('PUT', 'audiences/vips', audience('vips'));
    expect((await call('POST', 'audiences/vips/publish')).body).toMatchObject({ version: 1 });
  });

  it('keep their segment and connection from being archived, and their connection for good', async () => {
    expect((await call('DELETE', 'segments/vip')).status).toBe(409);
    expect((await call('DELETE', 'connections/ads')).status).toBe(409);
    await call('PUT', 'audiences/vips', audience('vips', { connection: 'mail' }));
    const moved = await call('POST', 'audiences/vips/publish');
    expect(listAt(moved.body, 'faults')).toContainEqual(
      expect.objectContaining({ code: 'connection_fixed' }),
    );
    await call('PUT', 'audiences/vips', audience('vips'));
  });

  it('run when asked to, one run at a time, and say what came of it', async () => {
    const asked = await call('POST', 'audiences/vips/run', { kind: 'full', dryRun: true });
    expect([asked.status, asked.body]).toMatchObject([
      202,
      { kind: 'full', dryRun: true, state: 'asked' },
    ]);
    expect((await call('POST', 'audiences/vips/run', {})).status).toBe(409);
    const id = textAt(asked.body, 'id');
    await bench.sql.query(
      `update audience_run set state = 'done', counts = '{"looked": 2, "failed": 1}',
              failures = jsonb_build_object('item_rejected', jsonb_build_object('count', 1, 'customers', jsonb_build_array($2::text)))
        where run_id = $1`,
      [id, newId()],
    );
    const run = await call('GET', `audiences/vips/runs/${id}`);
    expect(run.body).toMatchObject({
      state: 'done',
      counts: { looked: 2, failed: 1 },
      failures: { item_rejected: { count: 1 } },
    });
    expect(textAt(run.body, 'run')).toContain(encodeURIComponent(`audience/vips/${id}`));
    expect(listAt((await call('GET', 'audiences/vips/runs')).body, 'items')).toHaveLength(1);
    expect((await call('GET', `audiences/vips/runs/${newId()}`)).status).toBe(404);
    expect((await call('GET', `audiences/other/runs/${id}`)).status).toBe(404);
  });

  it('try again whom the destination has refused', async () => {
    expect((await call('POST', 'audiences/vips/redrive')).body).toEqual({ people: 0 });
    await bench.sql.query(
      `insert into audience_member (workspace_id, audience_key, customer_id, op, code) values ($1, 'vips', $2, 'add', 'item_rejected')`,
      [bench.shop.id, newId()],
    );
    expect((await call('GET', 'audiences/vips/state')).body).toMatchObject({
      failed: 1,
      due: 0,
      members: 0,
    });
    const redriven = await call('POST', 'audiences/vips/redrive');
    expect([redriven.status, redriven.body]).toEqual([202, { people: 1 }]);
    expect((await call('GET', 'audiences/vips/state')).body).toMatchObject({ failed: 0, due: 1 });
    const runs = await call('GET', 'audiences/vips/runs?limit=1');
    expect(at(runs.body, 'items', 0)).toMatchObject({ state: 'asked', kind: 'delta' });
  });

  it('are paused and go on, and are not run meanwhile', async () => {
    expect((await call('POST', 'audiences/vips/pause')).body).toMatchObject({ state: 'paused' });
    expect((await call('POST', 'audiences/vips/pause')).status).toBe(200);
    expect((await call('POST', 'audiences/vips/run', {})).status).toBe(409);
    expect((await call('POST', 'audiences/vips/resume')).body).toMatchObject({ state: 'live' });
    await call('PUT', 'audiences/draft', audience('draft'));
    expect((await call('POST', 'audiences/draft/pause')).status).toBe(409);
    expect((await call('GET', 'audiences/none/state')).status).toBe(404);
  });

  it.each([
    ['no purpose', { purpose: '' }],
    ['nothing to match by', { fields: { city: { trait: 'city' } } }],
    ['an unknown mode', { mode: 'append' }],
    ['an unknown setting', { hashed: true }],
  ])('are refused with %s', async (_what, more) => {
    expect((await call('PUT', 'audiences/bad', audience('bad', more))).status).toBe(422);
  });
});
