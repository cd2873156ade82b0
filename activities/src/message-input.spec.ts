import { describe, expect, it } from '@jest/globals';
import { messageInput, type Rendered } from './message-input.js';

const rendered: Rendered = {
  subject: ' Your cart ',
  text: ' Hello Ada\n',
  unsubscribeUrl: 'https://shop.example/u/x',
  deeplink: 'shop://cart/1',
};

describe('what a connector is given of a message', () => {
  it('is a mail with everything that a mail has', () => {
    const to = { channel: 'email', address: 'ada@example.com' } as const;
    expect(messageInput(to, { ...rendered, html: '<p>Hello</p>' })).toEqual({
      to: 'ada@example.com',
      subject: 'Your cart',
      html: '<p>Hello</p>',
      text: ' Hello Ada\n',
      unsubscribeUrl: 'https://shop.example/u/x',
    });
  });

  it('is a text message of nothing but its text', () => {
    const to = { channel: 'sms', address: '+491701234567' } as const;
    expect(messageInput(to, rendered)).toEqual({ to: '+491701234567', text: 'Hello Ada' });
  });

  it('is a push message with title and link where the template has them', () => {
    const to = { channel: 'push', address: 'token-1' } as const;
    expect(messageInput(to, rendered)).toEqual({
      address: 'token-1',
      title: 'Your cart',
      body: 'Hello Ada',
      deeplink: 'shop://cart/1',
    });
    const bare = { ...rendered, subject: ' ', deeplink: null };
    expect(messageInput(to, bare)).toEqual({ address: 'token-1', body: 'Hello Ada' });
    expect(messageInput(to, { ...bare, deeplink: '' })).not.toHaveProperty('deeplink');
  });

  it('has an empty text where the template made none, which connectors refuse', () => {
    const to = { channel: 'sms', address: '+491701234567' } as const;
    const none: Rendered = { subject: 'x', unsubscribeUrl: null, deeplink: null };
    expect(messageInput(to, none)).toEqual({ to: '+491701234567', text: '' });
  });
});
