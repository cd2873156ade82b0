import { describe, expect, it } from '@jest/globals';
import { consentAsked } from './consent-asked.js';

const MARKETING = { purpose: 'marketing' };
const message = { kind: 'message', channel: 'email' } as const;
const send = { kind: 'sendToDestination' } as const;

describe('the consent that a step asks for', () => {
  it('is the purpose of the journey, on the channel of the message', () => {
    expect(consentAsked(MARKETING, message)).toEqual({ purpose: 'marketing', channel: 'email' });
  });

  it('is asked for what goes to a system as well, on the usual channel', () => {
    expect(consentAsked(MARKETING, send)).toEqual({ purpose: 'marketing', channel: 'email' });
  });

  it('is that of another channel where the step names one', () => {
    expect(consentAsked(MARKETING, { ...send, consent: { channel: 'ads' } })).toEqual({
      purpose: 'marketing',
      channel: 'ads',
    });
  });

  it('is none where the step says so', () => {
    expect(consentAsked(MARKETING, { ...send, consent: 'none' })).toBeNull();
  });

  it('is none of a step that sends nothing', () => {
    expect(consentAsked(MARKETING, { kind: 'delay' })).toBeNull();
  });

  it.each([message, send, { ...send, consent: { channel: 'ads' } }])(
    'is none in a journey without a purpose: %p',
    (step) => {
      expect(consentAsked({ purpose: null }, step)).toBeNull();
    },
  );
});
