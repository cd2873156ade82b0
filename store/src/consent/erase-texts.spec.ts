/** Texts that hold people: only theirs go, however they are spelt, and of later ones nothing. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../shared/index.js';
import { identify, openLaneKit, track, type LaneKit } from '../ingestion/testing/lane-kit.js';
import { eraseTexts, openPrivacyPool, type PrivacyPool } from './index.js';

describe('texts about a person who is erased', () => {
  let kit: LaneKit;
  let pool: PrivacyPool;
  const eraseId = newId();

  beforeAll(async () => {
    kit = await openLaneKit();
    pool = openPrivacyPool({ url: kit.url });
    await kit.rows(
      `insert into erasure (workspace_id, erase_id, customer_id, requested_by, reason) values ($1, $2, $2, 'x', 'asked by ADA@example.com')`,
      [kit.workspaceId, eraseId],
    );
  });
  afterAll(async () => {
    await pool.end();
    await kit.close();
  });

  const run = async (): Promise<void> => {
    const [lane] = await kit.rows<{ position: number }>('select position from lane_append');
    await eraseTexts(
      pool,
      { workspaceId: kit.workspaceId, eraseId },
      {
        person: {
          begunPosition: lane?.position ?? 0,
          begunAt: Date.now(),
          identifiers: [
            { type: 'email', value: 'ada@example.com' },
            { type: 'phone', value: '+15550100999' },
            { type: 'user_id', value: '42' },
          ],
          customerIds: [eraseId],
        },
        beat: () => undefined,
      },
    );
  };

  const bodies = async (): Promise<(string | null)[]> =>
    (await kit.rows<{ body: string | null }>('select body from event_log order by position')).map(
      ({ body }) => body,
    );

  it('are found in the log in whatever spelling, and leave the others alone', async () => {
    const bob = track('Bought', { userId: '7' }, { properties: { quantity: 42 } });
    await kit.sendBatch([identify({ userId: 'x' }, { email: 'Ada@EXAMPLE.com' }), bob]);
    await kit.sendRaw(
      'track',
      '{"userId":"y","event":"Called","properties":{"from":"+1 (555) 010-0999"}}',
    );
    await kit.sendRaw(
      'track',
      '{"userId":"z","event":"Wrote","properties":{"to":"\\u0061da@example.com"}}',
    );
    await kit.sendRaw('track', '{"userId":42,"event":"Numbered"}');
    await kit.sendRaw('track', JSON.stringify(bob));
    await run();
    const [batch, ...others] = await bodies();
    expect(batch).toBe(`{"batch":[null,${JSON.stringify(bob)}]}`);
    expect(others).toEqual([null, null, null, JSON.stringify(bob)]);
    const [row] = await kit.rows<{ counts: object; reason: string | null }>(
      'select counts, reason from erasure',
    );
    expect(row).toEqual({ counts: { event_log: 4 }, reason: null });
    await run();
    expect(await kit.rows('select counts from erasure')).toEqual([{ counts: { event_log: 4 } }]);
  });

  it('go from quarantine, kept answers and the detail of what was done', async () => {
    await kit.rows(
      `insert into quarantine (workspace_id, quarantine_id, position, ordinal, code, detail, body, received_at) values
         ($1, gen_random_uuid(), 1, 0, 'invalid_field', '', '{"userId":"42"}', now()),
         ($1, gen_random_uuid(), 1, 1, 'invalid_field', '', '{"userId":"7","n":"42"}', now()),
         ($1, gen_random_uuid(), 1, 2, 'invalid_field', '', '{"userId":"42"}', now() + interval '1 hour')`,
      [kit.workspaceId],
    );
    await kit.rows(
      `insert into idempotent_answer (workspace_id, idempotency_key, request_hash, status, body) values
         ($1, 'a', 'x', 200, '{"to":"ada@example.com"}'), ($1, 'b', 'x', 200, '{"to":"bob@example.com"}'), ($1, 'ada@example.com', 'x', 200, null)`,
      [kit.workspaceId],
    );
    await kit.rows(
      `insert into audit_log (workspace_id, audit_id, actor, action, subject, detail) values
         ($1, gen_random_uuid(), 'k', 'note', 's', '{"who":"ada@example.com"}'), ($1, gen_random_uuid(), 'k', 'note', 's', jsonb_build_object('id', $2::text))`,
      [kit.workspaceId, eraseId],
    );
    await run();
    expect(await kit.rows('select ordinal from quarantine order by 1')).toEqual([
      { ordinal: 1 },
      { ordinal: 2 },
    ]);
    expect(await kit.rows('select idempotency_key as key from idempotent_answer')).toEqual([
      { key: 'b' },
    ]);
    expect(await kit.rows('select detail from audit_log order by detail::text')).toEqual([
      { detail: { erased: true } },
      { detail: { id: eraseId } },
    ]);
  });

  it('go from files that wait, by the columns that name people, and from what was rejected', async () => {
    const importId = newId();
    const mapping = {
      mapping: {
        fields: [
          { to: 'customer_id', from: { path: 'no' } },
          { to: 'amount', from: { path: 'amount' } },
        ],
      },
      catalogue: [
        { key: 'customer_id', role: { kind: 'identifier', identifier: 'user_id' } },
        { key: 'amount', role: { kind: 'property', property: 'amount' } },
      ],
    };
    await kit.rows(
      `insert into import (workspace_id, import_id, kind, format, mapping_key, mapping_version, mapping, columns, created_by)
       values ($1, $2, 'customers', 'csv', 'm', 1, $3, array['no', 'amount', 'mail'], 'x')`,
      [kit.workspaceId, importId, JSON.stringify(mapping)],
    );
    const rows = ['[1,["42","1",""]]', '[2,["7","42",""]]', '[3,["8","1","ADA@example.com"]]'];
    for (const seq of [0, 1])
      await kit.rows(
        'insert into import_chunk (workspace_id, import_id, seq, first_row, rows, body) values ($1, $2, $3, 1, 3, $4)',
        [kit.workspaceId, importId, seq, rows.join('\n')],
      );
    await kit.rows(
      `insert into import_reject (workspace_id, import_id, row_number, code, detail, raw) values
         ($1, $2, 4, 'x', '', '["42","1",""]'), ($1, $2, 5, 'x', '', '["9","42",""]'), ($1, $2, 6, 'x', '', 'ada@example.com;;')`,
      [kit.workspaceId, importId],
    );
    await run();
    const refused = (row: number): string =>
      `[${row},null,"erased","the person of this row was erased"]`;
    const left = [refused(1), rows[1], refused(3)].join('\n');
    expect(await kit.rows('select body from import_chunk order by seq')).toEqual([
      { body: left },
      { body: left },
    ]);
    expect(await kit.rows('select row_number as row from import_reject')).toEqual([{ row: 5 }]);
    expect(await kit.rows('select counts from erasure')).toMatchObject([
      { counts: { import_chunk: 4, import_reject: 2 } },
    ]);
  });
});
