import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createUnsubscribeSigner, type UnsubscribeClaim } from '@throughline/store/consent';
import { openBench, type Bench } from '../testing/bench.js';
import { seedCustomer } from '../testing/seed.js';

describe('an unsubscribe link', () => {
  let bench: Bench;
  let claim: UnsubscribeClaim;
  let link: string;

  beforeAll(async () => {
    bench = await openBench();
    const { customer } = await seedCustomer(bench.sql, bench.shop.id);
    claim = {
      workspaceId: bench.shop.id,
      customerId: customer,
      purpose: 'marketing',
      channel: 'email',
    };
    link = `${bench.url}/u/${createUnsubscribeSigner(bench.config.signingKey).sign(claim)}`;
  });
  afterAll(() => bench.close());
  beforeEach(() => bench.sql.query('delete from event_log; delete from revocation_pending'));

  const appended = async () =>
    (
      await bench.sql.query<{ kind: string; body: string; position: number }>(
        'select kind, body, position from event_log',
      )
    ).rows;

  it('asks when it is opened, and changes nothing: mail scanners open every link', async () => {
    const answer = await fetch(link);
    expect(answer.status).toBe(200);
    const page = await answer.text();
    expect(page).toContain('The shop');
    expect(page).toContain('marketing');
    expect(page).not.toContain('ada@example.com');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await fetch(link, { method: 'HEAD' })).status).toBe(200);
    expect(await appended()).toEqual([]);
  });

  it.each([
    [
      'a mail program by RFC 8058',
      'List-Unsubscribe=One-Click',
      'application/x-www-form-urlencoded',
    ],
    ['the button of the page', '', 'application/x-www-form-urlencoded'],
    ['a multipart form', '--x\r\n\r\n--x--', 'multipart/form-data; boundary=x'],
  ])('unsubscribes when it is posted by %s', async (_who, body, type) => {
    const answer = await fetch(link, { method: 'POST', headers: { 'content-type': type }, body });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('You are unsubscribed');
    const [row, ...others] = await appended();
    expect(others).toEqual([]);
    expect(row?.kind).toBe('internal');
    expect(JSON.parse(row?.body ?? '')).toMatchObject([
      {
        type: 'track',
        name: 'Message Unsubscribed',
        customerId: claim.customerId,
        hop: 0,
        properties: { purpose: 'marketing', channel: 'email' },
      },
    ]);
    const pending = await bench.sql.query(
      `select position, purpose, channel from revocation_pending
        where identifier_hash = sha256(convert_to('customer:' || $1, 'UTF8'))`,
      [claim.customerId],
    );
    expect(pending.rows).toEqual([
      { position: row?.position, purpose: 'marketing', channel: 'email' },
    ]);
  });

  it('needs no body at all', async () => {
    expect((await fetch(link, { method: 'POST' })).status).toBe(200);
    expect(await appended()).toHaveLength(1);
  });

  it.each([
    [
      'one letter changed',
      (token: string) => (token.startsWith('A') ? `B${token.slice(1)}` : `A${token.slice(1)}`),
    ],
    ['its end cut off', (token: string) => token.slice(0, -4)],
    ['nonsense', () => 'nonsense'],
  ])('with %s is not valid, and says nothing about anybody', async (_what, spoil) => {
    const token = link.slice(link.lastIndexOf('/') + 1);
    const spoilt = `${bench.url}/u/${spoil(token)}`;
    for (const method of ['GET', 'POST'])
      expect((await fetch(spoilt, { method })).status).toBe(404);
    expect(await appended()).toEqual([]);
  });

  it('of another key is not valid', async () => {
    const forged = createUnsubscribeSigner(Buffer.alloc(32, 7)).sign(claim);
    expect((await fetch(`${bench.url}/u/${forged}`, { method: 'POST' })).status).toBe(404);
  });

  it('shows names as text', async () => {
    await bench.sql.query(
      `update workspace set name = '<script>alert(1)</script>' where key = 'shop'`,
    );
    const page = await (await fetch(link)).text();
    expect(page).not.toContain('<script>');
    expect(page).toContain('&#60;script&#62;');
  });
});
