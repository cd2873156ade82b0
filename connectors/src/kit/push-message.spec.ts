import { describe, expect, it } from '@jest/globals';
import { PushMessage } from './push-message.js';

const message = { address: 'customer-1', body: 'Your order is on its way' };

describe('a push message', () => {
  it.each<[string, object]>([
    ['an address and a text alone', {}],
    ['a title and a deep link', { title: 'Order', deeplink: 'shop://orders/1' }],
    ['a web address to open', { deeplink: 'https://shop.example/orders/1?a=b' }],
    ['what templates leave empty', { title: '', deeplink: '' }],
    ['data for the app', { data: { order: '1' } }],
  ])('may have %s', (_name, over) => {
    expect(PushMessage.parse({ ...message, ...over })).toEqual({ ...message, ...over });
  });

  it.each<[string, object]>([
    ['no address', { address: ' ' }],
    ['no text', { body: '' }],
    ['a text of spaces', { body: '  \n' }],
    ['a deep link without scheme', { deeplink: '/orders/1' }],
    ['a deep link with a space', { deeplink: 'shop://orders/ 1' }],
    ['data that is no text', { data: { order: 1 } }],
    ['a text that no device takes', { body: 'x'.repeat(2_001) }],
  ])('may not have %s', (_name, over) => {
    expect(PushMessage.safeParse({ ...message, ...over }).success).toBe(false);
  });

  it('loses the space around address and text', () => {
    expect(PushMessage.parse({ address: ' a ', body: ' b\n' })).toEqual({
      address: 'a',
      body: 'b',
    });
  });
});
