import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Condition } from '@throughline/domain/segments';
import { addressHash } from '../destinations/hashes.js';
import { newId } from '../shared/index.js';
import { readOverlap } from './overlap.js';
import { previewMembers } from './preview.js';
import { compareMembers, recomputeMembers } from './recompute.js';
import { openPeopleKit, type PeopleKit } from './testing/people-kit.js';

const NOW = Date.parse('2026-05-01T00:00:00Z');
const EVERYBODY: Condition = { trait: 'plan', op: 'exists' };

describe('a preview', () => {
  let kit: PeopleKit;
  const ids = Array.from({ length: 8 }, (_, index) => newId(index + 1));
  const [ada = '', bob = '', cleo = '', dora = '', eve = '', finn = '', gone = '', other = ''] =
    ids;

  beforeAll(async () => {
    kit = await openPeopleKit();
    await kit.addPeople([
      { customerId: ada, traits: { plan: 'pro', email: ' Ada@Example.com ' } },
      { customerId: bob, traits: { plan: 'pro' } },
      { customerId: cleo, traits: { plan: 'pro', email: 'cleo@example.com' } },
      { customerId: dora, traits: { plan: 'pro', email: 7 } },
      { customerId: eve, traits: { plan: 'pro', email: 'eve@example.com' } },
      { customerId: finn, traits: { plan: 'pro', email: '\u00a0 ' } },
      { customerId: gone, traits: { plan: 'pro', email: 'gone@example.com' }, mergedInto: ada },
      { customerId: other, traits: { email: 'other@example.com' } },
    ]);
    await identifier(bob, 'old@example.com', '2026-01-01');
    await identifier(bob, 'bob@example.com', '2026-02-01');
    await identifier(ada, 'not-her-trait@example.com', '2026-02-01');
    await consent(ada, 'email', 'granted');
    await consent(bob, '*', 'granted');
    await consent(cleo, '*', 'granted');
    await consent(cleo, 'email', 'revoked');
    await consent(eve, 'email', 'granted');
    await consent(dora, 'email', 'granted');
    for (const address of ['EVE@example.com', 'old@example.com', 'not-her-trait@example.com']) {
      await suppress('email', address);
    }
    await suppress('sms', 'ada@example.com');
  });
  afterAll(() => kit.close());

  const identifier = (customerId: string, value: string, seen: string) =>
    kit.rows(
      `insert into identifier (workspace_id, type, value, customer_id, origin_id, first_seen_at) values ($1, 'email', $3, $2, $2, $4)`,
      [kit.workspaceId, customerId, value, seen],
    );
  const consent = (customerId: string, channel: string, state: string) =>
    kit.rows(
      `insert into consent (workspace_id, customer_id, purpose, channel, state, event_time, position, ordinal)
       values ($1, $2, 'marketing', $3, $4, now(), 1, 0)`,
      [kit.workspaceId, customerId, channel, state],
    );
  const suppress = (channel: string, address: string) =>
    kit.rows(`insert into suppression values ($1, $2, $3, 'hard_bounce', now())`, [
      kit.workspaceId,
      channel,
      addressHash(channel, address),
    ]);

  const preview = (condition: Condition, samples = 20, purpose = 'marketing') =>
    kit.read((client) =>
      previewMembers(client, condition, {
        workspaceId: kit.workspaceId,
        now: NOW,
        purpose,
        channel: 'email',
        samples,
      }),
    );

  it('counts exactly, and reaches as a send would reach', async () => {
    const { count, reach } = await preview(EVERYBODY);
    expect(count).toBe(6);
    // Addressed: Ada and Cleo and Eve by trait, Bob by his newest identifier. Eve is suppressed, Cleo has revoked.
    expect(reach).toEqual({ addressed: 4, consented: 3, suppressed: 1, reachable: 2 });
  });

  it('asks for the purpose that is meant', async () => {
    expect((await preview(EVERYBODY, 20, 'news')).reach).toMatchObject({
      consented: 0,
      reachable: 0,
    });
  });

  it('samples the same people every time, and no more than asked for', async () => {
    const { sample } = await preview(EVERYBODY, 3);
    expect(sample).toHaveLength(3);
    expect((await preview(EVERYBODY, 3)).sample).toEqual(sample);
    expect([ada, bob, cleo, dora, eve, finn]).toEqual(expect.arrayContaining([...sample]));
    expect((await preview(EVERYBODY)).sample).toHaveLength(6);
  });

  it('says what a change would do to the members there are', async () => {
    await kit.addMembers('pro', [ada, other]);
    const drift = await kit.read((client) =>
      compareMembers(client, EVERYBODY, { workspaceId: kit.workspaceId, now: NOW, segment: 'pro' }),
    );
    expect(drift).toEqual({ members: 6, entering: 5, leaving: 1 });
  });

  it('of nobody is nobody', async () => {
    expect(await preview({ trait: 'plan', op: 'equals', value: 'none' })).toEqual({
      count: 0,
      sample: [],
      reach: { addressed: 0, consented: 0, suppressed: 0, reachable: 0 },
    });
  });

  it('can be had whole, page by page', async () => {
    const found = await kit.read(async (client) => {
      const pages: string[] = [];
      const at = { workspaceId: kit.workspaceId, now: NOW };
      for await (const page of recomputeMembers(client, EVERYBODY, at)) pages.push(...page);
      return pages;
    });
    expect(found.sort()).toEqual([ada, bob, cleo, dora, eve, finn].sort());
  });

  it('has an overlap with other segments, in the order that was asked for', async () => {
    await kit.addMembers('a', [ada, bob, cleo]);
    await kit.addMembers('b', [bob, cleo, dora, eve]);
    await kit.addMembers('c', [ada]);
    const overlap = await kit.read((client) =>
      readOverlap(client, kit.workspaceId, ['b', 'a', 'c', 'd']),
    );
    expect(overlap.segments).toEqual(['b', 'a', 'c', 'd']);
    expect(overlap.matrix).toEqual([
      [4, 2, 0, 0],
      [2, 3, 1, 0],
      [0, 1, 1, 0],
      [0, 0, 0, 0],
    ]);
  });

  it('is read by a role that may write nothing, and read no keys', async () => {
    const refusal = (sql: string) =>
      kit.read((client) => client.query(sql)).catch((error: unknown) => error);
    expect(await refusal('delete from segment_membership')).toMatchObject({ code: '25006' });
    expect(await refusal('select from api_key')).toMatchObject({ code: '42501' });
    const { rows } = await kit.read((client) =>
      client.query<{ table: string }>(
        `select table_name as table from information_schema.role_table_grants
          where grantee = 'tl_reader' and privilege_type <> 'SELECT'`,
      ),
    );
    expect(rows).toEqual([]);
  });
});
