import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyConsent, applyConsents, mergeConsents } from './apply-consent.js';
import { consentFor } from './consent-for.js';
import type { Consent, ConsentState } from './types.js';

function consent(channel: string, state: ConsentState, eventTime = 0, position = 0): Consent {
  return { purpose: 'marketing', channel, state, eventTime, position, ordinal: 0 };
}

function at(eventTime: number, position: number, ordinal = 0) {
  return { eventTime, ref: { position, ordinal, clock: 0 } };
}

const STATES = ['granted', 'denied', 'revoked'] as const;
const CHANNELS = ['*', 'email', 'sms'] as const;
const words = fc.uniqueArray(
  fc.record({
    purpose: fc.constantFrom('marketing', 'news'),
    channel: fc.constantFrom(...CHANNELS),
    state: fc.constantFrom(...STATES),
    eventTime: fc.nat({ max: 3 }),
    position: fc.nat({ max: 3 }),
    ordinal: fc.constant(0),
  }),
  { selector: (word) => `${word.purpose}/${word.channel}` },
);

describe('consentFor', () => {
  const all = consent('*', 'granted');
  const mail = consent('email', 'revoked');

  it.each([
    [[all, mail], 'email', mail],
    [[mail, all], 'email', mail],
    [[all, mail], 'sms', all],
    [[mail], 'sms', null],
    [[], 'email', null],
    [[mail], '*', null],
  ])('%# prefers the exact channel to the star', (consents, channel, expected) => {
    expect(consentFor(consents, 'marketing', channel)).toBe(expected);
  });

  it('keeps purposes apart', () => {
    expect(consentFor([all, mail], 'news', 'email')).toBeNull();
  });
});

describe('applyConsent', () => {
  const granted = { purpose: 'marketing', channel: 'email', state: 'granted' } as const;

  it('lets the later event time win, in whatever order the events come', () => {
    const current = consent('email', 'revoked', 10, 1);
    expect(applyConsent(current, granted, at(9, 2))).toBe(current);
    expect(applyConsent(current, granted, at(11, 2)).state).toBe('granted');
  });

  it('decides equal times by the later input', () => {
    const current = consent('email', 'revoked', 10, 5);
    expect(applyConsent(current, granted, at(10, 6)).state).toBe('granted');
    expect(applyConsent(current, granted, at(10, 5, 1)).state).toBe('granted');
    expect(applyConsent(current, granted, at(10, 4))).toBe(current);
  });

  it('comes to the same word in any order of arrival', () => {
    const event = fc.record({
      state: fc.constantFrom(...STATES),
      time: fc.nat({ max: 3 }),
      position: fc.nat({ max: 1_000 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(event, { selector: (e) => e.position, minLength: 1 }),
        (events) => {
          const end = (list: typeof events) =>
            list.reduce<Consent | null>(
              (current, { state, time, position }) =>
                applyConsent(current, { ...granted, state }, at(time, position)),
              null,
            );
          expect(end([...events].reverse())).toEqual(end(events));
        },
      ),
    );
  });
});

describe('applyConsents', () => {
  it('reports what changed, with what was before', () => {
    const before = [consent('email', 'granted', 1), consent('sms', 'denied', 1)];
    const event = {
      ...at(2, 2),
      consents: [
        { purpose: 'marketing', channel: 'email', state: 'revoked' },
        { purpose: 'marketing', channel: 'sms', state: 'denied' },
        { purpose: 'marketing', channel: 'push', state: 'granted' },
      ] as const,
    };
    const { consents, changes } = applyConsents(before, event);
    expect(consents).toHaveLength(3);
    expect(
      changes.map(({ consent: { channel, state }, previous }) => [channel, state, previous]),
    ).toEqual([
      ['email', 'revoked', 'granted'],
      ['push', 'granted', null],
    ]);
    // Said again: not a change, but the newer time protects the word from older ones.
    expect(consents.find(({ channel }) => channel === 'sms')?.eventTime).toBe(2);
    expect(before[0]?.state).toBe('granted');
  });

  it('returns the same object when nothing was said', () => {
    const before = [consent('email', 'granted', 1)];
    expect(applyConsents(before, { ...at(2, 2), consents: [] }).consents).toBe(before);
  });
});

describe('mergeConsents', () => {
  const harsh: Readonly<Record<ConsentState, number>> = { granted: 0, denied: 1, revoked: 2 };

  it('keeps a revocation although the other grant is newer', () => {
    const merged = mergeConsents(
      [consent('email', 'granted', 20)],
      [consent('email', 'revoked', 5)],
    );
    expect(merged).toEqual([consent('email', 'revoked', 20)]);
  });

  it('lets a general revocation reach a channel that the other person granted', () => {
    const merged = mergeConsents([consent('email', 'granted', 20)], [consent('*', 'revoked', 5)]);
    expect(consentFor(merged, 'marketing', 'email')?.state).toBe('revoked');
  });

  it('keeps the word of the only one who has one', () => {
    expect(mergeConsents([consent('email', 'granted', 3)], [])).toEqual([
      consent('email', 'granted', 3),
    ]);
  });

  it('is the same whoever survives, and never laxer than either of the two', () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        const ab = mergeConsents(a, b);
        const ba = mergeConsents(b, a);
        for (const purpose of ['marketing', 'news']) {
          for (const channel of [...CHANNELS, 'push']) {
            const merged = consentFor(ab, purpose, channel);
            const own = [consentFor(a, purpose, channel), consentFor(b, purpose, channel)];
            const strictest = Math.max(-1, ...own.map((word) => (word ? harsh[word.state] : -1)));
            expect(merged ? harsh[merged.state] : -1).toBe(strictest);
            expect(consentFor(ba, purpose, channel)).toEqual(merged);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on who of three was merged first', () => {
    fc.assert(
      fc.property(words, words, words, (a, b, c) => {
        const left = mergeConsents(mergeConsents(a, b), c);
        const right = mergeConsents(a, mergeConsents(b, c));
        for (const purpose of ['marketing', 'news']) {
          for (const channel of [...CHANNELS, 'push']) {
            const state = (list: readonly Consent[]) => consentFor(list, purpose, channel)?.state;
            expect(state(left)).toBe(state(right));
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
