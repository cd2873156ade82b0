import { describe, expect, it } from '@jest/globals';
import { connectors } from '../registry/index.js';
import { AudienceMember } from './audience.js';

const FULL: AudienceMember = {
  audienceId: '1',
  email: 'ada@shop.example',
  phone: '+4915112345678',
  firstName: 'Ada',
  lastName: 'Lovelace',
  gender: 'f',
  birthDate: '1815-12-10',
  city: 'London',
  state: 'London',
  postalCode: 'W1A 1AA',
  country: 'GB',
  mobileAdId: 'cdda802e-fb9c-47ad-9866-0794d394c912',
  externalId: 'c-1',
  consent: 'granted',
};

describe('a member of an audience', () => {
  it('needs no more than the audience', () => {
    expect(AudienceMember.parse({ audienceId: '1' })).toEqual({ audienceId: '1' });
    expect(AudienceMember.parse(FULL)).toEqual(FULL);
  });

  it.each<[string, object]>([
    ['no audience', { audienceId: '' }],
    ['a refusal: whoever has refused is no member', { audienceId: '1', consent: 'denied' }],
    ['a number for a text', { audienceId: '1', phone: 49 }],
    ['a text without end', { audienceId: '1', city: 'x'.repeat(501) }],
  ])('is not one with %s', (_name, input) => {
    expect(AudienceMember.safeParse(input).success).toBe(false);
  });
});

const AUDIENCES = Object.values(connectors).flatMap(({ audience, ...connector }) =>
  audience === undefined ? [] : [{ ...connector, audience }],
);

describe.each(AUDIENCES)('the audience of $key', ({ actions, audience }) => {
  it.each(['add', 'remove'] as const)('can %s whoever is a member', (doing) => {
    const action = actions[audience[doing]];
    expect(action?.input.safeParse(FULL).success).toBe(true);
    expect(action?.input.safeParse({ audienceId: '1' }).success).toBe(true);
  });

  it('adds and removes by two different actions', () => {
    expect(audience.add).not.toBe(audience.remove);
  });
});
