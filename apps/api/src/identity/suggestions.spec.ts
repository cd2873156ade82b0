import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { at, openBench, type Bench } from '../testing/bench.js';

const ADA = '0199a3c5-0000-7000-8000-0000000000a1';
const ADA_TOO = '0199a3c5-0000-7000-8000-0000000000a2';
const ADE = '0199a3c5-0000-7000-8000-0000000000a3';
const RUN = '0199a3c5-0000-7000-8000-0000000000f1';
const NOBODY = '0199a3c5-0000-7000-8000-0000000000ff';

describe('suggestions', () => {
  let bench: Bench;
  let made = 0;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  beforeEach(() =>
    bench.sql.query(
      `truncate identity_suggestion, identity_difference; delete from event_log where kind = 'command'`,
    ),
  );

  const call = (method: string, path: string, body?: unknown, key = bench.shop.all) =>
    bench.call(
      key,
      method,
      `/api/v1/identity/suggestions${path}`,
      body === undefined ? {} : { body },
    );

  async function suggest(...members: string[]): Promise<string> {
    made += 1;
    const id = `0199a3c5-0000-7000-8000-0000000001${String(made).padStart(2, '0')}`;
    const evidence = [
      {
        left: members[0],
        right: members[1],
        probability: 0.97,
        weight: 5,
        levels: { birthday: 'exact' },
      },
    ];
    await bench.sql.query(
      `insert into identity_suggestion (workspace_id, suggestion_id, members, run_id, weakest, strongest, evidence)
       values ($1, $2, $3, $4, .91, .97, $5)`,
      [bench.shop.id, id, members, RUN, JSON.stringify(evidence)],
    );
    return id;
  }

  async function commands(): Promise<unknown[]> {
    const { rows } = await bench.sql.query<{ body: string }>(
      `select body from event_log where workspace_id = $1 and kind = 'command' order by position`,
      [bench.shop.id],
    );
    return rows.map((row): unknown => JSON.parse(row.body));
  }

  async function different(): Promise<unknown[]> {
    const { rows } = await bench.sql.query<Record<string, string>>(
      'select left_id, right_id, declared_by from identity_difference order by 1, 2',
    );
    return rows;
  }

  it('are listed newest first, by state, a page at a time', async () => {
    const [first, second] = [await suggest(ADA, ADA_TOO), await suggest(ADA, ADE)];
    const page = await call('GET', '?limit=1');
    expect(at(page.body, 'items')).toMatchObject([
      { id: second, members: [ADA, ADE], state: 'open', weakest: 0.91, decidedBy: null },
    ]);
    const rest = await call('GET', `?limit=1&after=${String(at(page.body, 'next'))}`);
    expect(at(rest.body, 'items')).toMatchObject([
      { id: first, evidence: [{ levels: { birthday: 'exact' } }] },
    ]);
    expect(at((await call('GET', '?state=accepted')).body, 'items')).toEqual([]);
    expect((await call('GET', '?state=maybe')).status).toBe(400);
    expect((await call('GET', `/${first}`)).body).toMatchObject({ id: first });
    expect((await call('GET', `/${NOBODY}`)).status).toBe(404);
  });

  it('that are accepted ask the lane for the merges, once', async () => {
    const id = await suggest(ADA, ADA_TOO, ADE);
    const { status, body } = await call('POST', `/${id}/accept`);
    expect(status).toBe(202);
    expect(body).toMatchObject({ id, state: 'accepted', groups: null });
    expect(at(body, 'decidedBy')).toEqual(expect.stringMatching(/\S/));
    const wanted = [
      { kind: 'merge', customerIds: [ADA, ADA_TOO] },
      { kind: 'merge', customerIds: [ADA, ADE] },
    ];
    expect(await commands()).toEqual(wanted);
    expect(await different()).toEqual([]);
    expect((await call('POST', `/${id}/accept`)).status).toBe(409);
    expect((await call('POST', `/${id}/reject`)).status).toBe(409);
    expect(await commands()).toEqual(wanted);
    const { rows } = await bench.sql.query<{ action: string }>(
      `select action from audit_log where subject = $1`,
      [id],
    );
    expect(rows).toEqual([{ action: 'identity.suggestion.accepted' }]);
  });

  it('that are rejected say of each two that they are two', async () => {
    const id = await suggest(ADA, ADA_TOO, ADE);
    expect((await call('POST', `/${id}/reject`)).body).toMatchObject({ state: 'rejected' });
    expect(await commands()).toEqual([]);
    expect(await different()).toMatchObject([
      { left_id: ADA, right_id: ADA_TOO },
      { left_id: ADA, right_id: ADE },
      { left_id: ADA_TOO, right_id: ADE },
    ]);
  });

  it('that are split merge within and part across', async () => {
    const id = await suggest(ADA, ADA_TOO, ADE);
    const { status, body } = await call('POST', `/${id}/split`, { groups: [[ADE, ADA]] });
    expect(status).toBe(202);
    expect(body).toMatchObject({ state: 'split', groups: [[ADE, ADA], [ADA_TOO]] });
    expect(await commands()).toEqual([{ kind: 'merge', customerIds: [ADE, ADA] }]);
    expect(await different()).toMatchObject([
      { left_id: ADA, right_id: ADA_TOO },
      { left_id: ADA_TOO, right_id: ADE },
    ]);
  });

  it.each([
    ['one group of all', { groups: [[ADA, ADA_TOO, ADE]] }, 400],
    ['a stranger', { groups: [[ADA, NOBODY]] }, 400],
    ['somebody twice', { groups: [[ADA, ADA_TOO], [ADA]] }, 400],
    ['no groups', { groups: [] }, 422],
    ['what is no id', { groups: [['ada']] }, 422],
  ])('are not split into %s', async (_what, body, status) => {
    const id = await suggest(ADA, ADA_TOO, ADE);
    expect((await call('POST', `/${id}/split`, body)).status).toBe(status);
    expect((await call('GET', `/${id}`)).body).toMatchObject({ state: 'open' });
    expect(await commands()).toEqual([]);
    expect(await different()).toEqual([]);
  });

  it('are decided by operators of the workspace only', async () => {
    const id = await suggest(ADA, ADA_TOO);
    expect((await call('POST', `/${id}/accept`, undefined, bench.rival.all)).status).toBe(404);
    expect((await call('POST', `/${id}/accept`, undefined, bench.shop.only.read)).status).toBe(403);
    expect(at((await call('GET', '', undefined, bench.rival.all)).body, 'items')).toEqual([]);
    expect(await commands()).toEqual([]);
  });
});

describe('runs of reconcileIdentity', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const call = (method: string, path = '', body?: unknown, key = bench.shop.all) =>
    bench.call(
      key,
      method,
      `/api/v1/identity/reconcile${path}`,
      body === undefined ? {} : { body },
    );

  it('are asked for with defaults that suggest and never merge', async () => {
    const { status, body } = await call('POST', '', {});
    expect(status).toBe(202);
    expect(body).toMatchObject({
      state: 'asked',
      dryRun: false,
      suggestAt: 0.95,
      autoAt: null,
      proposed: null,
      preview: [],
    });
    expect(at(body, 'run')).toEqual(
      expect.stringContaining(encodeURIComponent(`reconcile/${bench.shop.id}/`)),
    );
    const own = await call('GET', `/${String(at(body, 'id'))}`);
    expect(own.body).toEqual(body);
  });

  it('are listed, newest first, to their own workspace', async () => {
    const { body } = await call('POST', '', {
      dryRun: true,
      suggestAt: 0.8,
      autoAt: 0.999,
      columns: { 'address.city': 'town', nickname: 'ignore' },
    });
    expect(body).toMatchObject({ dryRun: true, suggestAt: 0.8, autoAt: 0.999 });
    const page = await call('GET', '?limit=1');
    expect(at(page.body, 'items')).toEqual([body]);
    const rest = await call('GET', `?after=${String(at(page.body, 'next'))}`);
    expect(at(rest.body, 'items')).toMatchObject([{ dryRun: false }]);
    expect(at((await call('GET', '', undefined, bench.rival.all)).body, 'items')).toEqual([]);
    const id = String(at(body, 'id'));
    expect((await call('GET', `/${id}`, undefined, bench.rival.all)).status).toBe(404);
  });

  it.each([
    [{ suggestAt: 1.5 }, 'suggestAt'],
    [{ autoAt: 0.2 }, 'autoAt'],
    [{ columns: { x: 'colour' } }, 'columns.x'],
    [{ dryrun: true }, ''],
  ])('are refused where %j makes no sense', async (body, path) => {
    const answer = await call('POST', '', body);
    expect(answer.status).toBe(422);
    expect(at(answer.body, 'faults', 0, 'path')).toBe(path);
  });

  it('are for operators', async () => {
    expect((await call('POST', '', {}, bench.shop.only.write)).status).toBe(403);
    expect((await call('PUT', '/schedule', { everyHours: 1 }, bench.shop.only.read)).status).toBe(
      403,
    );
  });

  it('begin by themselves where the workspace says so', async () => {
    expect((await call('GET', '/schedule')).body).toMatchObject({ everyHours: null });
    const put = await call('PUT', '/schedule', { everyHours: 24, suggestAt: 0.9 });
    expect(put.body).toEqual({ everyHours: 24, suggestAt: 0.9, autoAt: null, columns: {} });
    expect((await call('GET', '/schedule')).body).toEqual(put.body);
    await call('PUT', '/schedule', { everyHours: null });
    expect((await call('GET', '/schedule')).body).toMatchObject({ everyHours: null });
    const { rows } = await bench.sql.query<{ revision: number }>(
      'select revision from reconcile_schedule',
    );
    expect(rows).toEqual([{ revision: 2 }]);
    expect((await call('PUT', '/schedule', { everyHours: 0 })).status).toBe(422);
  });
});
