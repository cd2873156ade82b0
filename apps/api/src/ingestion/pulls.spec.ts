import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listAt, openBench, type Bench } from '../testing/bench.js';
import { mapping, pull } from '../testing/definitions.js';

const PASSWORD = 'the reader has a password';

describe('pulls', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown) =>
    bench.call(bench.shop.all, method, `/api/v1/${path}`, body === undefined ? {} : { body });

  it('are published with a live mapping and a password, which is never shown', async () => {
    expect((await call('PUT', 'pulls/crm', pull('crm'))).status).toBe(201);
    const early = await call('POST', 'pulls/crm/publish');
    expect([early.status, listAt(early.body, 'faults')]).toMatchObject([
      422,
      [{ path: 'mapping' }, { path: 'password' }],
    ]);
    await call('PUT', 'mappings/crm', mapping('crm'));
    await call('POST', 'mappings/crm/publish');
    const put = await call('PUT', 'pulls/crm', { ...pull('crm'), password: PASSWORD });
    expect([put.status, put.text.includes(PASSWORD)]).toEqual([200, false]);
    expect((await call('POST', 'pulls/crm/publish')).body).toMatchObject({ version: 1 });
    const rows = await bench.sql.query(
      'select body::text from definition_version where kind = $1',
      ['pull'],
    );
    expect(JSON.stringify(rows.rows)).not.toContain(PASSWORD);
    expect((await call('PUT', 'pulls/crm', pull('crm', { pageSize: 50 }))).status).toBe(200);
    expect((await call('POST', 'pulls/crm/publish')).body).toMatchObject({ version: 2 });
  });

  it('keep the mapping that they name from being archived', async () => {
    const { status, body } = await call('DELETE', 'mappings/crm');
    expect([status, listAt(body, 'faults')]).toMatchObject([409, [{ path: 'pull.crm.mapping' }]]);
  });

  it('say how far they are, and run when asked to', async () => {
    expect((await call('GET', 'pulls/crm/state')).body).toEqual({
      cursor: null,
      rows: 0,
      running: false,
      scheduledVersion: null,
      startedAt: null,
      finishedAt: null,
      error: null,
    });
    expect((await call('POST', 'pulls/crm/run')).status).toBe(202);
    const asked = await bench.sql.query('select run_requested from pull_state');
    expect(asked.rows).toEqual([{ run_requested: true }]);
    expect((await call('GET', 'pulls/none/state')).status).toBe(404);
    await call('PUT', 'pulls/draft', pull('draft'));
    expect((await call('POST', 'pulls/draft/run')).status).toBe(409);
  });

  it.each([
    ['a table that is SQL', { table: 'x; drop table y' }],
    ['a column that is none', { columns: ['a b'] }],
    ['no schedule', { schedule: {} }],
    ['a schedule of seconds', { schedule: { everyMinutes: 0.5 } }],
    ['an unknown setting', { write: true }],
  ])('refuse %s', async (_what, more) => {
    expect((await call('PUT', 'pulls/bad', pull('bad', more))).status).toBe(422);
  });

  it('are listed, and end when they are archived', async () => {
    expect(listAt((await call('GET', 'pulls')).body, 'items')).toHaveLength(2);
    expect((await call('DELETE', 'pulls/crm')).body).toMatchObject({ state: 'stopped' });
    expect((await call('GET', 'pulls/crm')).status).toBe(200);
  });
});
