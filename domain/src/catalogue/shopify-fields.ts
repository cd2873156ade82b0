/** The fields that Shopify's orders and checkouts have in common, and how a field of theirs is read. */
import type { Attribute, Cast, MappingField } from './types.js';

export const CUSTOMER_ID: Attribute = {
  key: 'shopify_customer_id',
  label: 'Shopify customer',
  type: 'text',
  role: { kind: 'identifier', identifier: 'shopify_customer_id' },
  sensitivity: 'personal',
};

export const NUMBER: readonly Cast[] = [{ cast: 'number' }];
export const LAST_OF_GID: readonly Cast[] = [{ cast: 'part', separator: '/', index: -1 }];

/** Good to have: an order is not lost because its coupon is odd. */
export function extra(
  to: string,
  paths: string | readonly string[],
  casts?: readonly Cast[],
): MappingField {
  const from = typeof paths === 'string' ? { path: paths } : { firstOf: paths };
  return { to, from, level: 'omit', ...(casts === undefined ? {} : { casts }) };
}

const PRODUCTS: readonly Cast[] = [
  {
    cast: 'items',
    pick: {
      product_id: { path: 'product_id', casts: [{ cast: 'text' }] },
      sku: { path: 'sku' },
      name: { path: 'title' },
      variant: { path: 'variant_title' },
      brand: { path: 'vendor' },
      price: { path: 'price', casts: [{ cast: 'number' }] },
      quantity: { path: 'quantity', casts: [{ cast: 'integer' }] },
    },
  },
];

/** Who an order or a checkout belongs to. */
export const BUYER: readonly MappingField[] = [
  extra(CUSTOMER_ID.key, ['customer.admin_graphql_api_id', 'customer.id'], LAST_OF_GID),
  extra('email', ['email', 'contact_email', 'customer.email']),
  extra('phone', ['phone', 'customer.phone']),
  extra('first_name', 'customer.first_name'),
  extra('last_name', 'customer.last_name'),
];

/** What both of them hold. */
export const BASKET: readonly MappingField[] = [
  { to: 'total', from: { path: 'total_price' }, casts: NUMBER },
  { to: 'currency', from: { path: 'currency' } },
  extra('subtotal', 'subtotal_price', NUMBER),
  extra('tax', 'total_tax', NUMBER),
  extra('discount', 'total_discounts', NUMBER),
  extra('coupon', 'discount_codes.0.code'),
  extra('products', 'line_items', PRODUCTS),
  extra('cart_id', 'cart_token'),
];
