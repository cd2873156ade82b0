import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, openBench, type Bench } from '../testing/bench.js';
import { seedCustomer, type Seeded } from '../testing/seed.js';

const RULES = {
  identifiers: [
    { type: 'user_id', priority: 1, limit: 1 },
    { type: 'email', priority: 2, limit: 1 },
  ],
};

describe('identity rules', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown, key = bench.shop.all) =>
    bench.call(key, method, `/api/v1/identity/${path}`, body === undefined ? {} : { body });

  it('are ours until somebody puts others', async () => {
    const { body, status } = await call('GET', 'rules');
    expect(status).toBe(200);
    expect(body).toMatchObject({ revision: 0, liveVersion: null });
    expect(at(body, 'definition', 'identifiers', 0)).toEqual({
      type: 'user_id',
      priority: 1,
      limit: 1,
    });
  });

  it('are refused with the place of the fault', async () => {
    const { status, body } = await call('PUT', 'rules', {
      ...RULES,
      blocked: { patterns: ['^(a+)+$'] },
    });
    expect(status).toBe(422);
    expect(at(body, 'faults', 0)).toMatchObject({
      path: 'blocked.patterns.0',
      message: 'the pattern repeats a group',
    });
  });

  it('are put, published at a place in the log, and listed by version', async () => {
    expect((await call('POST', 'rules/publish')).status).toBe(404);
    expect((await call('PUT', 'rules', RULES)).status).toBe(201);
    expect((await call('POST', 'rules/publish')).body).toEqual({ version: 1, changed: true });
    const { rows } = await bench.sql.query<{ kind: string }>(
      `select l.kind from event_log l join definition_version v on v.workspace_id = l.workspace_id and v.live_position = l.position
        where v.kind = 'identity' and v.workspace_id = $1`,
      [bench.shop.id],
    );
    expect(rows).toEqual([{ kind: 'definitions' }]);
    expect(at((await call('GET', 'rules/versions')).body, 'items')).toMatchObject([{ version: 1 }]);
    expect((await call('GET', 'rules')).body).toMatchObject({ state: 'live', liveVersion: 1 });
  });

  it('can be tried out on the events that are here', async () => {
    const events = ['u1 a@x', 'u1 b@x', 'u2 c@x'];
    for (const [index, text] of events.entries()) {
      const [userId, email] = text.split(' ');
      const identifiers = [
        { type: 'user_id', value: userId },
        { type: 'email', value: email },
      ];
      await bench.sql.query(
        `insert into event (workspace_id, customer_id, position, ordinal, clock, event_time, message_id, type, name, body)
         values ($1, $1, $2::bigint, 0, now(), now(), 'm' || $2::bigint, 'track', 'Seen', $3)`,
        [bench.shop.id, 1_000 + index, JSON.stringify({ identifiers, previous: [] })],
      );
    }
    const loose = { identifiers: [{ type: '*', priority: 1, limit: 9 }] };
    const { status, body } = await call('POST', 'preview', loose);
    expect(status).toBe(200);
    expect(body).toMatchObject({ events: 3, complete: true, before: 2, after: 2, merges: 0 });
    expect((await call('POST', 'preview', {})).body).toMatchObject({ merges: 0, splits: 0 });
    expect((await call('POST', 'preview', { identifiers: [] })).status).toBe(422);
    const others = await call('POST', 'preview', loose, bench.rival.all);
    expect(others.body).toMatchObject({ events: 0, before: 0 });
  });

  it('are told of what they could not do', async () => {
    for (const [index, subject] of ['email:office@x', 'anonymous_id:kiosk'].entries()) {
      await bench.sql.query(
        `insert into identity_alert (workspace_id, kind, subject, first_position, last_position, first_at, last_at, count)
         values ($1, 'hub', $2, 1, $3, now(), now(), 2)`,
        [bench.shop.id, subject, index + 1],
      );
    }
    const first = await call('GET', 'alerts?limit=1');
    expect(at(first.body, 'items')).toMatchObject([
      { kind: 'hub', subject: 'anonymous_id:kiosk', count: 2 },
    ]);
    const rest = await call('GET', `alerts?limit=1&after=${String(at(first.body, 'next'))}`);
    expect(at(rest.body, 'items')).toMatchObject([{ subject: 'email:office@x' }]);
    expect(at(rest.body, 'next')).toBeNull();
    expect((await call('GET', 'alerts?after=bm8')).status).toBe(400);
    expect(at((await call('GET', 'alerts', undefined, bench.rival.all)).body, 'items')).toEqual([]);
  });
});

describe('merges', () => {
  let bench: Bench;
  let ada: Seeded;
  let other: string;

  beforeAll(async () => {
    bench = await openBench();
    ada = await seedCustomer(bench.sql, bench.shop.id);
    other = '0199a3c5-0000-7000-8000-00000000000b';
    await bench.sql.query(
      `insert into customer (workspace_id, customer_id, created_at, first_position, first_ordinal, applied_position) values ($1, $2, now(), 1, 0, 1)`,
      [bench.shop.id, other],
    );
  });
  afterAll(() => bench.close());

  const post = (path: string, body: unknown, key = bench.shop.all) =>
    bench.call(key, 'POST', `/api/v1/customers/${path}`, { body });

  async function commands(): Promise<unknown[]> {
    const { rows } = await bench.sql.query<{ body: string }>(
      `select body from event_log where workspace_id = $1 and kind = 'command' order by position`,
      [bench.shop.id],
    );
    return rows.map((row): unknown => JSON.parse(row.body));
  }

  it('are asked for: the answer says where in the log', async () => {
    const { status, body } = await post(`${ada.absorbed}/merge`, { other });
    expect(status).toBe(202);
    expect(typeof at(body, 'position')).toBe('number');
    expect(await commands()).toEqual([{ kind: 'merge', customerIds: [ada.customer, other] }]);
  });

  it('are refused with oneself, with nobody, and with somebody else’s customers', async () => {
    expect((await post(`${ada.customer}/merge`, { other: ada.absorbed })).status).toBe(409);
    const nobody = '0199a3c5-0000-7000-8000-0000000000ff';
    expect((await post(`${ada.customer}/merge`, { other: nobody })).status).toBe(404);
    expect((await post(`${ada.customer}/merge`, { other: 'x' })).status).toBe(400);
    expect((await post(`${ada.customer}/merge`, { other }, bench.rival.all)).status).toBe(404);
    expect((await post(`${ada.customer}/merge`, { other }, bench.shop.only.write)).status).toBe(
      403,
    );
    expect(await commands()).toHaveLength(1);
  });

  it('are undone where both sides were kept, and the audit says by whom', async () => {
    expect((await post(`${ada.customer}/unmerge`, {})).status).toBe(409);
    await bench.sql.query(
      `insert into customer_merge (workspace_id, position, ordinal, survivor_id, absorbed_id, at, absorbed_state, survivor_state)
       values ($1, 99, 0, $2, $3, now(), '{}', '{}')`,
      [bench.shop.id, ada.customer, ada.absorbed],
    );
    const list = await bench.call(
      bench.shop.all,
      'GET',
      `/api/v1/customers/${ada.customer}/merges`,
    );
    expect(at(list.body, 'items', 0)).toMatchObject({
      position: 99,
      undone: false,
      undoable: true,
    });
    const answers = [
      await post(`${ada.customer}/unmerge`, {}),
      await post(`${ada.absorbed}/unmerge`, {}),
      await post(`${ada.customer}/unmerge`, { absorbed: ada.absorbed }),
      await post(`${ada.customer}/unmerge`, { mergePosition: 99 }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect((await post(`${ada.customer}/unmerge`, { mergePosition: 98 })).status).toBe(409);
    expect((await commands()).slice(1)).toEqual(
      Array.from({ length: 4 }, () => ({
        kind: 'unmerge',
        absorbedId: ada.absorbed,
        position: 99,
      })),
    );
    const { rows } = await bench.sql.query<{ action: string; subject: string }>(
      `select action, subject from audit_log where workspace_id = $1 and action like 'customer.%' order by at limit 2`,
      [bench.shop.id],
    );
    expect(rows).toEqual([
      { action: 'customer.merge', subject: ada.customer },
      { action: 'customer.unmerge', subject: ada.customer },
    ]);
  });
});
