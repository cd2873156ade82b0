/** The mails of the shipped playbooks as a person gets them: compiled, rendered and tagged, from orders as shops send them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { fill } from '@throughline/domain/playbooks';
import { openPlaybook } from '@throughline/domain/playbooks/schemas';
import { isJsonObject, parseJson, type Json, type JsonObject } from '@throughline/domain/shared';
import { checkTemplate, compileMjml, createRenderer, tagMessage } from './index.js';

const PLAYBOOKS = fileURLToPath(new URL('../../../playbooks', import.meta.url));
const renderer = createRenderer({ limitMs: 2_000 });
afterAll(() => renderer.close());

interface Mail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

interface Source {
  readonly key: string;
  readonly settings: JsonObject;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** A payload of the Segment e-commerce specification. */
const ORDER = {
  order_id: '50314b8e9bcf000000000000',
  checkout_id: 'fksdjfsdjfisjf9sdfjsd9f',
  cart_id: 'skdjsidjsdkdj29j',
  total: 27.5,
  currency: 'USD',
  cart_url: 'https://shop.example/cart?id=1&restore=yes#items',
  checkout_url: 'https://shop.example/checkout/1',
  order_url: 'https://shop.example/orders/1',
  reorder_url: 'https://shop.example/again/1?utm_source=own',
  name: 'Monopoly: 3rd Edition',
  price: 19,
  url: 'https://www.example.com/product/path',
  products: [
    {
      product_id: '507f1f77bcf86cd799439011',
      sku: '45790-32',
      name: 'Monopoly: 3rd Edition',
      price: 19,
      quantity: 1,
      category: 'Games',
      url: 'https://www.example.com/product/path',
      image_url: 'https://www.example.com/product/path.jpg',
    },
    { product_id: '505bd76785ebb509fc183733', name: 'Uno Card Game', price: 3, quantity: 2 },
  ],
};

const read = (path: string): string => readFileSync(join(PLAYBOOKS, path), 'utf8');

function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  throw new TypeError('not a text');
}

async function sourcesOf(playbook: string): Promise<Source[]> {
  const opened = openPlaybook(parseJson(read(`${playbook}/playbook.json`)));
  if (!opened.ok) throw new TypeError(JSON.stringify(opened.fault));
  const filled = (value: Json): Json => {
    const result = fill(value, opened.value.settings);
    if (!result.ok) throw new TypeError(JSON.stringify(result.fault));
    return result.value;
  };
  const keys = readdirSync(join(PLAYBOOKS, playbook, 'templates'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length));
  return Promise.all(
    keys.map(async (key) => {
      const settings = filled(parseJson(read(`${playbook}/templates/${key}.json`)) ?? null);
      const mjml = textOf(filled(read(`${playbook}/templates/${key}.mjml`)));
      const text = textOf(filled(read(`${playbook}/templates/${key}.text.liquid`)));
      const compiled = await compileMjml(mjml);
      if (!compiled.ok || !isJsonObject(settings)) throw new TypeError(JSON.stringify(compiled));
      return { key, settings, subject: textOf(settings['subject']), html: compiled.html, text };
    }),
  );
}

async function mailOf(source: Source, properties: Json, traits: JsonObject): Promise<Mail> {
  const rendered = await renderer.render(source, {
    traits,
    trigger: { name: 'Order Completed', properties },
    journey: { key: 'the-journey', name: 'The journey' },
    unsubscribeUrl: 'https://shop.example/u/token',
    coupon: 'CODE-1',
  });
  const tagged = tagMessage(rendered, source.settings['utm'], { key: 'the-journey' });
  if (tagged.status !== 'rendered') throw new TypeError(JSON.stringify(tagged));
  return { subject: tagged.subject, html: tagged.html ?? '', text: tagged.text ?? '' };
}

const hrefsOf = (html: string): string[] =>
  Array.from(html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/gi), ([, href = '']) => href);

const playbooks = readdirSync(PLAYBOOKS).filter((name) => !name.includes('.'));
const sources = (await Promise.all(playbooks.map(sourcesOf))).flat();

describe.each(sources.map((source) => ({ key: source.key, source })))('$key', ({ source }) => {
  it('is a template without a fault', () => {
    const { subject, html, text } = source;
    expect(checkTemplate({ subject, html, text })).toEqual([]);
  });

  it('has campaign parameters on every link, in both parts', async () => {
    const { html, text } = await mailOf(source, ORDER, { firstName: 'Ada' });
    const hrefs = hrefsOf(html);
    expect(hrefs.length).toBeGreaterThan(0);
    for (const href of hrefs) expect(href).toMatch(/^https:\/\/[^#]*utm_source=[^#]+/);
    const links = text.match(/https?:\/\/\S+/g) ?? [];
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(link).toContain('utm_source=');
    expect(html + text).not.toContain('[[');
  });

  it('says the same in its text part: products with prices, code and link', async () => {
    const { html, text } = await mailOf(source, ORDER, { firstName: 'Ada' });
    for (const shown of ['Monopoly', 'Uno Card Game', 'CODE-1', '19 USD', '3 USD'])
      if (html.includes(shown)) expect(text).toContain(shown);
  });

  it('can be left, unless it is part of an order', async () => {
    const { html, text } = await mailOf(source, ORDER, {});
    const isOrder = source.key === 'order-confirmed';
    expect(html.includes('https://shop.example/u/token')).toBe(!isOrder);
    expect(text.includes('https://shop.example/u/token')).toBe(!isOrder);
  });

  it('takes whatever an event holds for text', async () => {
    const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{ traits.secret }}';
    const product = {
      name: evil,
      price: evil,
      quantity: evil,
      url: 'javascript:alert(1)',
      image_url: evil,
    };
    const hostile = {
      ...Object.fromEntries(Object.keys(ORDER).map((key) => [key, evil])),
      cart_url: 'javascript:alert(1)',
      checkout_url: 'javascript:alert(1)',
      order_url: 'data:text/html,x',
      reorder_url: 'javascript:alert(1)',
      url: ' JavaScript:alert(1)',
      products: [product],
    };
    const { html } = await mailOf(source, hostile, { firstName: evil, name: evil, secret: 'S3' });
    expect(html).not.toMatch(/<script>alert|<img src=x|S3/);
    for (const href of hrefsOf(html)) expect(href).toMatch(/^(?:https:\/\/|#)/);
  });

  it('comes out whole where the event says little', async () => {
    const { subject, html, text } = await mailOf(source, {}, {});
    expect(subject).not.toBe('');
    expect(html + text).not.toMatch(/undefined|\[object|NaN/);
    for (const href of hrefsOf(html)) expect(href).toMatch(/^https:\/\/shop\.example/);
  });
});

it('the first reminder of a cart is this', async () => {
  const source = sources.find(({ key }) => key === 'cart-first-mail');
  if (source === undefined) throw new TypeError('there is none');
  const { subject, html, text } = await mailOf(source, ORDER, { firstName: 'Ada' });
  expect(subject).toBe('Ada, your cart is waiting');
  expect(hrefsOf(html)).toEqual([
    'https://www.example.com/product/path?utm_source=throughline&amp;utm_medium=email&amp;utm_campaign=the-journey',
    'https://shop.example.com?utm_source=throughline&amp;utm_medium=email&amp;utm_campaign=the-journey',
    'https://shop.example/cart?id=1&amp;restore=yes&amp;utm_source=throughline&amp;utm_medium=email&amp;utm_campaign=the-journey#items',
    'https://shop.example/u/token?utm_source=throughline&amp;utm_medium=email&amp;utm_campaign=the-journey',
  ]);
  expect(html).toContain(
    '<img src="https://www.example.com/product/path.jpg" alt="Monopoly: 3rd Edition"',
  );
  expect(text).toMatchInlineSnapshot(`
   "Still thinking about it?

   We kept your cart for you.

   - 1 × Monopoly: 3rd Edition: 19 USD
   - 2 × Uno Card Game: 3 USD

   Back to your cart: https://shop.example/cart?id=1&restore=yes&utm_source=throughline&utm_medium=email&utm_campaign=the-journey#items

   No more of these? https://shop.example/u/token?utm_source=throughline&utm_medium=email&utm_campaign=the-journey
   "
  `);
});
