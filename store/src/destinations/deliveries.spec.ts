import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Superseded } from '../journeys/customer-lock.js';
import { END, MAIL, MAIL_ONLY } from '../journeys/testing/definitions.js';
import type { JourneyWorld } from '../journeys/testing/journey-world.js';
import { newId } from '../shared/index.js';
import { beginSending, releaseDelivery } from './deliveries.js';
import { addressHash } from './hashes.js';
import { noteConnectionHealth, settleDelivery } from './settle.js';
import { LedgerKit } from './testing/ledger-kit.js';

describe('deliveries', () => {
  let kit: LedgerKit;
  let world: JourneyWorld;

  beforeAll(async () => {
    kit = await LedgerKit.open();
    world = kit.world;
  });

  beforeEach(() => kit.letGo());

  afterAll(() => kit.close());

  it('goes from reserved to sending to accepted, and tells the log once', async () => {
    const sending = await kit.atStep();
    const ticket = await kit.ticketFor(sending);
    expect(ticket).toMatchObject({
      channel: 'email',
      purpose: 'marketing',
      action: 'send',
      uncertain: false,
    });
    expect(await kit.row(sending)).toMatchObject({
      state: 'reserved',
      connection_key: 'mail',
      connector_key: 'smtp-email',
      attempts: 1,
    });
    expect(await beginSending(world.engine, ticket)).toEqual({ kind: 'go' });
    expect(await kit.row(sending)).toMatchObject({ state: 'sending' });
    expect(
      await settleDelivery(world.engine, ticket, { state: 'accepted', providerId: 'p1' }),
    ).toBe(true);
    expect(
      await settleDelivery(world.engine, ticket, { state: 'accepted', providerId: 'p1' }),
    ).toBe(false);
    expect(await kit.row(sending)).toMatchObject({
      state: 'accepted',
      provider_id: 'p1',
      blocked_by: null,
    });
    expect(await kit.events(sending)).toEqual([
      expect.objectContaining({
        name: 'Message Sent',
        messageId: `${sending.request.key}:sent`,
        customerId: sending.run.customerId,
        hop: 1,
        properties: expect.objectContaining({
          journey: 'mail-only',
          step: 'mail',
          channel: 'email',
          delivery: sending.request.key,
        }),
      }),
    ]);
    expect(await kit.reserve(sending)).toEqual({ kind: 'settled' });
  });

  it('holds no address in the ledger or in the log', async () => {
    const sending = await kit.atStep();
    const ticket = await kit.ticketFor(sending);
    await beginSending(world.engine, ticket);
    await settleDelivery(world.engine, ticket, { state: 'accepted' });
    const text = JSON.stringify([await kit.row(sending), await kit.events(sending)]);
    expect(text).not.toContain(ticket.address);
  });

  it('notes a hard bounce by the hash of the address', async () => {
    const sending = await kit.atStep();
    const ticket = await kit.ticketFor(sending);
    await beginSending(world.engine, ticket);
    await settleDelivery(world.engine, ticket, {
      state: 'failed',
      code: 'hard_bounce',
      deadAddress: true,
    });
    expect(await kit.row(sending)).toMatchObject({ state: 'failed', reason: 'hard_bounce' });
    const [bounced] = await kit.events(sending);
    expect(bounced).toMatchObject({
      name: 'Message Bounced',
      properties: {
        permanent: true,
        channel: 'email',
        addressHash: addressHash('email', ticket.address ?? '').toString('hex'),
      },
    });
  });

  describe('an attempt that went silent', () => {
    it('becomes unknown where the provider cannot tell a repeat', async () => {
      const sending = await kit.atStep();
      const dead = await kit.ticketFor(sending);
      await beginSending(world.engine, dead);
      expect(await kit.reserve(sending)).toEqual({ kind: 'settled' });
      expect(await kit.row(sending)).toMatchObject({ state: 'unknown', reason: 'interrupted' });
    });

    it('is accepted after all when its answer comes late', async () => {
      const sending = await kit.atStep();
      const slow = await kit.ticketFor(sending);
      await beginSending(world.engine, slow);
      await kit.reserve(sending);
      expect(await settleDelivery(world.engine, slow, { state: 'failed', code: 'x' })).toBe(false);
      expect(
        await settleDelivery(world.engine, slow, { state: 'accepted', providerId: 'late' }),
      ).toBe(true);
      expect(await kit.row(sending)).toMatchObject({ state: 'accepted', provider_id: 'late' });
    });

    it('is made again where the provider knows our key', async () => {
      const sending = await kit.atStep({ journey: 'hook' });
      const dead = await kit.ticketFor(sending);
      await beginSending(world.engine, dead);
      const next = await kit.ticketFor(sending);
      expect(next).toMatchObject({ uncertain: true });
      expect(await beginSending(world.engine, dead)).toEqual({ kind: 'lost' });
      expect(await beginSending(world.engine, next)).toEqual({ kind: 'go' });
      expect(await settleDelivery(world.engine, next, { state: 'accepted' })).toBe(true);
      expect(await kit.row(sending)).toMatchObject({ state: 'accepted', attempts: 2 });
      expect(await kit.events(sending)).toEqual([]);
    });

    it('is never forgotten: neither a refusal nor a guard makes the repeat of it clean', async () => {
      const sending = await kit.atStep({ journey: 'hook' });
      await beginSending(world.engine, await kit.ticketFor(sending));
      const next = await kit.ticketFor(sending);
      await beginSending(world.engine, next);
      await releaseDelivery(world.engine, next, 'rate_limited');
      expect(await kit.row(sending)).toMatchObject({ state: 'sending' });
      await world.requestExit(sending.run.enrolmentId, { reason: 'x' });
      expect(await kit.reserve(sending)).toEqual({ kind: 'settled' });
      expect(await kit.row(sending)).toMatchObject({ state: 'unknown' });
    });
  });

  it('lets the next attempt begin anew after a definite refusal', async () => {
    const sending = await kit.atStep();
    const first = await kit.ticketFor(sending);
    await beginSending(world.engine, first);
    await releaseDelivery(world.engine, first, 'rate_limited');
    expect(await kit.row(sending)).toMatchObject({ state: 'reserved', detail: 'rate_limited' });
    const second = await kit.ticketFor(sending);
    expect(second.attemptToken).not.toBe(first.attemptToken);
    expect(await beginSending(world.engine, second)).toEqual({ kind: 'go' });
    expect(await kit.row(sending)).toMatchObject({ attempts: 2 });
  });

  it('lets only one of two attempts at once send', async () => {
    const sending = await kit.atStep();
    const [one, other] = await Promise.all([kit.ticketFor(sending), kit.ticketFor(sending)]);
    const gos = await Promise.all([
      beginSending(world.engine, one),
      beginSending(world.engine, other),
    ]);
    expect(gos.filter(({ kind }) => kind === 'go')).toHaveLength(1);
  });

  it('does not send what an enrolment of the same person has sent that was merged into this one', async () => {
    const entryKey = newId();
    const sent = await kit.atStep({ entryKey });
    const ticket = await kit.ticketFor(sent);
    await beginSending(world.engine, ticket);
    await settleDelivery(world.engine, ticket, { state: 'accepted' });
    const goesOn = await kit.atStep({ entryKey });
    await world.sql(
      'update enrolment set superseded = true, subject_id = $3 where workspace_id = $1 and enrolment_id = $2',
      sent.run.enrolmentId,
      goesOn.run.customerId,
    );
    expect(await kit.reserve(goesOn)).toEqual({ kind: 'settled' });
    expect(await kit.row(goesOn)).toMatchObject({ state: 'skipped', reason: 'merged_duplicate' });
  });

  it('refuses a run that was replaced', async () => {
    const sending = await kit.atStep();
    await world.sql(
      'update enrolment set generation = 2 where workspace_id = $1 and enrolment_id = $2',
      sending.run.enrolmentId,
    );
    await expect(kit.reserve(sending)).rejects.toBeInstanceOf(Superseded);
  });

  it('does nothing for a step that the run has left', async () => {
    const sending = await kit.atStep();
    await world.requestExit(sending.run.enrolmentId, {
      reason: 'x',
      position: 1,
      ordinal: 0,
      clock: Date.now(),
    });
    await world.step(sending.run, 2);
    expect(await kit.reserve(sending)).toEqual({ kind: 'settled' });
    expect(await kit.row(sending)).toBeUndefined();
  });

  it('fails with a code when connection or template are missing', async () => {
    await world.journey({
      ...MAIL_ONLY,
      key: 'broken',
      steps: {
        mail: { ...MAIL, template: 'nowhere' },
        end: END,
      },
    });
    const sending = await kit.atStep({ journey: 'broken' });
    await kit.reserve(sending);
    expect(await kit.row(sending)).toMatchObject({ state: 'failed', reason: 'template_missing' });
  });

  it('notes that a connection needs a person, and that it does no more', async () => {
    const { workspaceId } = world;
    const health = (): Promise<unknown[]> =>
      world.sql(`select state, code from connection_health where workspace_id = $1`);
    await noteConnectionHealth(world.engine, workspaceId, {
      connectionKey: 'mail',
      code: 'auth_invalid',
    });
    expect(await health()).toEqual([{ state: 'needs_attention', code: 'auth_invalid' }]);
    await noteConnectionHealth(world.engine, workspaceId, { connectionKey: 'mail', code: null });
    expect(await health()).toEqual([{ state: 'ok', code: null }]);
  });
});
