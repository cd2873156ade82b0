import { describe, expect, it } from '@jest/globals';
import { AudienceSchema } from './audience.schema.js';

const AUDIENCE = {
  key: 'prospects',
  segment: 'prospects',
  connection: 'meta',
  audienceId: '23850000',
  purpose: 'advertising',
  fields: { email: { identifier: 'email' }, firstName: { trait: 'first_name' } },
};

describe('an audience as it is written down', () => {
  it('mirrors a segment live, by the consent for ads, where it does not say otherwise', () => {
    expect(AudienceSchema.parse(AUDIENCE)).toEqual({
      ...AUDIENCE,
      mode: 'mirror',
      consentChannel: 'ads',
      schedule: 'live',
    });
  });

  it('may be told by the clock', () => {
    const schedule = { everyMinutes: 60 };
    expect(AudienceSchema.parse({ ...AUDIENCE, schedule }).schedule).toEqual(schedule);
  });

  it.each<[string, object]>([
    ['has nothing to match by', { fields: { firstName: { trait: 'first_name' } } }],
    ['has no purpose', { purpose: undefined }],
    ['has no fields', { fields: {} }],
    [
      'fills a field that nobody knows',
      { fields: { email: { identifier: 'email' }, iq: { trait: 'iq' } } },
    ],
    ['takes a field from nowhere', { fields: { email: {} } }],
    [
      'takes a field from two places',
      { fields: { email: { identifier: 'email', trait: 'email' } } },
    ],
    ['is of an unknown mode', { mode: 'replace' }],
    ['is told all the time', { schedule: { everyMinutes: 0 } }],
    ['says what nobody knows', { extra: true }],
  ])('is refused where it %s', (_what, more) => {
    expect(AudienceSchema.safeParse({ ...AUDIENCE, ...more }).success).toBe(false);
  });
});
