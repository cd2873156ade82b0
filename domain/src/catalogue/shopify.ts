/**
 * Shopify's webhooks as mappings: nothing here that a mapping of a workspace's own could not say. Ids are read from their global
 * form (`gid://shopify/Order/1`) where there is one, because JSON's numbers round the long ones.
 *
 * An order is completed once: `orders/create` says so, and `orders/paid` is an event of its own, since payment by invoice comes
 * weeks later and would count the order twice. A checkout becomes known when its visitor leaves an address; until then it is
 * rejected for having no identity, and the update that brings the address is the first that counts.
 */
import { mapPayload } from './apply-mapping.js';
import type { Json } from '../shared/index.js';
import { BASKET, BUYER, CUSTOMER_ID, extra, LAST_OF_GID, NUMBER } from './shopify-fields.js';
import { catalogueWith } from './starter-catalogue.js';
import type { Cast, MapContext, MappedRow, Mapping, MappingField } from './types.js';

const TOPICS = [
  ...(['orders/create', 'orders/paid', 'orders/cancelled'] as const),
  ...(['customers/create', 'customers/update', 'checkouts/create', 'checkouts/update'] as const),
] as const;
export type ShopifyTopic = (typeof TOPICS)[number];

export function isShopifyTopic(topic: string): topic is ShopifyTopic {
  return TOPICS.some((known) => known === topic);
}

/** What a webhook of a topic says, as events. The body must have passed its signature before. */
export function mapShopify(
  topic: ShopifyTopic,
  payload: Json,
  context: Omit<MapContext, 'catalogue'>,
): readonly MappedRow[] {
  const catalogue = SHOPIFY_CATALOGUE;
  return mapPayload(SHOPIFY_MAPPINGS[topic], payload, { ...context, catalogue });
}

export const SHOPIFY_CATALOGUE = catalogueWith([CUSTOMER_ID]);

interface Event {
  readonly key: string;
  readonly name: string;
  readonly at: readonly string[];
}

function order({ key, name, at }: Event, more: readonly MappingField[] = []): Mapping {
  return {
    key,
    target: 'orders',
    fields: [
      { to: 'event_name', from: { constant: name } },
      { to: 'event_time', from: { firstOf: at } },
      { to: 'order_id', from: { firstOf: ['admin_graphql_api_id', 'id'] }, casts: LAST_OF_GID },
      ...BUYER,
      ...BASKET,
      extra('checkout_id', 'checkout_token'),
      extra('shipping', 'total_shipping_price_set.shop_money.amount', NUMBER),
      extra('affiliation', 'source_name'),
      extra('payment_method', 'payment_gateway_names.0'),
      ...more,
    ],
  };
}

function checkout({ key, name, at }: Event): Mapping {
  return {
    key,
    target: 'events',
    fields: [
      { to: 'event_name', from: { constant: name } },
      { to: 'event_time', from: { firstOf: at } },
      { to: 'checkout_id', from: { path: 'token' } },
      ...BUYER,
      ...BASKET,
      extra('url', 'abandoned_checkout_url'),
    ],
  };
}

/** Neither a wish in waiting nor a silence is a word of the customer. */
const CONSENT_WORDS: readonly Cast[] = [
  {
    cast: 'words',
    words: {
      subscribed: 'granted',
      unsubscribed: 'revoked',
      not_subscribed: null,
      pending: null,
      invalid: null,
      redacted: null,
    },
  },
];

/** With the time at which it was said: an update of an address must not renew a consent that was withdrawn here since. */
function consent(to: string, path: string): MappingField {
  return { ...extra(to, `${path}.state`, CONSENT_WORDS), saidAt: `${path}.consent_updated_at` };
}

function customer(key: string): Mapping {
  return {
    key,
    target: 'customers',
    fields: [
      {
        to: CUSTOMER_ID.key,
        from: { firstOf: ['admin_graphql_api_id', 'id'] },
        casts: LAST_OF_GID,
      },
      { to: 'event_time', from: { firstOf: ['updated_at', 'created_at'] } },
      extra('email', 'email'),
      extra('phone', 'phone'),
      extra('first_name', 'first_name'),
      extra('last_name', 'last_name'),
      extra('street', 'default_address.address1'),
      extra('postal_code', 'default_address.zip'),
      extra('city', 'default_address.city'),
      extra('state', 'default_address.province'),
      extra('country', 'default_address.country_code'),
      extra('company', 'default_address.company'),
      extra('customer_since', 'created_at'),
      extra('tags', 'tags', [{ cast: 'list' }]),
      consent('email_consent', 'email_marketing_consent'),
      consent('sms_consent', 'sms_marketing_consent'),
    ],
  };
}

export const SHOPIFY_MAPPINGS: Readonly<Record<ShopifyTopic, Mapping>> = {
  'orders/create': order({
    key: 'shopify-orders-create',
    name: 'Order Completed',
    at: ['processed_at', 'created_at'],
  }),
  'orders/paid': order({ key: 'shopify-orders-paid', name: 'Order Paid', at: ['updated_at'] }),
  'orders/cancelled': order(
    { key: 'shopify-orders-cancelled', name: 'Order Cancelled', at: ['cancelled_at'] },
    [extra('reason', 'cancel_reason')],
  ),
  'customers/create': customer('shopify-customers-create'),
  'customers/update': customer('shopify-customers-update'),
  'checkouts/create': checkout({
    key: 'shopify-checkouts-create',
    name: 'Checkout Started',
    at: ['created_at'],
  }),
  'checkouts/update': checkout({
    key: 'shopify-checkouts-update',
    name: 'Checkout Updated',
    at: ['updated_at'],
  }),
};
