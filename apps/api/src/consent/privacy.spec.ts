import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { seedCustomer, type Seeded } from '../testing/seed.js';

describe('privacy over the API', () => {
  let bench: Bench;
  let ada: Seeded;
  const privacy = (): string => bench.shop.only.privacy;

  beforeAll(async () => {
    bench = await openBench();
    ada = await seedCustomer(bench.sql, bench.shop.id);
  });
  afterAll(() => bench.close());

  const hash = (address: string): string =>
    createHash('sha256').update(`email:${address}`).digest('hex');

  async function upload(body: string, type: string): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(`${bench.url}/api/v1/suppressions/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bench.shop.all}`, 'content-type': type },
      body,
    });
    return { status: answer.status, body: await answer.json() };
  }

  it('takes a suppression list as CSV, and tells bad lines from good ones', async () => {
    const csv =
      'address,reason,channel\n Bob@Example.com ,complained,\nbob@example.com,later,email\n,,\neve@example.com,left,e mail\n';
    const { status, body } = await upload(csv, 'text/csv');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      added: 1,
      known: 1,
      refused: 2,
      refusals: [{ line: 3 }, { line: 4, detail: 'channel is not a name' }],
    });
    const listed = await bench.call(bench.shop.all, 'GET', '/api/v1/suppressions');
    expect(listAt(listed.body, 'items')).toContainEqual(
      expect.objectContaining({
        channel: 'email',
        addressHash: hash('bob@example.com'),
        reason: 'complained',
      }),
    );
  });

  it('takes hashes and NDJSON, keeps no address, and says in the audit how many', async () => {
    const lines = [
      { addressHash: hash('cy@example.com') },
      { address: 'dora.canary@example.com' },
      { reason: 'x' },
      'text',
    ];
    const { body } = await upload(
      lines.map((line) => JSON.stringify(line)).join('\n'),
      'application/x-ndjson',
    );
    expect(body).toMatchObject({ added: 2, known: 0, refused: 2 });
    const kept = await bench.sql.query<{ t: string }>(
      'select (select string_agg(s::text, $1) from suppression s) || (select string_agg(a::text, $1) from audit_log a) as t',
      [' '],
    );
    expect(kept.rows[0]?.t).not.toContain('dora.canary');
    expect(kept.rows[0]?.t).toContain('suppression.import');
    expect((await upload('x', 'text/plain')).status).toBe(415);
  });

  it('takes an address off the list, with a trace of who did', async () => {
    const path = `/api/v1/suppressions/email/${hash('bob@example.com')}`;
    expect((await bench.call(bench.shop.all, 'DELETE', path)).status).toBe(204);
    expect((await bench.call(bench.shop.all, 'DELETE', path)).status).toBe(404);
    expect(
      (await bench.call(bench.shop.all, 'DELETE', '/api/v1/suppressions/email/bob')).status,
    ).toBe(404);
    const audit = await bench.sql.query(
      `select actor from audit_log where action = 'suppression.remove'`,
    );
    expect(audit.rows).toHaveLength(1);
  });

  it('exports all that is kept about a person, under every id that they ever had', async () => {
    const answer = await bench.call(privacy(), 'GET', `/api/v1/customers/${ada.absorbed}/export`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toContain('attachment');
    expect(at(answer.body, 'customerIds')).toEqual([ada.customer, ada.absorbed]);
    expect(listAt(answer.body, 'profiles')).toHaveLength(2);
    expect(listAt(answer.body, 'identifiers')).toHaveLength(2);
    for (const [section, table] of [
      ['events', 'event'],
      ['consents', 'consent'],
      ['deliveries', 'delivery'],
      ['enrolments', 'enrolment'],
      ['trail', 'trail'],
      ['traitChanges', 'trait_change'],
      ['merges', 'customer_merge'],
    ]) {
      const { rows } = await bench.sql.query<{ n: number }>(
        `select count(*)::int as n from ${table ?? ''} where workspace_id = $1`,
        [bench.shop.id],
      );
      expect([section, listAt(answer.body, section ?? '').length]).toEqual([section, rows[0]?.n]);
    }
    expect(answer.text).not.toContain('workspace_id');
  });

  it('asks the lane to forget a person once, however often it is asked, and shows how far it is', async () => {
    const path = `/api/v1/customers/${ada.absorbed}/erase`;
    const headers = { 'idempotency-key': 'once' };
    const first = await bench.call(privacy(), 'POST', path, {
      body: { reason: 'asked to' },
      headers,
    });
    expect(first).toMatchObject({
      status: 202,
      body: { customerId: ada.customer, state: 'requested', reason: 'asked to', certificate: null },
    });
    const replayed = await bench.call(privacy(), 'POST', path, {
      body: { reason: 'asked to' },
      headers,
    });
    expect(replayed.headers.get('idempotency-replayed')).toBe('true');
    const again = await bench.call(privacy(), 'POST', `/api/v1/customers/${ada.customer}/erase`, {
      body: {},
    });
    expect(textAt(again.body, 'id')).toBe(textAt(first.body, 'id'));
    const log = await bench.sql.query<{ body: string }>(
      `select body from event_log where kind = 'command'`,
    );
    expect(log.rows.map(({ body }): unknown => JSON.parse(body))).toEqual([
      { kind: 'erase', phase: 'begin', eraseId: textAt(first.body, 'id') },
    ]);
    const shown = await bench.call(
      privacy(),
      'GET',
      `/api/v1/erasures/${textAt(first.body, 'id')}`,
    );
    expect(shown).toMatchObject({
      status: 200,
      body: { state: 'requested', runsLeft: 0, stores: {} },
    });
    expect(
      listAt((await bench.call(privacy(), 'GET', '/api/v1/erasures')).body, 'items'),
    ).toHaveLength(1);
    expect(
      (
        await bench.call(
          bench.rival.only.privacy,
          'GET',
          `/api/v1/erasures/${textAt(first.body, 'id')}`,
        )
      ).status,
    ).toBe(404);
    expect((await bench.call(bench.rival.only.privacy, 'POST', path, { body: {} })).status).toBe(
      404,
    );
  });
});
