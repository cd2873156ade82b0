import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inWorkspace } from '../shared/index.js';
import {
  cancelImport,
  dropUpload,
  listImports,
  listRejects,
  readImport,
  rerunRejects,
} from './imports.js';
import { failImport, laneBacklog, listOpenImports } from './import-pages.js';
import { ImportKit, type TestMapper } from './testing/import-kit.js';
import { openLaneKit, type LaneKit, type TestEvent } from './testing/lane-kit.js';

describe('an import', () => {
  let kit: LaneKit;
  let imports: ImportKit;
  let files = 0;

  beforeAll(async () => {
    kit = await openLaneKit();
    imports = new ImportKit(kit);
  });
  afterAll(async () => {
    await imports.close();
    await kit.close();
  });

  /** Rows of a file of its own: nothing in it is like another test's. */
  const rowsOf = (count: number): TestEvent[] => {
    files += 1;
    return Array.from({ length: count }, (_, index) => ({ id: `f${files}-${index}` }));
  };
  const asEvent: TestMapper = (row) => ({
    type: 'track',
    event: 'Visited',
    userId: row['id'],
    messageId: `m-${String(row['id'])}`,
    timestamp: '2026-01-02T03:04:05.000Z',
  });
  const asApp = <T>(work: Parameters<typeof inWorkspace<T>>[2]): Promise<T> =>
    inWorkspace(imports.app, kit.workspaceId, work);
  const read = (importId: string) =>
    asApp((client) => readImport(client, kit.workspaceId, importId));
  const eventsOf = async (prefix: string): Promise<number> => {
    const rows = await kit.rows<{ n: number }>(
      `select count(*)::int as n from event where message_id like $1 || '%'`,
      [prefix],
    );
    return rows[0]?.n ?? -1;
  };

  it('carries every row into the log once and counts what the lane made of them', async () => {
    const { import: staged, repeated } = await imports.upload(rowsOf(250));
    expect([staged.state, staged.rowsTotal, staged.run, repeated]).toEqual([
      'staged',
      250,
      1,
      false,
    ]);
    await imports.stage(staged.importId, asEvent);
    expect(await imports.settle(staged.importId)).toMatchObject({
      open: 3,
      accepted: 0,
      state: 'running',
    });
    await kit.drain();
    await imports.settle(staged.importId);
    expect(await read(staged.importId)).toMatchObject({
      state: 'done',
      rowsRead: 250,
      events: 250,
      accepted: 250,
      duplicates: 0,
      quarantined: 0,
      rejected: 0,
    });
    expect(await eventsOf(`m-f${files}-`)).toBe(250);
    const kept = await kit.rows('select 1 from import_chunk where import_id = $1', [
      staged.importId,
    ]);
    expect(kept).toEqual([]);
  });

  it('says of its events that they are imported, unless they are to start journeys', async () => {
    const [quiet, loud] = [
      await imports.upload(rowsOf(1)),
      await imports.upload(rowsOf(1), { startJourneys: true }),
    ];
    for (const { import: one } of [quiet, loud]) await imports.stage(one.importId, asEvent);
    await kit.drain();
    const flags = await kit.rows(
      `select body -> 'imported' as imported, source_key from event where message_id in ($1, $2) order by position`,
      [`m-f${files - 1}-0`, `m-f${files}-0`],
    );
    expect(flags).toEqual([
      { imported: true, source_key: 'till' },
      { imported: false, source_key: 'till' },
    ]);
  });

  it('maps a page once, whoever tries it how often', async () => {
    const { import: staged } = await imports.upload(rowsOf(200));
    const page = await imports.page(staged.importId);
    const again = await imports.page(staged.importId);
    expect(page).toEqual(again);
    if (page === null || again === null) throw new TypeError('the import is there');
    const both = await Promise.all([
      imports.commit(staged.importId, page, asEvent),
      imports.commit(staged.importId, again, asEvent),
    ]);
    expect(both.sort()).toEqual([false, true]);
    await imports.stage(staged.importId, asEvent);
    await kit.drain();
    expect(await imports.settle(staged.importId)).toMatchObject({
      accepted: 200,
      duplicates: 0,
      open: 0,
    });
  });

  it('of the same content is the earlier import, also while two are uploaded at once', async () => {
    const rows = rowsOf(20);
    const [one, other] = await Promise.all([imports.upload(rows), imports.upload(rows)]);
    expect([one.repeated, other.repeated].sort()).toEqual([false, true]);
    expect(one.import.importId).toBe(other.import.importId);
    const third = await imports.upload(rows);
    expect([third.repeated, third.import.importId]).toEqual([true, one.import.importId]);
    const newer = await imports.upload(rows, { mappingVersion: 2 });
    expect(newer.repeated).toBe(false);
  });

  it('run again on purpose changes nothing', async () => {
    const rows = rowsOf(30);
    const first = await imports.upload(rows);
    await imports.stage(first.import.importId, asEvent);
    const second = await imports.upload(rows, { rerun: true });
    expect([second.repeated, second.import.run]).toEqual([false, 2]);
    await imports.stage(second.import.importId, asEvent);
    await kit.drain();
    expect(await imports.settle(second.import.importId)).toMatchObject({
      accepted: 0,
      duplicates: 30,
    });
    expect(await eventsOf(`m-f${files}-`)).toBe(30);
  });

  it('counts what the lane put into quarantine', async () => {
    const { import: staged } = await imports.upload(rowsOf(10));
    await imports.stage(staged.importId, (row, number) =>
      number === 4 ? { type: 'track', event: 'Nobody' } : (asEvent(row, number) ?? {}),
    );
    await kit.drain();
    expect(await imports.settle(staged.importId)).toMatchObject({
      accepted: 9,
      quarantined: 1,
      duplicates: 0,
    });
  });

  it('keeps rejects with their rows, and maps them again by a mended mapping under the same numbers', async () => {
    const { import: staged } = await imports.upload(rowsOf(10), { rowsAChunk: 3 });
    const { importId } = staged;
    await imports.stage(importId, (row, number) =>
      number % 4 === 0 ? null : asEvent(row, number),
    );
    await kit.drain();
    await imports.settle(importId);
    const rejects = (after: number) =>
      asApp((client) => listRejects(client, kit.workspaceId, { importId, after, limit: 50 }));
    expect((await rejects(0)).map(({ row, code, raw }) => [row, code, raw])).toEqual([
      [4, 'missing', `{"id":"f${files}-3"}`],
      [8, 'missing', `{"id":"f${files}-7"}`],
    ]);
    expect(await rejects(4)).toHaveLength(1);
    const rerun = await asApp((client) =>
      rerunRejects(client, kit.workspaceId, {
        importId,
        mappingVersion: 2,
        mapping: { key: 'till' },
        createdBy: 'test',
      }),
    );
    expect(rerun).toMatchObject({ state: 'staged', rowsTotal: 2, rerunOf: importId, run: 1 });
    const numbers: number[] = [];
    await imports.stage(rerun.importId, (row, number) => {
      numbers.push(number);
      return asEvent(row, number);
    });
    await kit.drain();
    expect(numbers).toEqual([4, 8]);
    expect(await imports.settle(rerun.importId)).toMatchObject({ accepted: 2 });
    expect(await rejects(0)).toEqual([]);
    await expect(
      asApp((client) =>
        rerunRejects(client, kit.workspaceId, {
          importId,
          mappingVersion: 2,
          mapping: {},
          createdBy: 'test',
        }),
      ),
    ).rejects.toMatchObject({ code: 'conflict' });
  });

  it('that is cancelled keeps what is in the log and reads no further', async () => {
    const { import: staged } = await imports.upload(rowsOf(30), { rowsAChunk: 10 });
    const { importId } = staged;
    const page = await imports.page(importId);
    if (page === null) throw new TypeError('the import is there');
    await imports.commit(importId, page, asEvent);
    const next = await imports.page(importId);
    expect(await asApp((client) => cancelImport(client, kit.workspaceId, importId))).toMatchObject({
      state: 'cancelled',
    });
    if (next === null) throw new TypeError('the import is there');
    expect(await imports.commit(importId, next, asEvent)).toBe(false);
    await kit.drain();
    await imports.settle(importId);
    expect(await read(importId)).toMatchObject({ state: 'cancelled', events: 10, accepted: 10 });
    expect(await asApp((client) => cancelImport(client, kit.workspaceId, importId))).toBeNull();
  });

  it('waits for a run while it is staged, and fails for good with a code', async () => {
    const { import: staged } = await imports.upload(rowsOf(1));
    const { importId } = staged;
    const waiting = async (): Promise<boolean> => {
      const list = await listOpenImports(imports.relay, 100);
      return list.some((one) => one.importId === importId);
    };
    expect(await waiting()).toBe(true);
    await failImport(
      imports.engine,
      { workspaceId: kit.workspaceId, importId },
      'mapping_unreadable',
    );
    expect(await waiting()).toBe(false);
    expect(await read(importId)).toMatchObject({ state: 'failed', error: 'mapping_unreadable' });
  });

  it('that was never whole leaves nothing', async () => {
    const listed = await asApp((client) =>
      listImports(client, kit.workspaceId, { after: null, limit: 200 }),
    );
    expect(listed.length).toBeGreaterThan(5);
    const [newest] = listed;
    if (newest === undefined) throw new TypeError('there are imports');
    await asApp((client) => dropUpload(client, kit.workspaceId, newest.importId));
    expect(await read(newest.importId)).not.toBeNull();
  });

  it('knows how far the lane is behind', async () => {
    await kit.drain();
    expect(await laneBacklog(imports.engine, kit.workspaceId, 10)).toBe(0);
    const { import: staged } = await imports.upload(rowsOf(30), { rowsAChunk: 10 });
    await imports.stage(staged.importId, asEvent);
    expect(await laneBacklog(imports.engine, kit.workspaceId, 10)).toBe(3);
    expect(await laneBacklog(imports.engine, kit.workspaceId, 2)).toBe(2);
    await kit.drain();
  });
});
