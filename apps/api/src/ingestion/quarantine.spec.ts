import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@throughline/store/shared';
import { at, openBench, textAt, type Bench } from '../testing/bench.js';

describe('quarantine', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());
  beforeEach(() => bench.sql.query('delete from quarantine; delete from event_log'));

  const call = (method: string, path: string, body?: unknown) =>
    bench.call(
      bench.shop.all,
      method,
      `/api/v1/quarantine${path}`,
      body === undefined ? {} : { body },
    );
  const hold = async (
    body: string,
    endpoint = 'batch',
    code = 'missing_event_name',
  ): Promise<string> => {
    const id = newId();
    await bench.sql.query(
      `insert into quarantine (workspace_id, quarantine_id, position, ordinal, source_key, endpoint, code, detail, body, received_at)
       values ($1, $2, 1, 0, 'web', $3, $4, 'why', $5, clock_timestamp())`,
      [bench.shop.id, id, endpoint, code, body],
    );
    return id;
  };
  const appended = async (): Promise<readonly unknown[]> =>
    (
      await bench.sql.query<Record<string, unknown>>(
        'select endpoint, source_key, events, body from event_log order by position',
      )
    ).rows;

  it('lists what is open, by reason and source, and shows each as it was sent', async () => {
    const id = await hold('{ "n":12345678901234567890123 }');
    await hold('{}', 'track', 'too_deep');
    expect(at((await call('GET', '')).body, 'items')).toHaveLength(2);
    expect(at((await call('GET', '?code=missing_event_name')).body, 'items')).toMatchObject([
      { id },
    ]);
    expect(at((await call('GET', '?source=nowhere')).body, 'items')).toEqual([]);
    expect(at((await call('GET', `/${id}`)).body, 'body')).toBe('{ "n":12345678901234567890123 }');
  });

  it('comes in pages', async () => {
    for (let count = 0; count < 5; count += 1) await hold(`{"n":${count}}`);
    const first = await call('GET', '?limit=3');
    const rest = await call('GET', `?limit=3&after=${textAt(first.body, 'next')}`);
    expect(at(first.body, 'items')).toHaveLength(3);
    expect(at(rest.body, 'items')).toHaveLength(2);
    expect((await call('GET', '?after=WzEsIngiXQ')).status).toBe(400);
  });

  it('replays a mended event through the log, once', async () => {
    const id = await hold('{"type":"track","userId":"u"}');
    const mended = '{"type":"track","userId":"u","event":"Mended","messageId":"m-9"}';
    const answer = await call('POST', `/${id}/replay`, { body: mended });
    expect(answer.body).toMatchObject({ id, state: 'replayed' });
    expect(await appended()).toEqual([
      { endpoint: 'batch', source_key: 'web', events: 1, body: `{"batch":[${mended}]}` },
    ]);
    const again = await call('POST', `/${id}/replay`, { body: mended });
    expect(again.status).toBe(409);
    expect(at((await call('GET', '')).body, 'items')).toEqual([]);
    expect(at((await call('GET', '?state=replayed')).body, 'items')).toMatchObject([{ id }]);
  });

  it('replays as it came where nothing is said', async () => {
    const id = await hold('{"userId":"u","event":"x"}', 'track');
    await call('POST', `/${id}/replay`);
    expect(await appended()).toMatchObject([
      { endpoint: 'track', body: '{"userId":"u","event":"x"}' },
    ]);
  });

  it('lets one of two operators replay', async () => {
    const id = await hold('{"userId":"u","event":"x"}', 'track');
    const answers = await Promise.all([
      call('POST', `/${id}/replay`),
      call('POST', `/${id}/replay`),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await appended()).toHaveLength(1);
  });

  it('refuses to replay what is no JSON, and smuggles no second event in', async () => {
    const id = await hold('{}');
    expect((await call('POST', `/${id}/replay`, { body: '{' })).status).toBe(400);
    const two = await call('POST', `/${id}/replay`, { body: '{"event":"a"},{"event":"b"}' });
    expect(two.status).toBe(400);
    expect(await appended()).toEqual([]);
    expect(at((await call('GET', `/${id}`)).body, 'state')).toBe('open');
  });

  it('discards for good', async () => {
    const id = await hold('{}');
    expect((await call('POST', `/${id}/discard`)).body).toMatchObject({ state: 'discarded' });
    expect((await call('POST', `/${id}/replay`)).status).toBe(409);
    expect(await appended()).toEqual([]);
  });
});
