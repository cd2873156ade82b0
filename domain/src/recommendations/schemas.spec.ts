import { describe, expect, it } from '@jest/globals';
import { ItemsSchema, PersonalisationSchema, RecommendationSettingsSchema } from './schemas.js';

describe('the settings of recommendations', () => {
  it('are sensible where nothing is said', () => {
    expect(RecommendationSettingsSchema.parse({})).toEqual({
      event: 'Order Completed',
      itemsPath: 'products',
      itemIdPath: 'product_id',
      basket: 'order',
      windowDays: 180,
      minSupport: 3,
      perItem: 50,
      shrinkage: 10,
      excludeCategories: [],
      repeatableCategories: [],
      everyHours: 24,
    });
  });

  it.each([
    { windowDays: 0 },
    { minSupport: 0 },
    { itemsPath: '' },
    { itemsPath: 'a..b' },
    { itemIdPath: null },
    { everyHours: 0.5 },
    { basket: 'cart' },
    { colour: 'red' },
  ])('refuse %j', (settings) => {
    expect(RecommendationSettingsSchema.safeParse(settings).success).toBe(false);
  });
});

describe('items', () => {
  it('are whole after parsing', () => {
    expect(ItemsSchema.parse({ items: [{ id: 'i', name: 'Kettle' }] }).items).toEqual([
      {
        id: 'i',
        name: 'Kettle',
        url: null,
        image: null,
        price: null,
        currency: null,
        category: null,
        available: true,
        repeatable: false,
      },
    ]);
  });

  it.each([
    [{ id: '', name: 'x' }],
    [{ id: 'i', name: 'x', price: -1 }],
    [{ id: 'i', name: 'x', url: 'javascript:alert(1)' }],
    [{ id: 'i', name: 'x', image: 'https://x.example/"onload="x' }],
    [{ id: 'i', name: 'x', currency: 'euro' }],
    [
      { id: 'i', name: 'x' },
      { id: 'i', name: 'y' },
    ],
  ])('are refused as %j', (...items) => {
    expect(ItemsSchema.safeParse({ items }).success).toBe(false);
  });
});

describe('what pages may be told', () => {
  it('is nothing where nothing is said', () => {
    expect(PersonalisationSchema.parse({})).toEqual({
      origins: [],
      purpose: 'personalisation',
      channel: 'web',
      traits: [],
      predictions: [],
      segments: [],
      recommendations: 0,
      trustUserId: false,
    });
  });

  it.each(['https://shop.example', 'http://127.0.0.1:8080', 'https://a.b.shop.example:8443'])(
    'may be asked by %s',
    (origin) => {
      expect(PersonalisationSchema.safeParse({ origins: [origin] }).success).toBe(true);
    },
  );

  it.each([
    '*',
    'null',
    'https://*.shop.example',
    'https://shop.example/',
    'https://Shop.example',
    'shop.example',
    'file:///x',
    'https://shop.example https://evil.example',
  ])('may not be asked by %s', (origin) => {
    expect(PersonalisationSchema.safeParse({ origins: [origin] }).success).toBe(false);
  });
});
