/**
 * What nearly every workspace asks of its data, named as Segment's calls name it. A workspace replaces any of them by an
 * attribute of the same key, and adds its own.
 */
import type { Attribute, AttributeRole, AttributeType, Catalogue, Sensitivity } from './types.js';

type Row = readonly [key: string, label: string, type: AttributeType, target: string];

const IDENTIFIERS: readonly Row[] = [
  ['user_id', 'User id', 'text', 'user_id'],
  ['anonymous_id', 'Anonymous id', 'text', 'anonymous_id'],
  ['email', 'E-mail', 'email', 'email'],
  ['phone', 'Phone', 'phone', 'phone'],
  ['crm_id', 'CRM id', 'text', 'crm_id'],
  ['loyalty_id', 'Loyalty card', 'text', 'loyalty_id'],
];

/** Of a person, so that they are masked for whoever need not see them. */
const PERSONAL_TRAITS: readonly Row[] = [
  ['name', 'Full name', 'text', 'name'],
  ['first_name', 'First name', 'text', 'firstName'],
  ['last_name', 'Last name', 'text', 'lastName'],
  ['birthday', 'Birthday', 'date', 'birthday'],
  ['gender', 'Gender', 'text', 'gender'],
  ['street', 'Street', 'text', 'address.street'],
  ['postal_code', 'Postal code', 'text', 'address.postalCode'],
  ['username', 'User name', 'text', 'username'],
];

const TRAITS: readonly Row[] = [
  ['title', 'Title', 'text', 'title'],
  ['age', 'Age', 'integer', 'age'],
  ['city', 'City', 'text', 'address.city'],
  ['state', 'State or region', 'text', 'address.state'],
  ['country', 'Country', 'country', 'address.country'],
  ['company', 'Company', 'text', 'company.name'],
  ['language', 'Language', 'text', 'language'],
  ['timezone', 'Time zone', 'text', 'timezone'],
  ['customer_since', 'Customer since', 'time', 'createdAt'],
  ['loyalty_tier', 'Loyalty tier', 'text', 'loyaltyTier'],
  ['tags', 'Tags', 'list', 'tags'],
];

const PROPERTIES: readonly Row[] = [
  ['order_id', 'Order id', 'text', 'order_id'],
  ['total', 'Total', 'money', 'total'],
  ['revenue', 'Revenue', 'money', 'revenue'],
  ['subtotal', 'Subtotal', 'money', 'subtotal'],
  ['shipping', 'Shipping', 'money', 'shipping'],
  ['tax', 'Tax', 'money', 'tax'],
  ['discount', 'Discount', 'money', 'discount'],
  ['coupon', 'Coupon', 'text', 'coupon'],
  ['currency', 'Currency', 'text', 'currency'],
  ['affiliation', 'Store or channel', 'text', 'affiliation'],
  ['payment_method', 'Payment method', 'text', 'payment_method'],
  ['products', 'Products', 'list', 'products'],
  ['cart_id', 'Cart id', 'text', 'cart_id'],
  ['checkout_id', 'Checkout id', 'text', 'checkout_id'],
  ['reason', 'Reason', 'text', 'reason'],
  ['value', 'Value', 'money', 'value'],
  ['url', 'URL', 'text', 'url'],
];

const PRODUCT: readonly Row[] = [
  ['product_id', 'Product id', 'text', 'product_id'],
  ['sku', 'SKU', 'text', 'sku'],
  ['product_name', 'Product name', 'text', 'name'],
  ['category', 'Category', 'text', 'category'],
  ['brand', 'Brand', 'text', 'brand'],
  ['variant', 'Variant', 'text', 'variant'],
  ['price', 'Price', 'money', 'price'],
  ['quantity', 'Quantity', 'number', 'quantity'],
];

const ENVELOPE: Catalogue = [
  {
    key: 'event_name',
    label: 'Event name',
    type: 'text',
    role: { kind: 'eventName' },
    sensitivity: 'none',
  },
  {
    key: 'event_time',
    label: 'Time of the event',
    type: 'time',
    role: { kind: 'eventTime' },
    sensitivity: 'none',
  },
  {
    key: 'message_id',
    label: 'Message id',
    type: 'text',
    role: { kind: 'messageId' },
    sensitivity: 'none',
  },
];

const CONSENTS: Catalogue = [
  consent('marketing_consent', 'Marketing', '*'),
  consent('email_consent', 'Marketing by e-mail', 'email'),
  consent('sms_consent', 'Marketing by SMS', 'sms'),
];

export const STARTER_CATALOGUE: Catalogue = [
  ...rows(IDENTIFIERS, 'personal', (identifier) => ({ kind: 'identifier', identifier })),
  ...rows(PERSONAL_TRAITS, 'personal', (trait) => ({ kind: 'trait', trait })),
  ...rows(TRAITS, 'none', (trait) => ({ kind: 'trait', trait })),
  ...ENVELOPE,
  ...rows(PROPERTIES, 'none', (property) => ({ kind: 'property', property })),
  ...rows(PRODUCT, 'none', (property) => ({ kind: 'product', property })),
  ...CONSENTS,
];

/** The starter's attributes, replaced and extended by a workspace's own of the same key. */
export function catalogueWith(own: Catalogue): Catalogue {
  const keys = new Set(own.map(({ key }) => key));
  return [...STARTER_CATALOGUE.filter(({ key }) => !keys.has(key)), ...own];
}

function rows(
  list: readonly Row[],
  sensitivity: Sensitivity,
  role: (target: string) => AttributeRole,
): Attribute[] {
  return list.map(([key, label, type, target]) => ({
    key,
    label,
    type,
    role: role(target),
    sensitivity,
  }));
}

function consent(key: string, label: string, channel: string): Attribute {
  const role = { kind: 'consent', purpose: 'marketing', channel } as const;
  return { key, label, type: 'boolean', role, sensitivity: 'none' };
}
