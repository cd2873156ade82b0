import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { at, openBench, textAt, type Bench } from '../testing/bench.js';
import { journey, mailConnection, template } from '../testing/definitions.js';

type Verb = 'pause' | 'resume' | 'stop' | 'publish';

describe('operating a journey', () => {
  let bench: Bench;
  let keys = 0;
  let key: string;

  beforeAll(async () => {
    bench = await openBench();
    await call('PUT', 'connections/mail', mailConnection('mail'));
    await call('PUT', 'templates/reminder', template('reminder'));
  });
  beforeEach(async () => {
    keys += 1;
    key = `journey-${keys}`;
    await call('PUT', `journeys/${key}`, journey(key));
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown) =>
    bench.call(bench.shop.all, method, `/api/v1/${path}`, body === undefined ? {} : { body });
  const turn = (verb: Verb) => call('POST', `journeys/${key}/${verb}`);
  const state = async (): Promise<unknown> =>
    at((await call('GET', `journeys/${key}`)).body, 'state');
  const inputs = async (): Promise<number> => {
    const { rows } = await bench.sql.query<{ count: number }>(
      `select count(*)::int as count from event_log where kind = 'definitions'`,
    );
    return rows[0]?.count ?? 0;
  };
  const audited = async (): Promise<unknown[]> => {
    const { rows } = await bench.sql.query<{ action: string; detail: unknown }>(
      `select action, detail from audit_log where subject = $1 and action <> 'journey.put' order by at`,
      [key],
    );
    return rows.map(({ action, detail }) => [action, detail]);
  };

  async function bringTo(wanted: 'draft' | 'live' | 'paused' | 'stopped'): Promise<void> {
    if (wanted === 'draft') return;
    expect((await turn('publish')).status).toBe(200);
    if (wanted === 'paused') await turn('pause');
    if (wanted === 'stopped') await turn('stop');
    expect(await state()).toBe(wanted);
  }

  it.each<['draft' | 'live' | 'paused' | 'stopped', Verb, string | 409]>([
    ['draft', 'pause', 409],
    ['draft', 'resume', 409],
    ['draft', 'stop', 409],
    ['live', 'pause', 'paused'],
    ['live', 'resume', 'live'],
    ['live', 'stop', 'stopped'],
    ['paused', 'pause', 'paused'],
    ['paused', 'resume', 'live'],
    ['paused', 'stop', 'stopped'],
    ['stopped', 'pause', 409],
    ['stopped', 'resume', 409],
    ['stopped', 'stop', 'stopped'],
    ['stopped', 'publish', 'live'],
    ['paused', 'publish', 'paused'],
  ])('that is %s: to %s comes to %s', async (from, verb, outcome) => {
    await bringTo(from);
    const answer = await turn(verb);
    if (outcome === 409) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
      expect(textAt(answer.body, 'detail')).toBe(`A journey that is ${from} cannot ${verb}.`);
      expect(await state()).toBe(from);
    } else {
      expect(answer.status).toBe(200);
      expect(await state()).toBe(outcome);
    }
  });

  it('tells the lane with each turn, in its place among the events, and whoever asks who did it', async () => {
    await bringTo('live');
    const before = await inputs();
    await turn('pause');
    await turn('resume');
    await turn('stop');
    expect(await inputs()).toBe(before + 3);
    expect(await audited()).toEqual([
      ['journey.publish', { version: 1 }],
      ['journey.pause', { from: 'live' }],
      ['journey.resume', { from: 'paused' }],
      ['journey.stop', { from: 'live' }],
    ]);
  });

  it('that is so already leaves no trace: neither in the log nor in the audit', async () => {
    await bringTo('paused');
    const [before, trace] = [await inputs(), await audited()];
    await turn('pause');
    expect([await inputs(), await audited()]).toEqual([before, trace]);
  });

  it('by many at once is done once', async () => {
    await bringTo('live');
    const before = await inputs();
    const answers = await Promise.all(Array.from({ length: 6 }, () => turn('pause')));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await inputs()).toBe(before + 1);
    expect(await audited()).toHaveLength(2);
  });

  it('ends stopped where pausing and stopping come at once, whichever is first', async () => {
    for (let round = 0; round < 4; round += 1) {
      keys += 1;
      key = `journey-${keys}`;
      await call('PUT', `journeys/${key}`, journey(key));
      await bringTo('live');
      const [paused, stopped] = await Promise.all([turn('pause'), turn('stop')]);
      expect(stopped.status).toBe(200);
      expect([200, 409]).toContain(paused.status);
      expect(await state()).toBe('stopped');
    }
  });

  it('does not touch what others have put meanwhile: the draft stays', async () => {
    await bringTo('live');
    await call('PUT', `journeys/${key}`, journey(key, { name: 'Next' }));
    await turn('pause');
    const { body } = await call('GET', `journeys/${key}`);
    expect(body).toMatchObject({ state: 'paused', liveVersion: 1, definition: { name: 'Next' } });
  });

  it.each<Verb>(['pause', 'resume', 'stop'])(
    'to %s is for operators, and of a journey that is there',
    async (verb) => {
      await bringTo('live');
      const as = (who: string, path: string) =>
        bench.call(who, 'POST', `/api/v1/journeys/${path}/${verb}`);
      expect((await as(bench.shop.only.write, key)).status).toBe(403);
      expect((await as(bench.shop.only.operate, 'absent')).status).toBe(404);
      expect((await as(bench.rival.all, key)).status).toBe(404);
      expect(await state()).toBe('live');
    },
  );
});

describe('the limit of a publication', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const PATH = '/api/v1/workspaces/publish-limit';
  const put = (who: string, body: unknown) => bench.call(who, 'PUT', PATH, { body });
  const limit = async (who: string): Promise<unknown> =>
    at((await bench.call(who, 'GET', PATH)).body, 'messagesPerDay');

  it('is one workspace’s own, set by an administrator, and leaves a trace', async () => {
    const usual = await limit(bench.rival.all);
    const answer = await put(bench.shop.only.admin, { messagesPerDay: 123 });
    expect(answer).toMatchObject({ status: 200, body: { messagesPerDay: 123 } });
    expect([await limit(bench.shop.only.read), await limit(bench.rival.all)]).toEqual([123, usual]);
    const { rows } = await bench.sql.query<{ detail: unknown }>(
      `select detail from audit_log where action = 'publish-limit.put'`,
    );
    expect(rows).toEqual([{ detail: { messagesPerDay: 123 } }]);
  });

  it.each([
    [{}],
    [{ messagesPerDay: -1 }],
    [{ messagesPerDay: 1.5 }],
    [{ messagesPerDay: '7' }],
    [{ messagesPerDay: null }],
    [{ messagesPerDay: 7, perMonth: 1 }],
  ])('is not %j', async (body) => {
    const before = await limit(bench.shop.all);
    expect(await put(bench.shop.all, body)).toMatchObject({ status: 400 });
    expect(await limit(bench.shop.all)).toBe(before);
  });
});
