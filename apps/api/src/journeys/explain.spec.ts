import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@throughline/store/shared';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { journey, mailConnection, segment, template } from '../testing/definitions.js';
import { seedCustomer, type Seeded } from '../testing/seed.js';
import type { ChainDelivery } from '@throughline/store/journeys';
import { describeDelivery } from './explain-words.js';

describe('explaining a journey through the API', () => {
  let bench: Bench;
  let ada: Seeded;
  const bob = newId();

  beforeAll(async () => {
    bench = await openBench();
    await call('PUT', 'connections/mail', mailConnection('mail'));
    await call('PUT', 'templates/reminder', template('reminder'));
    await call('PUT', 'segments/vip', segment('vip'));
    await call('POST', 'segments/vip/publish');
    const trigger = { kind: 'segment', segment: 'vip', on: 'entered' };
    const steps = { done: { kind: 'exit', reason: 'greeted' } };
    await call('PUT', 'journeys/cart', journey('cart'));
    await call(
      'PUT',
      'journeys/vips',
      journey('vips', { trigger, entry: { reentry: 'once' }, start: 'done', steps }),
    );
    for (const key of ['cart', 'vips']) await call('POST', `journeys/${key}/publish`);
    ada = await seedCustomer(bench.sql, bench.shop.id);
    await bench.sql.query(
      `update enrolment set trigger = '{"name":"Product Added","messageId":"m-1","eventTime":1767323045678,"properties":{},"ref":{"position":1,"ordinal":0,"clock":1767323045678}}'`,
    );
    await bench.sql.query(
      `insert into customer (workspace_id, customer_id, created_at, first_position, first_ordinal, applied_position)
       values ($1, $2, now(), 9, 0, 9)`,
      [bench.shop.id, bob],
    );
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown, key = bench.shop.all) =>
    bench.call(key, method, `/api/v1/${path}`, body === undefined ? {} : { body });
  const explain = (customer: string, query: string, key = bench.shop.all) =>
    call('GET', `customers/${customer}/explain?${query}`, undefined, key);

  it('tells somebody’s enrolments with trail and deliveries', async () => {
    const { status, body } = await explain(ada.customer, 'journey=cart');
    expect(status).toBe(200);
    expect(body).toMatchObject({ customerId: ada.customer, entered: true, neverTriggered: null });
    const chain = listAt(body, 'enrolments').find((one) => at(one, 'enrolment') === ada.enrolment);
    expect(listAt(chain, 'trail').map((entry) => at(entry, 'kind'))).toEqual([
      'entered',
      'stepped',
      'waiting',
    ]);
    expect(at(chain, 'deliveries', 0)).toMatchObject({
      blockedBy: 'stopped_workspace',
      sentence: 'Kept back: all sending is stopped.',
    });
  });

  it('answers for a survivor by the id of whoever merged into it', async () => {
    expect(at((await explain(ada.absorbed, 'journey=cart')).body, 'customerId')).toBe(ada.customer);
  });

  it('puts somebody who never entered the segment before its condition', async () => {
    const { body } = await explain(bob, 'journey=vips');
    expect(body).toMatchObject({
      entered: false,
      sentence: 'The person had never entered the segment vip by then.',
      neverTriggered: { kind: 'no_change' },
      condition: { member: false, tests: [{ holds: false, path: '' }] },
    });
  });

  it('names the event that never came', async () => {
    const { body } = await explain(bob, 'journey=cart');
    expect(textAt(body, 'sentence')).toBe('The person had done no Product Added by then.');
    expect(at(body, 'condition')).toBeNull();
  });

  it('of a time before the journey was published says so', async () => {
    const { body } = await explain(bob, 'journey=cart&at=2025-01-01T00:00:00Z');
    expect(body).toMatchObject({ version: null, neverTriggered: { kind: 'no_version' } });
  });

  it.each([
    ['no journey', '', 400],
    ['a journey that is not there', 'journey=none', 404],
    ['a time that is none', 'journey=cart&at=yesterday', 400],
  ])('with %s is refused', async (_, query, status) => {
    expect((await explain(bob, query)).status).toBe(status);
  });

  it('tells nothing of people of another workspace, and nothing to a key that may not read', async () => {
    await call('PUT', 'journeys/cart', journey('cart'), bench.rival.all);
    expect((await explain(ada.customer, 'journey=cart', bench.rival.all)).status).toBe(404);
    expect((await explain(bob, 'journey=cart', bench.shop.only.ingest)).status).toBe(403);
  });
});

describe('a delivery in a sentence', () => {
  const delivery: ChainDelivery = {
    key: 'e1:mail:1',
    step: 'mail',
    visit: 1,
    connection: 'mail',
    state: 'skipped',
    reason: 'no_consent',
    blockedBy: null,
    attempts: 3,
    reservedAt: 0,
    settledAt: null,
  };

  it.each<[Partial<ChainDelivery>, string]>([
    [{}, 'Not sent: the person had not agreed to it.'],
    [{ reason: 'of_tomorrow' }, 'Not sent: of_tomorrow.'],
    [{ state: 'accepted', reason: null }, 'Sent: the service has taken it.'],
    [
      { state: 'failed', reason: 'bounced' },
      'Not sent: it failed for good (bounced) after 3 attempts.',
    ],
    [{ state: 'unknown' }, 'Sent or not: the connection broke before the service had answered.'],
    [{ state: 'sending' }, 'On its way.'],
    [
      { state: 'reserved', blockedBy: 'quiet_hours' },
      'Kept back: it is quiet hours where the person is.',
    ],
  ])('%j', (over, sentence) => {
    expect(describeDelivery({ ...delivery, ...over })).toBe(sentence);
  });
});
