import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { newId, openPool } from '../shared/index.js';
import { createWorkspace } from '../workspaces/index.js';
import { appendUnsubscribe } from './index.js';

describe('unsubscribing', () => {
  let database: TestDatabase;
  let door: pg.Pool;
  let lane: pg.Pool;
  let workspaceId: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    const app = openPool({ url: database.url, role: 'tl_app', max: 1 });
    door = openPool({ url: database.url, role: 'tl_ingest', max: 4 });
    lane = openPool({ url: database.url, role: 'tl_lane', max: 1 });
    ({ workspaceId } = await createWorkspace(app, { key: 'shop', name: 'Shop' }));
    await app.end();
  });
  afterAll(async () => {
    await Promise.all([door.end(), lane.end()]);
    await database.drop();
  });

  it('notes the revocation at the very position of its event, also when many do so at once', async () => {
    const customers = Array.from({ length: 12 }, () => newId());
    await Promise.all(
      customers.map((customerId) =>
        appendUnsubscribe(
          door,
          { workspaceId, customerId, purpose: 'marketing', channel: 'email' },
          1_700_000_000_000,
        ),
      ),
    );
    const matched = await lane.query(
      `select 1 from event_log l join revocation_pending p using (workspace_id, position)
        where p.identifier_hash = sha256(convert_to('customer:' || (l.body::jsonb -> 0 ->> 'customerId'), 'UTF8'))`,
    );
    expect(matched.rowCount).toBe(12);
  });

  it('leaves nothing behind where the workspace is gone', async () => {
    const nowhere = {
      workspaceId: newId(),
      customerId: newId(),
      purpose: 'marketing',
      channel: 'email',
    };
    await appendUnsubscribe(door, nowhere, 1_700_000_000_000);
    const rows = await lane.query('select 1 from revocation_pending where workspace_id = $1', [
      nowhere.workspaceId,
    ]);
    expect(rows.rowCount).toBe(0);
  });
});
