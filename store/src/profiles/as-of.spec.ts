import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { identify, openLaneKit, track, type LaneKit } from '../ingestion/testing/lane-kit.js';
import { PROFILE_PARTS, readProfile, readProfileAsOf, type Profile } from './index.js';

const ADA = { userId: 'ada' };
const EVE = { userId: 'eve' };

/** Two people who were one for a while, looked at in every phase. */
describe('a profile as of an instant', () => {
  let kit: LaneKit;
  let client: pg.Client;
  const ids = { ada: '', eve: '' };
  const at = { apart: 0, one: 0, parted: 0 };

  beforeAll(async () => {
    kit = await openLaneKit();
    client = await kit.laneClient();
    await kit.publish('segment', {
      key: 'buyers',
      name: 'Buyers',
      condition: { event: 'Order Completed' },
    });
    await kit.send(identify(ADA, { nick: 'ada', plan: 'free' }));
    await kit.send(identify(EVE, { nick: 'eve', city: 'York' }));
    await kit.send(consent(EVE, 'revoked'));
    await kit.send(track('Order Completed', EVE));
    at.apart = await settled();
    ids.ada = await idOf('ada');
    ids.eve = await idOf('eve');
    await kit.command({ kind: 'merge', customerIds: [ids.ada, ids.eve] });
    await kit.send(identify(ADA, { plan: 'pro' }));
    at.one = await settled();
    await kit.command({ kind: 'unmerge', absorbedId: ids.eve, position: null });
    at.parted = await settled();
  });
  afterAll(() => kit.close());

  async function settled(): Promise<number> {
    await kit.drain();
    const [lane] = await kit.rows<{ clock: number }>('select clock from lane');
    return lane?.clock ?? 0;
  }

  async function idOf(userId: string): Promise<string> {
    const [row] = await kit.rows<{ id: string }>(
      "select customer_id as id from identifier where type = 'user_id' and value = $1",
      [userId],
    );
    return row?.id ?? '';
  }

  const then = (customerId: string, asOf: number) =>
    readProfileAsOf(client, kit.workspaceId, { customerId, parts: PROFILE_PARTS, asOf });

  it('shows people apart before they were one', async () => {
    expect(shown(await then(ids.ada, at.apart))).toEqual({
      customerId: ids.ada,
      absorbed: [],
      traits: { nick: 'ada', plan: 'free' },
      identifiers: ['ada'],
      consents: [],
      segments: [],
    });
    expect(shown(await then(ids.eve, at.apart))).toEqual({
      customerId: ids.eve,
      absorbed: [],
      traits: { nick: 'eve', city: 'York' },
      identifiers: ['eve'],
      consents: ['revoked'],
      segments: ['buyers'],
    });
  });

  it('shows both as one while they were, though they are not any more', async () => {
    const one = {
      customerId: ids.ada,
      absorbed: [ids.eve],
      traits: { nick: 'eve', plan: 'pro', city: 'York' },
      identifiers: ['ada', 'eve'],
      consents: ['revoked'],
      segments: ['buyers'],
    };
    for (const id of [ids.ada, ids.eve]) expect(shown(await then(id, at.one))).toEqual(one);
  });

  it('shows them apart again, with what was only the other’s gone', async () => {
    for (const id of [ids.ada, ids.eve]) {
      const live = { customerId: id, parts: PROFILE_PARTS };
      const now = await readProfile(client, kit.workspaceId, live);
      expect(shown(await then(id, at.parted))).toEqual(shown(now));
    }
    expect(shown(await then(ids.ada, at.parted))).toMatchObject({ consents: [], segments: [] });
  });

  it('knows nobody before they were seen, and nobody who never was', async () => {
    expect(await then(ids.ada, 0)).toBeNull();
    expect(await then(kit.workspaceId, at.parted)).toBeNull();
  });

  it('tells only what was asked for, and how far it holds', async () => {
    const wanted = { customerId: ids.eve, parts: ['traits'] as const, asOf: at.one };
    expect(await readProfileAsOf(client, kit.workspaceId, wanted)).toMatchObject({
      traits: { city: { v: 'York', s: 'web' } },
      identifiers: null,
      consents: null,
      segments: null,
    });
    const parted = await then(ids.eve, at.parted);
    const [lane] = await kit.rows<{ position: number }>('select position from lane');
    expect(parted?.appliedPosition).toBe(lane?.position);
  });
});

function consent(identity: { readonly userId: string }, state: string) {
  return track('Consent Changed', identity, {
    properties: { purpose: 'marketing', channel: 'email', state },
  });
}

function shown(profile: Profile | null): unknown {
  const { customerId, absorbed, traits, identifiers, consents, segments } = profile ?? {};
  return {
    customerId,
    absorbed,
    traits: Object.fromEntries(
      Object.entries(traits ?? {}).flatMap(([name, { v }]) => (v === null ? [] : [[name, v]])),
    ),
    identifiers: identifiers?.map(({ value }) => value),
    consents: consents?.map(({ state }) => state),
    segments: segments?.map(({ segment }) => segment),
  };
}
