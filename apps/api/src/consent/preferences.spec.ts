import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createPreferenceSigner,
  createUnsubscribeSigner,
  type PreferenceClaim,
} from '@throughline/store/consent';
import { openBench, textAt, type Bench } from '../testing/bench.js';
import { journey } from '../testing/definitions.js';
import { seedCustomer } from '../testing/seed.js';

describe('a preference link', () => {
  let bench: Bench;
  let claim: PreferenceClaim;
  let link: string;

  beforeAll(async () => {
    bench = await openBench();
    const { customer } = await seedCustomer(bench.sql, bench.shop.id);
    claim = { workspaceId: bench.shop.id, customerId: customer };
    link = `${bench.url}/p/${createPreferenceSigner(bench.config.signingKey).sign(claim)}`;
    await bench.sql.query(
      `insert into definition (workspace_id, kind, key, body, live_version, state) values ($1, 'journey', 'cart', $2, 1, 'live')`,
      [bench.shop.id, JSON.stringify({ ...journey('cart'), purpose: 'reminders' })],
    );
  });
  afterAll(() => bench.close());
  beforeEach(async () => {
    await bench.sql.query(
      'delete from event_log; delete from revocation_pending; delete from consent',
    );
    await bench.sql.query(
      `insert into consent (workspace_id, customer_id, purpose, channel, state, event_time, position, ordinal)
       values ($1, $2, 'marketing', 'email', 'granted', now(), 1, 0), ($1, $2, 'surveys', '*', 'revoked', now(), 1, 0)`,
      [claim.workspaceId, claim.customerId],
    );
  });

  const form = (fields: readonly (readonly [string, readonly string[]])[]): URLSearchParams => {
    const body = new URLSearchParams();
    for (const [name, value] of fields) body.append(name, JSON.stringify(value));
    return body;
  };
  const marketing = ['marketing', 'email'] as const;
  const surveys = ['surveys', '*'] as const;
  const reminders = ['reminders', 'email'] as const;
  const shown = [marketing, surveys, reminders].map((one) => ['shown', one] as const);

  const said = async (): Promise<unknown[]> =>
    (
      await bench.sql.query<{ body: string }>('select body from event_log order by position')
    ).rows.flatMap(({ body }): unknown[] => JSON.parse(body));

  it('shows every purpose of the workspace, and what the person has said of it', async () => {
    const answer = await fetch(link);
    const page = await answer.text();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const boxes = [...page.matchAll(/name="allow" value="([^"]*)"( checked)?/g)].map(
      ([, value, checked]) => [(value ?? '').replaceAll('&#34;', '"'), checked !== undefined],
    );
    expect(boxes).toEqual([
      [JSON.stringify(marketing), true],
      [JSON.stringify(reminders), false],
      [JSON.stringify(surveys), false],
    ]);
    expect(page).toContain('The shop');
    expect(page).not.toContain('ada@example.com');
    expect(await said()).toEqual([]);
  });

  it('changes what the form says otherwise, and nothing else', async () => {
    const body = form([...shown, ['allow', reminders]]);
    const answer = await fetch(link, { method: 'POST', body });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('Saved');
    const { customerId } = claim;
    expect(await said()).toMatchObject([
      {
        customerId,
        name: 'Consent Changed',
        properties: { purpose: 'marketing', channel: 'email', state: 'revoked' },
      },
      {
        customerId,
        name: 'Consent Changed',
        properties: { purpose: 'reminders', channel: 'email', state: 'granted' },
      },
    ]);
    const pending = await bench.sql.query('select purpose, channel from revocation_pending');
    expect(pending.rows).toEqual([{ purpose: 'marketing', channel: 'email' }]);
  });

  it('says nothing where nothing changes, and of what was not shown', async () => {
    await fetch(link, { method: 'POST', body: form([...shown, ['allow', marketing]]) });
    await fetch(link, { method: 'POST', body: form([['allow', ['else', 'email']]]) });
    await fetch(link, { method: 'POST', body: new URLSearchParams() });
    expect(await said()).toEqual([]);
  });

  it('is valid for nobody else, under no other key, and for no other page', async () => {
    const token = link.slice(link.lastIndexOf('/') + 1);
    const forged = createPreferenceSigner(randomBytes(32)).sign(claim);
    const unsubscribe = createUnsubscribeSigner(bench.config.signingKey).sign({
      ...claim,
      purpose: 'marketing',
      channel: 'email',
    });
    const gone = createPreferenceSigner(bench.config.signingKey).sign({
      ...claim,
      customerId: claim.workspaceId,
    });
    for (const bad of [forged, unsubscribe, gone, token.slice(0, -1), `${token}A`, 'x'])
      for (const method of ['GET', 'POST'])
        expect((await fetch(`${bench.url}/p/${bad}`, { method })).status).toBe(404);
    expect((await fetch(`${bench.url}/u/${token}`)).status).toBe(404);
    expect(await said()).toEqual([]);
  });

  it('refuses other forms, and shows names as text', async () => {
    expect(
      (
        await fetch(link, {
          method: 'POST',
          body: '{}',
          headers: { 'content-type': 'application/json' },
        })
      ).status,
    ).toBe(415);
    expect(
      (await fetch(link, { method: 'POST', body: new URLSearchParams({ a: 'x'.repeat(40_000) }) }))
        .status,
    ).toBe(413);
    await bench.sql.query(
      `update consent set purpose = '<script>alert(1)</script>' where purpose = 'surveys'`,
    );
    const page = await (await fetch(link)).text();
    expect(page).not.toContain('<script>');
  });

  it('is made by an operator, and opens the page', async () => {
    const path = `/api/v1/customers/${claim.customerId}/preference-link`;
    const { status, body } = await bench.call(bench.shop.all, 'POST', path);
    expect(status).toBe(200);
    expect(textAt(body, 'url')).toBe(link.replace(bench.url, bench.config.publicUrl));
  });

  it('has its like in the API: words of a person through the log', async () => {
    const path = `/api/v1/customers/${claim.customerId}/consents`;
    const consents = [
      { purpose: 'Marketing ', channel: 'email', state: 'denied' },
      { purpose: 'news', state: 'granted' },
    ];
    const answer = await bench.call(bench.shop.all, 'PUT', path, { body: { consents } });
    expect(answer).toMatchObject({ status: 202, body: { position: expect.any(Number) } });
    expect(await said()).toMatchObject([
      { properties: { purpose: 'marketing', channel: 'email', state: 'denied' } },
      { properties: { purpose: 'news', channel: '*', state: 'granted' } },
    ]);
    expect((await bench.sql.query('select purpose from revocation_pending')).rows).toEqual([
      { purpose: 'marketing' },
    ]);
    const bad = await bench.call(bench.shop.all, 'PUT', path, {
      body: { consents: [{ purpose: 'x', state: 'maybe' }] },
    });
    expect(bad).toMatchObject({ status: 422, body: { faults: [{ path: 'consents.0.state' }] } });
  });
});
