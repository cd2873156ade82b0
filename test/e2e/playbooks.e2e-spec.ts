/**
 * Every shipped playbook through the whole engine: events in, waits of a second in Temporal, mails out. What the waits mean is tested
 * in virtual time; here it is that each of them runs, to its end, in one workspace with all the others.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@throughline/domain/shared';
import { identify, track, type TestEvent } from '../../store/src/ingestion/testing/lane-kit.js';
import { Engine } from '../support/engine.js';
import { eventually } from '../support/eventually.js';
import { clock, installInto } from '../support/playbook-kit.js';
import { Shopper } from '../support/shopper.js';

const LIMIT_MS = 120_000;
const SECOND = 'PT1S';
const LONG = 'PT30S';
const DAY_MS = 86_400_000;

const PRODUCTS = [
  {
    sku: 's1',
    category: 'Consumables',
    name: 'Coffee <b>dark</b>',
    price: 9.5,
    quantity: 2,
    url: 'https://shop.example.com/p/1',
  },
];

interface Case {
  readonly playbook: string;
  readonly journey: string;
  readonly set: Readonly<Record<string, string>>;
  /** what leads in, after an introduction */
  readonly begins: (who: Shopper) => TestEvent[];
  /** once the run stands at its wait */
  readonly then?: (who: Shopper) => TestEvent[];
  readonly sent: readonly string[];
  readonly outcome: string;
}

const did = (who: Shopper, event: string, properties: JsonObject = {}): TestEvent =>
  track(event, who.id, { properties: { currency: 'EUR', products: PRODUCTS, ...properties } });

/** When the birthday's week begins: a whole minute, late enough for the date to be told before it. */
let dayComes = 0;
const TELLING_MS = 10_000;
const MINUTE_MS = 60_000;

/** A day of birth whose anniversary is a week after the instant. */
function birthdayAt(instant: number): string {
  return `1990${new Date(instant + 7 * DAY_MS).toISOString().slice(4, 10)}`;
}

const CASES: readonly Case[] = [
  {
    playbook: 'cart-abandonment',
    journey: 'cart-abandonment',
    set: { firstWait: SECOND, secondWait: SECOND },
    begins: (who) => [did(who, 'Cart Updated', { cart_id: 'c1' })],
    sent: ['first-mail', 'offer'],
    outcome: 'exited:reminded',
  },
  {
    playbook: 'checkout-abandonment',
    journey: 'checkout-abandonment',
    set: { firstWait: SECOND, secondWait: SECOND },
    begins: (who) => [did(who, 'Checkout Started', { checkout_id: 'k1' })],
    sent: ['reminder', 'help'],
    outcome: 'exited:reminded',
  },
  {
    playbook: 'browse-abandonment',
    journey: 'browse-abandonment',
    set: { lookAgain: LONG, wait: SECOND },
    begins: (who) => [did(who, 'Product Viewed', { product_id: 'p1', name: 'Mug', price: 3 })],
    then: (who) => [did(who, 'Product Viewed', { product_id: 'p1', name: 'Mug', price: 3 })],
    sent: ['mail'],
    outcome: 'exited:reminded',
  },
  {
    playbook: 'welcome',
    journey: 'welcome',
    set: { firstWait: SECOND, secondWait: SECOND },
    begins: (who) => [did(who, 'Signed Up')],
    sent: ['hello', 'reminder', 'nudge'],
    outcome: 'exited:welcomed',
  },
  {
    playbook: 'win-back',
    journey: 'win-back',
    set: { lapse: 'PT2S', secondWait: SECOND, thirdWait: SECOND },
    begins: (who) => [did(who, 'Order Completed', { order_id: 'old', products: [] })],
    sent: ['news', 'best', 'offer'],
    outcome: 'exited:offered',
  },
  {
    playbook: 'churn-save',
    journey: 'churn-save',
    set: { secondWait: SECOND },
    begins: (who) => [identify(who.id, { churn_probability: 0.9, churn_reason: 'price' })],
    sent: ['price', 'ask'],
    outcome: 'exited:asked',
  },
  {
    playbook: 'post-purchase',
    journey: 'post-purchase',
    set: { deliveryLimit: LONG, howToWait: SECOND, reviewWait: SECOND, crossSellWait: SECOND },
    begins: (who) => [did(who, 'Order Completed', { order_id: 'o1' })],
    then: (who) => [did(who, 'Order Delivered', { order_id: 'o1' })],
    sent: ['how-to', 'review', 'cross-sell'],
    outcome: 'exited:followed_up',
  },
  {
    playbook: 'replenishment',
    journey: 'replenishment',
    set: { cycle: SECOND, secondWait: SECOND },
    begins: (who) => [did(who, 'Order Completed', { order_id: 'o2' })],
    sent: ['reorder', 'reminder'],
    outcome: 'exited:reminded',
  },
  {
    playbook: 'birthday',
    journey: 'birthday',
    set: {},
    begins: (who) => [identify(who.id, { birthday: birthdayAt(dayComes) })],
    sent: ['teaser', 'gift', 'last-chance'],
    outcome: 'exited:congratulated',
  },
];

describe('the playbooks on a real engine', () => {
  let engine: Engine;
  const people = new Map<string, Shopper>();
  let early: Shopper;

  beforeAll(async () => {
    engine = await Engine.open();
    await engine.defineOutside();
    await engine.allUp();
    for (const { playbook, set } of CASES.filter((one) => one.playbook !== 'birthday'))
      await installInto(engine, { name: playbook, set });
    dayComes = Math.ceil((Date.now() + TELLING_MS) / MINUTE_MS) * MINUTE_MS;
    await installInto(engine, { name: 'birthday', set: { at: clock(dayComes) } });
    // All at once: the waits of one are not the others'.
    for (const { playbook, begins } of CASES) {
      const who = new Shopper(engine);
      people.set(playbook, who);
      await engine.send(...who.introduced(), ...begins(who));
    }
    early = new Shopper(engine);
    await engine.send(
      ...early.introduced(),
      did(early, 'Cart Updated', { cart_id: 'c9' }),
      did(early, 'Order Completed', { cart_id: 'c9', order_id: 'o9' }),
    );
    for (const { playbook, journey, then } of CASES) {
      const who = people.get(playbook);
      if (then === undefined || who === undefined) continue;
      await who.waiting(journey);
      await engine.send(...then(who));
    }
  }, LIMIT_MS);

  afterAll(() => engine.close(), LIMIT_MS);

  it.each(CASES)(
    '$journey runs to its end and sends what it should',
    async ({ playbook, journey, sent, outcome }) => {
      const who = people.get(playbook);
      if (who === undefined) throw new TypeError('nobody entered');
      await eventually(
        async () => {
          const rows = await engine.rows<{ outcome: string | null }>(
            `select e.outcome from enrolment e join identifier i on i.customer_id = e.customer_id
              where e.journey_key = $1 and i.value = $2`,
            [journey, who.name],
          );
          expect(rows).toEqual([{ outcome }]);
        },
        { deadlineMs: 100_000 },
      );
      const trail = await who.trail(journey);
      expect(trail.filter((line) => line.startsWith('sent'))).toEqual(
        sent.map((step) => `sent ${step}`),
      );
      expect(trail.filter((line) => /^(?:failed|skipped|unknown|held)/.test(line))).toEqual([]);
    },
    LIMIT_MS,
  );

  it('confirms an order at once, once', async () => {
    const who = people.get('post-purchase');
    expect(await who?.trail('order-confirmation')).toContain('sent confirm');
  });

  it('sends nothing to whoever ordered in time', async () => {
    expect(await early.outcome('cart-abandonment')).toBe('exited:ordered');
    expect((await early.trail('cart-abandonment')).some((line) => line.startsWith('sent'))).toBe(
      false,
    );
  });

  it('gives each offer a code of its own, and notes to whom', async () => {
    const rows = await engine.rows<{ pool_key: string }>(
      `select distinct c.pool_key from coupon_code c
         join delivery d on d.workspace_id = c.workspace_id and d.delivery_key = c.delivery_key order by c.pool_key`,
    );
    expect(rows.map(({ pool_key }) => pool_key)).toEqual(['birthday', 'cart10', 'winback10']);
    const offers = engine.outside.mails.filter(({ text }) => text?.includes('Your code: '));
    const codes = offers.map(({ text }) => /Your code: (\S+)/.exec(text ?? '')?.[1] ?? '');
    // Whoever ordered lapses after two seconds, so there are more offers than these three.
    expect(codes).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^birthday-/),
        expect.stringMatching(/^cart-abandonment-/),
        expect.stringMatching(/^win-back-/),
      ]),
    );
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('sends mails whose links name the journey, and in which a name is a name', () => {
    const cart = engine.outside.mails.find(({ text }) =>
      text?.includes('Still thinking about it?'),
    );
    const html = cart?.html === false ? '' : (cart?.html ?? '');
    expect(html).toContain('Coffee &lt;b&gt;dark&lt;/b&gt;');
    expect(html).toContain('utm_campaign=cart-abandonment');
    expect(cart?.text).toContain('9.5 EUR');
    expect(engine.outside.mails.length).toBeGreaterThan(15);
  });
});
