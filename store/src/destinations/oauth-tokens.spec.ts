/** Access tokens on real PostgreSQL: two pools stand for two workers that meet the same refusal. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { JourneyWorld } from '../journeys/testing/journey-world.js';
import { openPool } from '../shared/index.js';
import { createSecretBox } from '../workspaces/index.js';
import type { KeptToken } from './oauth-token-row.js';
import { currentToken, type TokenAsk, type TokenRenewal } from './oauth-tokens.js';

const box = createSecretBox([randomBytes(32)]);
const HOUR_MS = 3_600_000;

describe('the access token of a connection', () => {
  let world: JourneyWorld;
  let other: pg.Pool;
  let asked: (string | undefined)[];
  let made = 0;
  const clock = { now: Date.now() };

  beforeAll(async () => {
    world = await JourneyWorld.create();
    other = openPool({ url: world.url, role: 'tl_engine', max: 4 });
  });
  afterAll(async () => {
    await other.end();
    await world.close();
  });
  beforeEach(async () => {
    asked = [];
    await world.sql('delete from connection_token where workspace_id = $1');
  });

  const tokenFrom = (
    ask: Partial<TokenAsk<string>> = {},
    over: { pool?: pg.Pool; connectionKey?: string; box?: typeof box } = {},
  ): Promise<TokenRenewal<string>> =>
    currentToken(
      {
        pool: world.engine,
        box,
        workspaceId: world.workspaceId,
        connectionKey: 'ads',
        now: () => clock.now,
        ...over,
      },
      { grantId: 'grant', renew, ...ask },
    );

  /** The vendor: a new token each time, after a moment in which others can come to ask. */
  async function renew(kept: KeptToken | undefined): Promise<TokenRenewal<string>> {
    asked.push(kept?.refreshToken);
    await world.sql('select pg_sleep(0.2), $1::text');
    made += 1;
    return { ok: true, token: { token: `token-${made}`, expiresAt: clock.now + HOUR_MS } };
  }

  it('is asked for once and then kept', async () => {
    const first = await tokenFrom();
    expect(await tokenFrom()).toEqual(first);
    expect(await tokenFrom({}, { pool: other })).toEqual(first);
    expect(asked).toHaveLength(1);
  });

  it('is asked for once by many that meet a refusal at once, on two workers', async () => {
    const refused = await tokenFrom();
    const stale = refused.ok ? refused.token.token : '';
    asked = [];
    const renewals = await Promise.all(
      [world.engine, other, world.engine, other].map((pool) => tokenFrom({ stale }, { pool })),
    );
    expect(asked).toHaveLength(1);
    expect(new Set(renewals.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(renewals[0]).not.toEqual(refused);
  });

  it('is asked for again when its time is over', async () => {
    const first = await tokenFrom();
    clock.now += HOUR_MS;
    expect(await tokenFrom()).not.toEqual(first);
    expect(asked).toHaveLength(2);
  });

  it('is another for another grant and for another connection', async () => {
    await tokenFrom();
    await tokenFrom({ grantId: 'changed settings' });
    await tokenFrom({}, { connectionKey: 'other' });
    expect(asked).toHaveLength(3);
  });

  it('carries a refresh token that the vendor has changed into the next time', async () => {
    const rotated = { token: 'first', expiresAt: clock.now, refreshToken: 'second-refresh' };
    await tokenFrom({ renew: () => Promise.resolve({ ok: true, token: rotated }) });
    await tokenFrom();
    clock.now += HOUR_MS;
    await tokenFrom();
    expect(asked).toEqual(['second-refresh', 'second-refresh']);
  });

  it('lets the next one ask when the vendor has refused or the asking has failed', async () => {
    const refusal = { ok: false, fault: 'auth_invalid' } as const;
    expect(await tokenFrom({ renew: () => Promise.resolve(refusal) })).toEqual(refusal);
    await expect(
      tokenFrom({ renew: () => Promise.reject(new RangeError('broken')) }),
    ).rejects.toThrow(RangeError);
    expect(await tokenFrom()).toMatchObject({ ok: true });
  });

  it('does not wait for one that died while it was asking', async () => {
    await world.sql(
      `insert into connection_token (workspace_id, connection_key, lease, leased_until)
       values ($1, 'ads', gen_random_uuid(), clock_timestamp() - interval '1 ms')`,
    );
    expect(await tokenFrom()).toMatchObject({ ok: true });
  });

  it('stands sealed in the database and opens nowhere else', async () => {
    await tokenFrom();
    const [row] = await world.sql<{ text: string }>(
      `select encode(sealed, 'escape') || key_id as text from connection_token where workspace_id = $1`,
    );
    expect(row?.text).not.toContain('token-');
    await world.sql(
      `insert into connection_token (workspace_id, connection_key, key_id, sealed, expires_at)
       select workspace_id, 'thief', key_id, sealed, expires_at from connection_token where workspace_id = $1`,
    );
    await tokenFrom({}, { connectionKey: 'thief' });
    expect(asked).toHaveLength(2);
  });

  it('is made anew when the key it was sealed with is gone', async () => {
    await tokenFrom();
    await tokenFrom({}, { box: createSecretBox([randomBytes(32)]) });
    expect(asked).toHaveLength(2);
  });
});
