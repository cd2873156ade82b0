import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../shared/index.js';
import { consentsOf } from './consents-of.js';

function said(name: string, properties: JsonObject, context: JsonObject = {}) {
  return consentsOf({ name, properties, context });
}

describe('consentsOf', () => {
  it.each<[string, JsonObject, unknown]>([
    [
      'Consent Changed',
      { purpose: 'marketing', channel: 'email', state: 'granted' },
      { purpose: 'marketing', channel: 'email', state: 'granted' },
    ],
    [
      'Consent Changed',
      { purpose: ' Marketing ', state: 'denied' },
      { purpose: 'marketing', channel: '*', state: 'denied' },
    ],
    [
      'Consent Changed',
      { purpose: 'news', channel: 'sms', state: 'revoked' },
      { purpose: 'news', channel: 'sms', state: 'revoked' },
    ],
    [
      'Message Unsubscribed',
      { purpose: 'news', channel: 'email' },
      { purpose: 'news', channel: 'email', state: 'revoked' },
    ],
    ['Message Unsubscribed', {}, { purpose: 'marketing', channel: '*', state: 'revoked' }],
  ])('%s %j', (name, properties, expected) => {
    expect(said(name, properties)).toEqual([expected]);
  });

  it('reads category preferences of any event, for all channels', () => {
    const context = { consent: { categoryPreferences: { marketing: true, analytics: false } } };
    expect(said('Order Completed', {}, context)).toEqual([
      { purpose: 'marketing', channel: '*', state: 'granted' },
      { purpose: 'analytics', channel: '*', state: 'denied' },
    ]);
  });

  it("lets the event's own word stand against the preferences that came with it", () => {
    const context = { consent: { categoryPreferences: { marketing: true } } };
    expect(said('Message Unsubscribed', {}, context)).toEqual([
      { purpose: 'marketing', channel: '*', state: 'revoked' },
    ]);
  });

  it('says nothing of other events', () => {
    expect(said('Order Completed', { purpose: 'marketing', state: 'granted' })).toEqual([]);
    expect(said('Order Completed', {}, { consent: null })).toEqual([]);
    expect(said('Order Completed', {}, { consent: { categoryPreferences: null } })).toEqual([]);
    expect(said('Order Completed', {}, { consent: { categoryPreferences: {} } })).toEqual([]);
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['Consent Changed', { state: 'granted' }, {}],
    ['Consent Changed', { purpose: 'marketing' }, {}],
    ['Consent Changed', { purpose: 'marketing', state: 'maybe' }, {}],
    ['Consent Changed', { purpose: 'marketing', state: true }, {}],
    ['Consent Changed', { purpose: 'x'.repeat(65), state: 'granted' }, {}],
    ['Consent Changed', { purpose: 'marketing', channel: 7, state: 'granted' }, {}],
    ['Message Unsubscribed', { purpose: 5 }, {}],
    ['Message Unsubscribed', { channel: ' ' }, {}],
    ['Any', {}, { consent: { categoryPreferences: [true] } }],
    ['Any', {}, { consent: { categoryPreferences: { marketing: 'yes' } } }],
  ])('takes %s %j %j for a fault and not for silence', (name, properties, context) => {
    expect(said(name, properties, context)).toHaveProperty('detail');
  });
});
