import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, listAt, openBench, type Bench } from '../testing/bench.js';
import { journey, mailConnection, segment, template } from '../testing/definitions.js';
import { seedCustomer } from '../testing/seed.js';

describe('definitions', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
    await put('connections/mail', mailConnection('mail'));
    await put('templates/reminder', template('reminder'));
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown) =>
    bench.call(bench.shop.all, method, `/api/v1/${path}`, body === undefined ? {} : { body });
  const put = (path: string, body: unknown) => call('PUT', path, body);
  const codes = (body: unknown): unknown[] => {
    return listAt(body, 'faults').map((fault) => at(fault, 'code'));
  };
  const lastLogRow = async () =>
    (
      await bench.sql.query<{ kind: string; position: number }>(
        'select kind, position from event_log order by position desc limit 1',
      )
    ).rows[0];

  it('become immutable versions by publishing, in one step with their place in the log', async () => {
    await put('journeys/cart', journey('cart'));
    const first = await call('POST', 'journeys/cart/publish');
    expect(first.body).toEqual({ version: 1, changed: true });
    const row = await lastLogRow();
    expect(row?.kind).toBe('definitions');
    const version = await bench.sql.query(
      "select live_position from definition_version where key = 'cart'",
    );
    expect(version.rows).toEqual([{ live_position: row?.position }]);
    expect((await call('GET', 'journeys/cart')).body).toMatchObject({
      state: 'live',
      liveVersion: 1,
    });

    await put('journeys/cart', journey('cart', { name: 'Second' }));
    expect((await call('POST', 'journeys/cart/publish')).body).toEqual({
      version: 2,
      changed: true,
    });
    expect(at((await call('GET', 'journeys/cart/versions/1')).body, 'definition', 'name')).toBe(
      'Journey cart',
    );
    const versions = await call('GET', 'journeys/cart/versions');
    expect(at(versions.body, 'items')).toMatchObject([{ version: 2 }, { version: 1 }]);
    const change = bench.sql.query(
      `update definition_version set body = '{}' where key = 'cart' and version = 1`,
    );
    await expect(change).rejects.toMatchObject({ code: '23514' });
  });

  it('that equal what is live are not published again', async () => {
    await put('segments/same', segment('same'));
    await call('POST', 'segments/same/publish');
    const before = await lastLogRow();
    expect((await call('POST', 'segments/same/publish')).body).toEqual({
      version: 1,
      changed: false,
    });
    expect(await lastLogRow()).toEqual(before);
  });

  it('are not published while a draft names what is not there', async () => {
    const broken = journey('lost', {
      exits: [{ id: 'vip', kind: 'segment', segment: 'nowhere', on: 'entered' }],
      steps: {
        wait: { kind: 'delay', duration: { hours: 1 }, next: 'mail' },
        mail: {
          kind: 'message',
          channel: 'email',
          connection: 'nobody',
          template: 'nothing',
          next: 'done',
        },
        done: { kind: 'exit', reason: 'done' },
      },
    });
    expect((await put('journeys/lost', broken)).status).toBe(201);
    const answer = await call('POST', 'journeys/lost/publish');
    expect(answer.status).toBe(422);
    expect(codes(answer.body)).toEqual(
      expect.arrayContaining(['unknown_segment', 'unknown_connection', 'unknown_template']),
    );
    expect((await call('GET', 'journeys/lost')).body).toMatchObject({
      state: 'draft',
      liveVersion: null,
    });
    expect((await call('POST', 'journeys/validate', broken)).body).toMatchObject({ valid: false });
  });

  it('do not ask a connection for what its connector cannot do', async () => {
    const asking = journey('asking', {
      start: 'send',
      steps: {
        send: {
          kind: 'sendToDestination',
          connection: 'mail',
          action: 'teleport',
          input: {},
          next: 'done',
        },
        done: { kind: 'exit', reason: 'done' },
      },
    });
    expect(codes((await call('POST', 'journeys/validate', asking)).body)).toContain(
      'unknown_action',
    );
  });

  it('write to people by message steps only, whose guards know the address', async () => {
    const past = journey('past-the-guards', {
      start: 'send',
      steps: {
        send: {
          kind: 'sendToDestination',
          connection: 'mail',
          action: 'send',
          input: {},
          next: 'done',
        },
        done: { kind: 'exit', reason: 'done' },
      },
    });
    expect(codes((await call('POST', 'journeys/validate', past)).body)).toContain(
      'needs_message_step',
    );
  });

  it('are linted without being stored, down to the path', async () => {
    const speechless = journey('speechless', { purpose: null });
    const answer = await call('POST', 'journeys/validate', speechless);
    expect(answer.status).toBe(200);
    expect(at(answer.body, 'valid')).toBe(false);
    expect(codes(answer.body)).toContain('missing_purpose');
    expect((await call('GET', 'journeys/speechless')).status).toBe(404);
    expect((await call('POST', 'journeys/validate', journey('cart'))).body).toMatchObject({
      valid: true,
    });
    expect((await call('POST', 'journeys/validate', { key: 'x' })).body).toMatchObject({
      valid: false,
    });
  });

  it('pass through draft, live, paused, live, stopped, and say which state refused', async () => {
    await put('journeys/states', journey('states'));
    expect((await call('POST', 'journeys/states/pause')).status).toBe(409);
    await call('POST', 'journeys/states/publish');
    expect((await call('POST', 'journeys/states/pause')).body).toMatchObject({ state: 'paused' });
    expect((await lastLogRow())?.kind).toBe('definitions');
    expect((await call('POST', 'journeys/states/resume')).body).toMatchObject({ state: 'live' });
    expect((await call('POST', 'journeys/states/stop')).body).toMatchObject({ state: 'stopped' });
    const refused = await call('POST', 'journeys/states/pause');
    expect(refused.status).toBe(409);
    expect(String(at(refused.body, 'detail'))).toContain('stopped');
    expect((await call('POST', 'journeys/states/publish')).body).toEqual({
      version: 2,
      changed: true,
    });
  });

  it('stay paused when they are published while paused', async () => {
    await put('journeys/resting', journey('resting'));
    await call('POST', 'journeys/resting/publish');
    await call('POST', 'journeys/resting/pause');
    await put('journeys/resting', journey('resting', { name: 'Other' }));
    await call('POST', 'journeys/resting/publish');
    expect((await call('GET', 'journeys/resting')).body).toMatchObject({
      state: 'paused',
      liveVersion: 2,
    });
  });

  it('are archived only when nothing live uses them, and come back by a put', async () => {
    await put('segments/used', segment('used'));
    await call('POST', 'segments/used/publish');
    await put('segments/user', segment('user', { segment: 'used' }));
    expect((await call('POST', 'segments/user/publish')).status).toBe(200);
    const refused = await call('DELETE', 'segments/used');
    expect(refused.status).toBe(409);
    expect(at(refused.body, 'faults', 0, 'path')).toBe('segment.user.condition.segment');
    expect((await call('DELETE', 'segments/user')).status).toBe(200);
    expect(at((await call('DELETE', 'segments/used')).body, 'archivedAt')).toMatch(/Z$/);
    const archived = await call('GET', 'segments?archived=true');
    expect(JSON.stringify(archived.body)).toContain('"used"');
    expect(JSON.stringify((await call('GET', 'segments')).body)).not.toContain('"used"');
    expect((await put('segments/used', segment('used'))).body).toMatchObject({ archivedAt: null });
  });

  it('of running journeys are not archived, nor what they send with', async () => {
    expect((await call('DELETE', 'journeys/cart')).status).toBe(409);
    expect((await call('DELETE', 'templates/reminder')).status).toBe(409);
    expect((await call('DELETE', 'connections/mail')).status).toBe(409);
  });

  it('of segments do not depend on themselves or on what is not live', async () => {
    expect(
      codes((await call('POST', 'segments/validate', segment('me', { segment: 'me' }))).body),
    ).toEqual(['refers_to_itself']);
    expect(
      codes(
        (await call('POST', 'segments/validate', segment('me', { not: { segment: 'gone' } }))).body,
      ),
    ).toEqual(['unknown_segment']);
    expect((await call('POST', 'segments/validate', segment('me'))).body).toEqual({
      valid: true,
      faults: [],
    });
  });

  it('have numbers per step that are the trail’s own', async () => {
    await seedCustomer(bench.sql, bench.shop.id, { journey: 'cart', connection: 'mail' });
    const { body } = await call('GET', 'journeys/cart/stats');
    expect(body).toMatchObject({
      journey: 'cart',
      entered: 2,
      active: 1,
      held: 0,
      ended: { completed: 1 },
    });
    expect(at(body, 'steps')).toEqual([
      {
        version: 1,
        step: 'mail',
        entered: 1,
        waiting: 0,
        sent: 0,
        skipped: { no_consent: 1 },
        failed: {},
        unknown: 0,
      },
      {
        version: 1,
        step: 'wait_a_day',
        entered: 1,
        waiting: 1,
        sent: 0,
        skipped: {},
        failed: {},
        unknown: 0,
      },
    ]);
  });

  it('wake everyone in a journey that was stopped, and those with something due when it is resumed', async () => {
    const outbox = async (): Promise<readonly unknown[]> =>
      (
        await bench.sql.query<Record<string, unknown>>(
          "select kind, journey_key from outbox where journey_key = 'cart'",
        )
      ).rows;
    await call('POST', 'journeys/cart/pause');
    expect(await outbox()).toEqual([]);
    await call('POST', 'journeys/cart/resume');
    expect(await outbox()).toEqual([{ kind: 'wake', journey_key: 'cart' }]);
    await call('POST', 'journeys/cart/stop');
    expect(await outbox()).toHaveLength(2);
  });
});
