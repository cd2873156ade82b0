import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TraitValue } from '../profiles/types.js';
import type { Json } from '../shared/index.js';
import { audienceInput, audienceKeys, planAudience } from './audience-plan.js';
import {
  AUDIENCE_MODES,
  type AudienceInput,
  type AudienceMode,
  type AudiencePerson,
} from './audience-types.js';

const ADA: AudienceInput = { audienceId: 'a', email: 'ada@example.com' };
const NEW: AudienceInput = { audienceId: 'a', email: 'lovelace@example.com' };
const MEMBER: AudiencePerson = { gone: false, inSegment: true, consented: true, input: ADA };
const LEFT = { ...MEMBER, inSegment: false };
const REVOKED = { ...MEMBER, consented: false };
const ERASED = { ...MEMBER, gone: true, input: null };
const NAMELESS = { ...MEMBER, input: null };

describe('planAudience', () => {
  it.each<[string, AudienceMode, AudiencePerson, AudienceInput | null, object]>([
    ['a new member', 'mirror', MEMBER, null, { kind: 'add', input: ADA }],
    ['a new member', 'additive', MEMBER, null, { kind: 'add', input: ADA }],
    ['a new member', 'subtractive', MEMBER, null, { kind: 'note', input: ADA }],
    ['a known member', 'mirror', MEMBER, ADA, { kind: 'none', why: 'as_told' }],
    ['who left', 'mirror', LEFT, ADA, { kind: 'remove', input: ADA, why: 'not_in_segment' }],
    ['who left', 'additive', LEFT, ADA, { kind: 'none', why: 'not_in_segment' }],
    ['who left', 'subtractive', LEFT, ADA, { kind: 'remove', input: ADA, why: 'not_in_segment' }],
    ['who left unknown', 'mirror', LEFT, null, { kind: 'none', why: 'not_in_segment' }],
    ['who never agreed', 'mirror', REVOKED, null, { kind: 'none', why: 'no_consent' }],
    ['who took it back', 'mirror', REVOKED, ADA, { kind: 'remove', input: ADA, why: 'no_consent' }],
    [
      'who took it back',
      'additive',
      REVOKED,
      ADA,
      { kind: 'remove', why: 'no_consent', input: ADA },
    ],
    ['the erased', 'additive', ERASED, ADA, { kind: 'remove', input: ADA, why: 'gone' }],
    ['the nameless', 'mirror', NAMELESS, null, { kind: 'none', why: 'nothing_to_match' }],
    [
      'the nameless now',
      'mirror',
      NAMELESS,
      ADA,
      { kind: 'remove', why: 'nothing_to_match', input: ADA },
    ],
    ['who changed', 'mirror', MEMBER, NEW, { kind: 'remove', input: NEW, why: 'changed' }],
    ['who changed', 'additive', MEMBER, NEW, { kind: 'remove', input: NEW, why: 'changed' }],
    ['who changed', 'subtractive', MEMBER, NEW, { kind: 'note', input: ADA }],
    [
      'whose audience is another now',
      'subtractive',
      MEMBER,
      { ...ADA, audienceId: 'b' },
      { kind: 'remove', why: 'changed', input: { ...ADA, audienceId: 'b' } },
    ],
  ])('%s, %s', (_who, mode, person, told, plan) => {
    expect(planAudience(mode, person, told)).toEqual(plan);
  });

  const input = fc.constantFrom(ADA, NEW, { ...ADA, audienceId: 'b' });
  const person = fc.record({
    gone: fc.boolean(),
    inSegment: fc.boolean(),
    consented: fc.boolean(),
    input: fc.option(input),
  });

  /** What the destination knows after everything that is planned has been done. */
  function settled(mode: AudienceMode, who: AudiencePerson, told: AudienceInput | null) {
    let known = told;
    let steps = 0;
    for (;;) {
      const plan = planAudience(mode, who, known);
      if (plan.kind === 'none') return { known, steps };
      known = plan.kind === 'remove' ? null : plan.input;
      steps += 1;
    }
  }

  it('comes to rest within two steps, at what is true now, whatever was told before', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...AUDIENCE_MODES),
        person,
        fc.option(input),
        (mode, who, told) => {
          const { known, steps } = settled(mode, who, told);
          const wanted = !who.gone && who.consented && who.inSegment ? who.input : null;
          const stays = mode === 'additive' && !who.gone && who.consented && !who.inSegment;
          expect(steps).toBeLessThanOrEqual(2);
          expect(known).toEqual(stays ? told : wanted);
        },
      ),
    );
  });

  it('never adds who is gone, has not agreed, or is not in the segment', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...AUDIENCE_MODES),
        person,
        fc.option(input),
        (mode, who, told) => {
          const plan = planAudience(mode, who, told);
          if (plan.kind !== 'add') return;
          expect(who).toMatchObject({ gone: false, consented: true, inSegment: true });
          expect(told).toBeNull();
          expect(mode).not.toBe('subtractive');
        },
      ),
    );
  });

  it('removes by what was told, never by what is true now', () => {
    fc.assert(
      fc.property(fc.constantFrom(...AUDIENCE_MODES), person, input, (mode, who, told) => {
        const plan = planAudience(mode, who, told);
        if (plan.kind === 'remove') expect(plan.input).toBe(told);
      }),
    );
  });
});

describe('audienceInput', () => {
  const trait = (v: Json): TraitValue => ({ v, t: 0, p: 1, o: 0, s: null });
  const values = {
    identifiers: { email: ' ada@example.com ', crm: '42' },
    traits: {
      first_name: trait('Ada'),
      address: trait({ city: 'London', parts: ['x'] }),
      'address.state': trait('LND'),
      age: trait(36),
      unset: trait(null),
    },
  };
  const fill = (fields: Parameters<typeof audienceInput>[0]['fields']) =>
    audienceInput({ audienceId: 'a', fields }, values);

  it('takes fields from identifiers, traits and parts of traits', () => {
    expect(
      fill({
        email: { identifier: 'email' },
        externalId: { identifier: 'crm' },
        firstName: { trait: 'first_name' },
        city: { trait: 'address.city' },
        state: { trait: 'address.state' },
        postalCode: { trait: 'age' },
      }),
    ).toEqual({
      audienceId: 'a',
      email: 'ada@example.com',
      externalId: '42',
      firstName: 'Ada',
      city: 'London',
      state: 'LND',
      postalCode: '36',
    });
  });

  it.each<[string, Parameters<typeof fill>[0]]>([
    ['is not there', { email: { identifier: 'phone' } }],
    ['is unset', { email: { trait: 'unset' } }],
    ['is no text', { email: { trait: 'address' } }],
    ['is part of a list', { email: { trait: 'address.parts.0' } }],
    ['is what every object has', { email: { trait: 'constructor' } }],
    ['only makes a match surer', { firstName: { trait: 'first_name' } }],
  ])('is nothing where the only field %s', (_what, fields) => {
    expect(fill(fields)).toBeNull();
  });

  it('leaves out what is too long to be any of it', () => {
    const long = { identifiers: { email: 'a'.repeat(501) }, traits: {} };
    const fields = { email: { identifier: 'email' } };
    expect(audienceInput({ audienceId: 'a', fields }, long)).toBeNull();
  });
});

describe('audienceKeys', () => {
  it('are those by which a destination takes two for one, however they are written', () => {
    expect(
      audienceKeys({ audienceId: 'a', email: ' Ada@Example.com', phone: '+44', firstName: 'Ada' }),
    ).toEqual(['email:ada@example.com', 'phone:+44']);
  });
});
