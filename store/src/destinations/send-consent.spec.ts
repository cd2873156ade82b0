import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json } from '@throughline/domain/shared';
import { HOOK } from '../journeys/testing/definitions.js';
import { beginSending } from './deliveries.js';
import { LedgerKit, type Sending } from './testing/ledger-kit.js';

/** The hook of the tests, asking for consent in another way. */
function hook(key: string, consent: Json): typeof HOOK {
  const send = { kind: 'sendToDestination', connection: 'hook', action: 'post', input: {} };
  const end = { kind: 'exit', reason: 'done' };
  return { ...HOOK, key, steps: { post: { ...send, consent, next: 'end' }, end } };
}

describe('a send to a system, in a journey with a purpose', () => {
  let kit: LedgerKit;

  beforeAll(async () => {
    kit = await LedgerKit.open();
    await kit.world.journey(hook('hook-ads', { channel: 'ads' }));
    await kit.world.journey(hook('hook-none', 'none'));
  });
  afterAll(() => kit.close());

  const at = (journey: string, consent: string | null): Promise<Sending> =>
    kit.atStep({ journey, consent });

  it('goes out where the person has agreed, and says for which purpose', async () => {
    const sending = await at('hook', 'granted');
    expect(await kit.reserve(sending)).toMatchObject({ kind: 'ready' });
    expect(await kit.row(sending)).toMatchObject({ state: 'reserved', purpose: 'marketing' });
  });

  it.each([
    ['never said anything', null, 'no_consent'],
    ['said no', 'denied', 'no_consent'],
    ['took the word back', 'revoked', 'consent_revoked'],
  ])('is skipped where the person %s', async (_what, consent, reason) => {
    const sending = await at('hook', consent);
    expect(await kit.reserve(sending)).toEqual({ kind: 'settled' });
    expect(await kit.row(sending)).toMatchObject({ state: 'skipped', reason });
  });

  it('is asked for on the channel that the step names', async () => {
    const sending = await at('hook-ads', 'granted');
    expect(await kit.reserve(sending)).toEqual({ kind: 'settled' });
    expect(await kit.row(sending)).toMatchObject({ state: 'skipped', reason: 'no_consent' });
    const agreed = await at('hook-ads', null);
    await kit.consentTo(agreed.run.customerId, 'granted', 'ads');
    expect(await kit.reserve(agreed)).toMatchObject({ kind: 'ready' });
  });

  it('is kept back by a revocation between reservation and call', async () => {
    const sending = await at('hook', 'granted');
    const ticket = await kit.ticketFor(sending);
    await kit.consentTo(sending.run.customerId, 'revoked');
    expect(await beginSending(kit.world.engine, ticket)).toEqual({ kind: 'settled' });
    expect(await kit.row(sending)).toMatchObject({ state: 'skipped', reason: 'consent_revoked' });
  });

  it('goes out to everybody where the step hands on nothing of the person', async () => {
    for (const consent of [null, 'denied', 'revoked']) {
      const sending = await at('hook-none', consent);
      expect(await kit.reserve(sending)).toMatchObject({ kind: 'ready' });
      expect(await kit.row(sending)).toMatchObject({ state: 'reserved', purpose: null });
    }
  });
});
