import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, listAt, openBench, type Bench } from '../testing/bench.js';
import { mailConnection, template } from '../testing/definitions.js';
import { seedCustomer } from '../testing/seed.js';

const PASSWORD = 'canary-password-9x';

describe('connections', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown) =>
    bench.call(bench.shop.all, method, `/api/v1/${path}`, body === undefined ? {} : { body });
  const stored = async (key: string) => {
    const rows = await bench.sql.query<{ keyId: string; sealed: Buffer }>(
      'select key_id as "keyId", sealed from connection_secret where workspace_id = $1 and connection_key = $2',
      [bench.shop.id, key],
    );
    return rows.rows[0];
  };

  it('keep their secrets sealed: no answer, no row and no log holds one', async () => {
    const answer = await call(
      'PUT',
      'connections/mail',
      mailConnection('mail', { user: 'shop', pass: PASSWORD }),
    );
    expect(answer.status).toBe(201);
    expect(at(answer.body, 'definition', 'settings')).toMatchObject({
      host: '127.0.0.1',
      user: 'shop',
      pass: '********',
    });
    const everything = await bench.sql.query<{ text: string }>(
      `select d::text as text from definition d union all select v::text from definition_version v
        union all select a::text from audit_log a union all select encode(sealed, 'escape') from connection_secret`,
    );
    const listed = await call('GET', 'connections');
    const haystack =
      everything.rows.map(({ text }) => text).join() +
      answer.text +
      listed.text +
      bench.logLines.join('');
    expect(haystack).not.toContain(PASSWORD);
    expect((await stored('mail'))?.sealed.length).toBeGreaterThan(28);
  });

  it('keep a secret that a form sends back masked, and take a new one', async () => {
    await call('PUT', 'connections/kept', mailConnection('kept', { user: 'shop', pass: 'first' }));
    await call(
      'PUT',
      'connections/kept',
      mailConnection('kept', { user: 'shop', pass: '********', port: 2526 }),
    );
    const shown = await call('GET', 'connections/kept');
    expect(at(shown.body, 'definition', 'settings')).toMatchObject({
      port: 2526,
      pass: '********',
    });
    await call('PUT', 'connections/kept', mailConnection('kept'));
    expect(await stored('kept')).toBeUndefined();
    const without = await call('GET', 'connections/kept');
    expect(at(without.body, 'definition', 'settings', 'pass')).toBeUndefined();
  });

  it('are refused by their connector’s own rules, path by path', async () => {
    const answer = await call(
      'PUT',
      'connections/bad',
      mailConnection('bad', { port: 0, from: 'nobody' }),
    );
    expect(answer.status).toBe(422);
    expect(
      listAt(answer.body, 'faults')
        .map((fault) => at(fault, 'path'))
        .sort(),
    ).toEqual(['settings.from', 'settings.port']);
    const unknown = await call('PUT', 'connections/bad', {
      ...mailConnection('bad'),
      connector: 'pigeon',
    });
    expect(at(unknown.body, 'faults', 0, 'code')).toBe('unknown_connector');
    const inherited = await call('PUT', 'connections/bad', {
      ...mailConnection('bad'),
      connector: 'constructor',
    });
    expect(inherited.status).toBe(422);
  });

  it('are live as soon as they are put', async () => {
    await call('PUT', 'connections/live', mailConnection('live'));
    expect((await call('GET', 'connections/live')).body).toMatchObject({
      state: 'live',
      liveVersion: 1,
    });
    await call('PUT', 'connections/live', mailConnection('live', { port: 26 }));
    expect((await call('GET', 'connections/live')).body).toMatchObject({
      liveVersion: 2,
      revision: 2,
    });
  });

  it('are checked by asking the service, and the answer becomes their health', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => silent.close(resolve));
    await call('PUT', 'connections/dead', mailConnection('dead', { port }));
    const check = await call('POST', 'connections/dead/check');
    expect(check.status).toBe(200);
    expect(check.body).toMatchObject({ ok: false });
    expect((await call('GET', 'connections/dead/health')).body).toMatchObject({
      state: 'needs_attention',
      code: at(check.body, 'code'),
    });
    await call('PUT', 'connections/dead', mailConnection('dead', { port }));
    expect((await call('GET', 'connections/dead/health')).body).toMatchObject({
      state: 'ok',
      code: null,
    });
  });

  it('describe their types with a schema that makes the form', async () => {
    const types = await call('GET', 'destinations');
    expect(JSON.stringify(types.body)).toContain('"secret":true');
    const one = await call('GET', 'destinations/webhook');
    expect(one.body).toMatchObject({ key: 'webhook', actions: [{ name: 'post' }] });
    expect((await call('GET', 'destinations/constructor')).status).toBe(404);
  });
});

describe('templates', () => {
  let bench: Bench;
  let customer: string;

  beforeAll(async () => {
    bench = await openBench();
    ({ customer } = await seedCustomer(bench.sql, bench.shop.id));
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown) =>
    bench.call(bench.shop.all, method, `/api/v1/${path}`, body === undefined ? {} : { body });

  it('are refused when they could never be rendered', async () => {
    const answer = await call(
      'PUT',
      'templates/broken',
      template('broken', 'Hello {{ traits.name '),
    );
    expect(answer.status).toBe(422);
    expect(at(answer.body, 'faults', 0)).toMatchObject({ path: 'subject', code: 'syntax' });
    expect(
      (await call('PUT', 'templates/greedy', { ...template('greedy'), text: '{% include "x" %}' }))
        .status,
    ).toBe(422);
  });

  it('are shown as a person would get them, and nothing is sent', async () => {
    await call('PUT', 'templates/hello', template('hello'));
    const preview = await call('POST', 'templates/hello/preview', {
      customer,
      properties: { cart_id: 'c-77' },
    });
    expect(preview.body).toMatchObject({
      status: 'rendered',
      subject: 'Hello Ada',
      text: 'Your cart c-77 waits.',
    });
    expect((await bench.sql.query('select 1 from outbox')).rowCount).toBe(0);
  });

  it('say what a person lacks', async () => {
    await call('PUT', 'templates/strict', {
      ...template('strict', 'Hello {{ traits.nickname }}'),
      missing: 'skip',
    });
    const preview = await call('POST', 'templates/strict/preview', {
      customer,
      properties: { cart_id: 'c' },
    });
    expect(preview.body).toMatchObject({ status: 'skipped', reason: 'missing_variable' });
  });
});
