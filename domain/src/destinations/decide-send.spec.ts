import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Consent, ConsentState } from '../consent/types.js';
import { decideSend, MAX_LANE_LAG_MS } from './decide-send.js';
import type { SendDecision, SendView } from './types.js';

const said = (channel: string, state: ConsentState, purpose = 'marketing'): Consent => ({
  purpose,
  channel,
  state,
  eventTime: 0,
  position: 0,
  ordinal: 0,
});

const GOOD: SendView = {
  purpose: 'marketing',
  consentOn: 'email',
  channel: 'email',
  address: 'ada@example.org',
  consents: [said('email', 'granted')],
  revocationPending: false,
  suppressed: false,
  exitRequested: false,
  ended: false,
  expiresAt: 1_000,
  now: 999,
  sentByMerged: false,
  stop: null,
  paused: false,
  laneLagMs: 0,
  quietUntil: null,
  cap: { kind: 'free' },
  onCapped: 'skip',
};

const words = (decision: SendDecision): string => {
  if (decision.kind === 'send') return 'send';
  if (decision.kind === 'wait') return `wait ${decision.for} ${decision.until}`;
  return decision.kind === 'skip' ? `skip ${decision.reason}` : `block ${decision.by}`;
};

/** Each guard alone; in this order the first that applies decides. */
const GUARDS: readonly (readonly [Partial<SendView>, string])[] = [
  [{ ended: true }, 'skip exited'],
  [{ exitRequested: true }, 'skip exited'],
  [{ stop: 'workspace' }, 'block stopped_workspace'],
  [{ paused: true }, 'block paused'],
  [{ laneLagMs: MAX_LANE_LAG_MS + 1 }, 'block lane_behind'],
  [{ now: 1_000 }, 'skip expired'],
  [{ address: null }, 'skip no_address'],
  [{ revocationPending: true }, 'skip consent_revoked'],
  [{ consents: [] }, 'skip no_consent'],
  [{ suppressed: true }, 'skip suppressed'],
  [{ sentByMerged: true }, 'skip merged_duplicate'],
  [{ quietUntil: 999.5 }, 'wait quiet_hours 999.5'],
  [{ cap: { kind: 'full', until: 999.5 } }, 'skip capped'],
];

describe('the decision to send', () => {
  it('is to send when nothing stands against it', () => {
    expect(decideSend(GOOD)).toEqual({ kind: 'send' });
    expect(decideSend({ ...GOOD, laneLagMs: MAX_LANE_LAG_MS })).toEqual({ kind: 'send' });
  });

  it.each(GUARDS)('with %p is to %s', (over, expected) => {
    expect(words(decideSend({ ...GOOD, ...over }))).toBe(expected);
  });

  it('waits for room under a cap only as long as the message is worth it', () => {
    const over = { ...GOOD, onCapped: 'wait' } as const;
    const full = (until: number | null) => decideSend({ ...over, cap: { kind: 'full', until } });
    expect(words(full(999.5))).toBe('wait capped 999.5');
    expect(words(full(1_000))).toBe('skip capped');
    expect(words(full(null))).toBe('skip capped');
  });

  it('lets a message expire that quiet hours outlast', () => {
    expect(words(decideSend({ ...GOOD, quietUntil: 1_000 }))).toBe('skip expired');
  });

  it('is that of the first guard that applies, of any number', () => {
    fc.assert(
      fc.property(fc.subarray([...GUARDS], { minLength: 1 }), (chosen) => {
        const view = chosen.reduce<SendView>((sum, [over]) => ({ ...sum, ...over }), GOOD);
        expect(words(decideSend(view))).toBe(chosen[0]?.[1]);
      }),
    );
  });

  it.each(['workspace', 'journey', 'connection'] as const)(
    'keeps what a stop of the %s finds',
    (stop) => {
      expect(decideSend({ ...GOOD, stop })).toEqual({ kind: 'block', by: `stopped_${stop}` });
    },
  );

  it.each<[string, readonly Consent[], string]>([
    ['granted for the channel', [said('email', 'granted')], 'send'],
    ['granted for all channels', [said('*', 'granted')], 'send'],
    ['denied', [said('email', 'denied')], 'skip no_consent'],
    ['revoked', [said('email', 'revoked')], 'skip consent_revoked'],
    [
      'revoked for the channel, granted for all',
      [said('*', 'granted'), said('email', 'revoked')],
      'skip consent_revoked',
    ],
    [
      'granted for the channel, revoked for all',
      [said('email', 'granted'), said('*', 'revoked')],
      'send',
    ],
    ['granted for another channel', [said('sms', 'granted')], 'skip no_consent'],
    ['granted for another purpose', [said('email', 'granted', 'newsletter')], 'skip no_consent'],
    ['nothing', [], 'skip no_consent'],
  ])('with consent %s', (_, consents, expected) => {
    expect(words(decideSend({ ...GOOD, consents }))).toBe(expected);
  });

  it('asks nobody for consent to what is transactional, and honours suppression', () => {
    const transactional = { ...GOOD, purpose: null, consents: [], revocationPending: true };
    expect(decideSend(transactional)).toEqual({ kind: 'send' });
    expect(words(decideSend({ ...transactional, suppressed: true }))).toBe('skip suppressed');
  });

  it('needs no address where a system is addressed', () => {
    const action = { ...GOOD, channel: null, address: null };
    expect(decideSend(action)).toEqual({ kind: 'send' });
    expect(words(decideSend({ ...action, exitRequested: true }))).toBe('skip exited');
  });

  it('asks for consent to what goes to a system, unless the step asks for none', () => {
    const action = { ...GOOD, channel: null, address: null, consents: [said('email', 'revoked')] };
    expect(words(decideSend(action))).toBe('skip consent_revoked');
    expect(words(decideSend({ ...action, consentOn: 'ads' }))).toBe('skip no_consent');
    expect(decideSend({ ...action, consentOn: null })).toEqual({ kind: 'send' });
  });
});
