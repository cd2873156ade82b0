import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@throughline/store/shared';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { seedCustomer, type Seeded } from '../testing/seed.js';
import { enrolmentView } from './views.js';

describe('enrolments', () => {
  let bench: Bench;
  let ada: Seeded;
  let bob: Seeded;

  beforeAll(async () => {
    bench = await openBench();
    ada = await seedCustomer(bench.sql, bench.shop.id);
    await bench.sql.query('delete from identifier; delete from suppression; delete from event');
    bob = await seedCustomer(bench.sql, bench.shop.id, {
      journey: 'alert',
      email: 'bob@example.com',
    });
  });
  afterAll(() => bench.close());

  const get = (path: string) => bench.call(bench.shop.all, 'GET', `/api/v1/enrolments${path}`);
  const ids = async (query: string): Promise<unknown[]> =>
    listAt((await get(query)).body, 'items').map((item) => at(item, 'id'));

  it('are listed newest first', async () => {
    const listed = await ids('');
    expect(listed).toEqual([ada.enrolment, ada.ended, bob.enrolment, bob.ended].sort().reverse());
  });

  it.each([
    ['journey', () => '?journey=alert', () => [bob.enrolment, bob.ended]],
    ['state', () => '?state=active', () => [ada.enrolment, bob.enrolment]],
    ['customer', () => `?customer=${ada.customer}`, () => [ada.enrolment, ada.ended]],
    [
      'all of them at once',
      () => `?journey=cart&state=ended&customer=${ada.customer}`,
      () => [ada.ended],
    ],
    ['what nobody has', () => '?state=held', () => []],
    ['a customer who is not here', () => `?customer=${newId()}`, () => []],
  ])('are found by %s', async (_what, query, expected) => {
    expect((await ids(query())).sort()).toEqual(expected().sort());
  });

  it('come in pages without a gap or a repeat', async () => {
    const seen: unknown[] = [];
    let query = '?limit=1';
    for (let page = 0; page < 4; page += 1) {
      const { body } = await get(query);
      seen.push(...listAt(body, 'items').map((item) => at(item, 'id')));
      const next = at(body, 'next');
      query = typeof next === 'string' ? `?limit=1&after=${next}` : '';
    }
    expect(query).toBe('');
    expect(seen).toEqual(await ids(''));
  });

  it.each(['?state=waiting', '?journey=No%20Key', '?customer=me', '?limit=0', '?state=ended&x=1'])(
    'are not asked for by %s',
    async (query) => {
      const answer = await get(query);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      expect(listAt(answer.body, 'faults')).toHaveLength(1);
    },
  );

  it('show where they stand, until when, and the run in the Temporal UI', async () => {
    const { body } = await get(`/${ada.enrolment}`);
    expect(body).toMatchObject({
      id: ada.enrolment,
      journey: 'cart',
      version: 1,
      customerId: ada.customer,
      subjectId: ada.customer,
      state: 'active',
      outcome: null,
      step: 'wait_a_day',
      visit: 1,
      waitUntil: '2026-01-03T03:04:05.678Z',
      enteredAt: '2026-01-02T03:04:05.678Z',
      endedAt: null,
    });
    const workflowId = textAt(body, 'run', 'workflowId');
    expect(workflowId).toContain(ada.enrolment);
    expect(textAt(body, 'run', 'url')).toContain(encodeURIComponent(workflowId));
  });

  it('tell their trail in the order in which it happened', async () => {
    const { body } = await get(`/${ada.ended}`);
    expect(body).toMatchObject({
      state: 'ended',
      outcome: 'completed',
      step: null,
      waitUntil: null,
    });
    expect(
      listAt(body, 'trail').map((entry) => [
        at(entry, 'seq'),
        at(entry, 'kind'),
        at(entry, 'detail'),
      ]),
    ).toEqual([
      [1, 'stepped', {}],
      [1, 'skipped', { reason: 'no_consent' }],
      [2, 'ended', { outcome: 'completed' }],
    ]);
  });

  it('are found by their id in any case, and nothing is found by what is none', async () => {
    expect((await get(`/${ada.enrolment.toUpperCase()}`)).status).toBe(200);
    for (const id of [newId(), 'mine', `${ada.enrolment}%00`, `${ada.enrolment}x`])
      expect((await get(`/${id}`)).status).toBe(404);
  });
});

describe('the view of an enrolment', () => {
  const row = {
    enrolmentId: newId(),
    journeyKey: 'cart',
    version: 3,
    customerId: newId(),
    subjectId: newId(),
    state: 'held',
    outcome: null,
    heldReason: 'render_failed',
    generation: 1,
    seq: 2,
    runState: {},
    command: null,
    enteredAt: 0,
    endedAt: null,
    updatedAt: 0,
  } as const;
  const run = { workflowId: 'w', url: 'http://127.0.0.1/w' };

  it('tells who entered from whose profile counts now', () => {
    expect(enrolmentView(row, run)).toMatchObject({
      customerId: row.customerId,
      subjectId: row.subjectId,
      heldReason: 'render_failed',
    });
  });

  it.each([
    [null, { step: null, visit: null, waitUntil: null }],
    [
      { kind: 'end', outcome: 'completed' },
      { step: null, visit: null, waitUntil: null },
    ],
    [
      { kind: 'wait', step: 'a', visit: 2, deadline: null },
      { step: 'a', visit: 2, waitUntil: null },
    ],
    [
      { kind: 'wait', step: 'a', visit: 2, deadline: 0 },
      { step: 'a', visit: 2, waitUntil: '1970-01-01T00:00:00.000Z' },
    ],
    [
      { kind: 'deliver', step: 'mail', visit: 1, deadline: 5, expiresAt: 9 },
      { step: 'mail', visit: 1, waitUntil: null },
    ],
    [
      { kind: 'wait', step: 7, visit: '1' },
      { step: null, visit: null, waitUntil: null },
    ],
  ])('reads from the command %j where it stands', (command, expected) => {
    expect(enrolmentView({ ...row, command }, run)).toMatchObject(expected);
  });

  it('lets nothing of the run out but its address', () => {
    const view = enrolmentView({ ...row, runState: { secret: 1 } }, run);
    expect(Object.keys(view)).not.toEqual(expect.arrayContaining(['runState']));
    expect(view.run).toEqual(run);
  });
});
