import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseEvent, readBody } from '../ingestion/index.js';
import type { JsonObject } from '../shared/index.js';
import { checkMapping } from './check-mapping.js';
import { MappingSchema } from './mapping.schema.js';
import {
  isShopifyTopic,
  mapShopify,
  SHOPIFY_CATALOGUE,
  SHOPIFY_MAPPINGS,
  type ShopifyTopic,
} from './shopify.js';
import { arbitraryRow } from './testing/rows.js';
import { SHOPIFY_CHECKOUT, SHOPIFY_CUSTOMER, SHOPIFY_ORDER } from './testing/shopify-payloads.js';

const CONTEXT = { importKey: 'shop', rowId: 'webhook-1', importedAt: Date.UTC(2026, 2, 1) };
const TOPICS = Object.keys(SHOPIFY_MAPPINGS).filter(isShopifyTopic);

function eventsOf(topic: ShopifyTopic, payload: JsonObject): readonly JsonObject[] {
  const [mapped] = mapShopify(topic, payload, CONTEXT);
  expect(mapped).toMatchObject({ rejection: null, warnings: [] });
  return mapped?.events ?? [];
}

function laneEvents(topic: ShopifyTopic, payload: JsonObject) {
  const body = readBody('batch', JSON.stringify({ batch: eventsOf(topic, payload) }));
  if ('code' in body) throw new Error(body.detail);
  const received = {
    sourceKey: 'shop',
    endpoint: 'batch' as const,
    receivedAt: CONTEXT.importedAt,
    sentAt: undefined,
    hop: 0,
  };
  return body.events.map((raw) => {
    const ref = { position: 1, ordinal: raw.ordinal, clock: CONTEXT.importedAt };
    return parseEvent(raw, { ref, ...received });
  });
}

describe("Shopify's topics", () => {
  it.each(TOPICS)('%s is a mapping like any other, without a fault', (topic) => {
    const mapping = SHOPIFY_MAPPINGS[topic];
    expect(MappingSchema.parse(mapping)).toEqual(mapping);
    expect(checkMapping(mapping, SHOPIFY_CATALOGUE)).toEqual([]);
  });

  it('are known by name, and others are not', () => {
    expect(TOPICS).toHaveLength(7);
    expect(isShopifyTopic('products/update')).toBe(false);
  });

  it('answer to any body', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TOPICS), arbitraryRow, (topic, payload) => {
        const [mapped] = mapShopify(topic, payload, CONTEXT);
        expect(mapped?.rejection === null).toBe((mapped?.events.length ?? 0) > 0);
      }),
    );
  });
});

describe('an order of Shopify', () => {
  it('is completed when it is made, with its products as numbers and text', () => {
    expect(eventsOf('orders/create', SHOPIFY_ORDER)).toEqual([
      {
        type: 'track',
        event: 'Order Completed',
        messageId: expect.stringMatching(/^import-/),
        timestamp: '2026-02-28T08:59:58.000Z',
        properties: {
          order_id: '5612345678901',
          total: 124.8,
          subtotal: 119.9,
          shipping: 4.9,
          tax: 19.93,
          discount: 5,
          coupon: 'SPRING',
          currency: 'EUR',
          affiliation: 'web',
          payment_method: 'invoice',
          cart_id: 'c1-7f3a2b',
          checkout_id: '8e4f00a1b2c3d4e5',
          products: [
            {
              product_id: '8812345678901',
              sku: 'SHOE-42',
              name: 'Running shoe',
              variant: '42 / blue',
              brand: 'Meridian',
              price: 119.9,
              quantity: 1,
            },
            { name: 'Gift wrapping', price: 2.5, quantity: 2 },
          ],
        },
        context: {
          traits: {
            email: 'ada@example.com',
            phone: '+4930123456',
            firstName: 'Ada',
            lastName: 'Lovelace',
          },
          externalIds: [
            {
              id: '7012345678901',
              type: 'shopify_customer_id',
              collection: 'users',
              encoding: 'none',
            },
          ],
        },
      },
    ]);
  });

  it('is completed once, however often it is paid', () => {
    const [paid] = eventsOf('orders/paid', { ...SHOPIFY_ORDER, financial_status: 'paid' });
    expect(paid).toMatchObject({ event: 'Order Paid', properties: { order_id: '5612345678901' } });
  });

  it('is cancelled at its own time, with the reason', () => {
    const cancelled = {
      ...SHOPIFY_ORDER,
      cancelled_at: '2026-02-28T12:00:00+01:00',
      cancel_reason: 'inventory',
    };
    expect(eventsOf('orders/cancelled', cancelled)[0]).toMatchObject({
      event: 'Order Cancelled',
      timestamp: '2026-02-28T11:00:00.000Z',
      properties: { order_id: '5612345678901', reason: 'inventory' },
    });
  });

  it('belongs, for the lane, to the customer by each identifier', () => {
    expect(laneEvents('orders/create', SHOPIFY_ORDER)).toMatchObject([
      {
        name: 'Order Completed',
        identifiers: [
          { type: 'email', value: 'ada@example.com' },
          { type: 'phone', value: '+4930123456' },
          { type: 'shopify_customer_id', value: '7012345678901' },
        ],
      },
    ]);
  });

  it('keeps an id that is too long for a number', () => {
    const long = {
      ...SHOPIFY_ORDER,
      id: 820982911946154500,
      admin_graphql_api_id: 'gid://shopify/Order/820982911946154508',
    };
    expect(eventsOf('orders/create', long)[0]).toMatchObject({
      properties: { order_id: '820982911946154508' },
    });
  });

  it('of the till without a customer has nobody to belong to', () => {
    const anonymous = {
      ...SHOPIFY_ORDER,
      email: '',
      contact_email: null,
      customer: null,
      source_name: 'pos',
    };
    expect(mapShopify('orders/create', anonymous, CONTEXT)[0]?.rejection).toMatchObject({
      code: 'missing_identity',
    });
  });

  it('sent again is the same message, and another webhook is another', () => {
    const first = eventsOf('orders/create', SHOPIFY_ORDER)[0]?.['messageId'];
    expect(eventsOf('orders/create', SHOPIFY_ORDER)[0]?.['messageId']).toBe(first);
    const [other] = mapShopify('orders/create', SHOPIFY_ORDER, { ...CONTEXT, rowId: 'webhook-2' });
    expect(other?.events[0]?.['messageId']).not.toBe(first);
  });
});

describe('a customer of Shopify', () => {
  it('is identified, with the consent as given and at its own time', () => {
    const [identify, consent] = laneEvents('customers/create', SHOPIFY_CUSTOMER);
    expect(identify).toMatchObject({
      type: 'identify',
      eventTime: Date.parse('2026-02-28T10:00:05+01:00'),
      traits: {
        email: 'ada@example.com',
        address: { city: 'Berlin', country: 'DE', postalCode: '10117' },
        createdAt: '2025-11-02T08:15:00.000Z',
        tags: ['runner', 'vip'],
      },
      consents: [],
    });
    expect(consent).toMatchObject({
      eventTime: Date.parse('2026-01-15T08:30:00+01:00'),
      consents: [{ purpose: 'marketing', channel: 'email', state: 'granted' }],
    });
  });

  it('says the same consent in every update, not a new one', () => {
    const moved = { ...SHOPIFY_CUSTOMER, updated_at: '2026-03-01T10:00:00+01:00' };
    const [, before] = eventsOf('customers/create', SHOPIFY_CUSTOMER);
    const [, after] = eventsOf('customers/update', moved);
    expect(after).toEqual(before);
  });

  it('who unsubscribed has withdrawn it; who never answered has said nothing', () => {
    const states = (state: string) =>
      eventsOf('customers/update', {
        ...SHOPIFY_CUSTOMER,
        email_marketing_consent: { state, consent_updated_at: '2026-02-01T00:00:00Z' },
      }).slice(1);
    expect(states('unsubscribed')).toMatchObject([{ properties: { state: 'revoked' } }]);
    expect(states('pending')).toEqual([]);
    expect(states('not_subscribed')).toEqual([]);
  });

  it('is identified although a word of consent is new to us, which is reported', () => {
    const [mapped] = mapShopify(
      'customers/update',
      { ...SHOPIFY_CUSTOMER, email_marketing_consent: { state: 'maybe' } },
      CONTEXT,
    );
    expect(mapped?.events).toHaveLength(1);
    expect(mapped?.warnings).toMatchObject([{ code: 'unknown_word', field: 'email_consent' }]);
  });
});

describe('a checkout of Shopify', () => {
  it.each([
    ['checkouts/create', 'Checkout Started', '2026-02-28T08:50:00.000Z'],
    ['checkouts/update', 'Checkout Updated', '2026-02-28T08:55:00.000Z'],
  ] as const)('%s is %s', (topic, event, timestamp) => {
    expect(eventsOf(topic, SHOPIFY_CHECKOUT)[0]).toMatchObject({
      event,
      timestamp,
      properties: {
        checkout_id: '8e4f00a1b2c3d4e5',
        total: 124.9,
        url: expect.stringContaining('/recover?key=k'),
        products: [{ sku: 'SHOE-42' }, { name: 'Gift wrapping' }],
      },
      context: { traits: { email: 'ada@example.com' } },
    });
  });

  it('of a visitor who left no address is nobody’s yet', () => {
    const [mapped] = mapShopify('checkouts/create', { ...SHOPIFY_CHECKOUT, email: null }, CONTEXT);
    expect(mapped?.rejection?.code).toBe('missing_identity');
  });
});
