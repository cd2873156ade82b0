import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asRecord, asRecords, asText } from './api-client.js';
import { againOf, type Act, type Deed, type Shopper } from './cast.js';
import { perform, type Performance } from './perform.js';
import { FakeApi } from './testing/fake-api.js';
import { cohortOf, personIn } from './testing/people.js';

describe('a performance through the official client', () => {
  let server: FakeApi;
  const ada = personIn(cohortOf('p1'), 'Ada');

  beforeAll(async () => {
    server = await FakeApi.open();
  });
  afterAll(() => server.close());

  function shopper(...deeds: readonly Deed[]): Shopper {
    return { ...ada, acts: deeds.map((does): Act => ({ atMs: 0, does })) };
  }

  async function played(who: Shopper): Promise<{
    readonly performance: Performance;
    readonly events: readonly Record<string, unknown>[];
  }> {
    server.answer(() => ({ body: { success: true } }));
    const performance = await perform([who], { host: server.url, writeKey: 'tl_write' });
    const events = server.asked.flatMap(({ body }) => asRecords(asRecord(body)['batch']));
    return { performance, events };
  }

  const messageIds = (events: readonly Record<string, unknown>[]): (string | null)[] =>
    events.map((event) => asText(event['messageId']));

  it('goes to the batch door with the write key', async () => {
    await played(shopper({ kind: 'order' }));
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]).toMatchObject({ method: 'POST', target: '/v1/batch' });
    expect(server.asked[0]?.authorization).toBe(
      `Basic ${Buffer.from('tl_write:').toString('base64')}`,
    );
  });

  it.each<[string, Deed, readonly object[]]>([
    [
      'a sign-up with consent',
      { kind: 'signUp', consent: true },
      [
        { type: 'identify', traits: { name: 'Ada' } },
        { event: 'Consent Changed', properties: { channel: 'email', state: 'granted' } },
      ],
    ],
    ['a sign-up without', { kind: 'signUp', consent: false }, [{ type: 'identify' }]],
    ['an order', { kind: 'order' }, [{ event: 'Order Completed', properties: { total: 49.9 } }]],
    [
      'a revocation',
      { kind: 'revoke' },
      [{ event: 'Consent Changed', properties: { purpose: 'marketing', state: 'revoked' } }],
    ],
    ['a look', { kind: 'browse' }, [{ event: 'Product Viewed', userId: ada.userId }]],
    [
      'a second account',
      { kind: 'signUpAgain' },
      [{ type: 'identify', userId: againOf(ada.userId), traits: { name: 'Ada' } }],
    ],
    ['a price alert', { kind: 'priceAlert' }, [{ event: 'Price Alert Requested' }]],
    [
      'a NUL',
      { kind: 'brokenEvent', fault: 'nul' },
      [{ event: 'Product Viewed', properties: { note: 'a\u0000b' } }],
    ],
  ])('sends %s as the events that it is', async (_what, deed, expected) => {
    const { events, performance } = await played(shopper(deed));
    expect(events).toHaveLength(expected.length);
    expected.forEach((event, index) => {
      expect(events[index]).toMatchObject(event);
    });
    expect([...performance.accepted].sort()).toEqual([...messageIds(events)].sort());
    expect(performance.refused).toEqual([]);
  });

  it('sends a stutter as one message many times, and everything else under ids of its own', async () => {
    const stutter = await played(shopper({ kind: 'addToCart', times: 3 }));
    expect(stutter.events).toHaveLength(3);
    expect(new Set(messageIds(stutter.events)).size).toBe(1);
    const twice = await played(shopper({ kind: 'addToCart' }, { kind: 'addToCart' }));
    expect(new Set(messageIds(twice.events)).size).toBe(2);
  });

  it('fills an anonymous cart under the browser’s id, and ties it to the person by logging in', async () => {
    const who = shopper({ kind: 'addToCart', anonymous: true }, { kind: 'logIn' });
    const { events } = await played(who);
    expect(events[0]).toMatchObject({ anonymousId: who.anonymousId, event: 'Product Added' });
    expect(events[0]).not.toHaveProperty('userId');
    expect(events[1]).toMatchObject({ userId: who.userId, anonymousId: who.anonymousId });
  });

  it('gives everybody of a cohort particulars of their own, so that nobody is taken for another', async () => {
    const phones: unknown[] = [];
    for (const one of cohortOf('p2').slice(0, 6)) {
      const { events } = await played({
        ...one,
        acts: [{ atMs: 0, does: { kind: 'signUp', consent: false } }],
      });
      phones.push(asRecord(events[0]?.['traits'])['phone']);
    }
    expect(new Set(phones).size).toBe(phones.length);
  });

  it('nests a broken event deeper than the door allows', async () => {
    const { events } = await played(shopper({ kind: 'brokenEvent', fault: 'depth' }));
    const text = JSON.stringify(events[0]?.['properties']);
    expect(text.match(/\{"in":/g)).toHaveLength(40);
  });

  it('tells each deed as it happens, in the order of time across shoppers', async () => {
    server.answer(() => ({ body: { success: true } }));
    const early: Shopper = { ...ada, name: 'Early', acts: [{ atMs: 10, does: { kind: 'order' } }] };
    const late: Shopper = { ...ada, name: 'Late', acts: [{ atMs: 60, does: { kind: 'revoke' } }] };
    const told: string[] = [];
    const begun = Date.now();
    const { firstCartAt } = await perform([late, early], {
      host: server.url,
      writeKey: 'tl_write',
      onDeed: ({ name }, { kind }) => void told.push(`${name} ${kind}`),
    });
    expect(told).toEqual(['Early order', 'Late revoke']);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(60);
    expect(firstCartAt).toBe(0);
  });

  it('notes when the first cart was sent', async () => {
    const before = Date.now();
    const { performance } = await played(shopper({ kind: 'addToCart' }));
    expect(performance.firstCartAt).toBeGreaterThanOrEqual(before);
    expect(performance.firstCartAt).toBeLessThanOrEqual(Date.now());
  });

  it('tells apart what the API has refused for good', async () => {
    server.answer(() => ({ status: 400, body: { code: 'invalid_request' } }));
    const stage = { host: server.url, writeKey: 'tl_write' };
    const { accepted, refused } = await perform([shopper({ kind: 'order' })], stage);
    expect(accepted).toEqual([]);
    expect(refused).toHaveLength(1);
  });
});
