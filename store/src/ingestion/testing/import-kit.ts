/** Imports over the kit of the lane: files are made of rows in memory, and mapped by a function of the test. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { isJsonObject } from '@throughline/domain/shared';
import { inWorkspace, openPool } from '../../shared/index.js';
import type { Import, Reject } from '../import-types.js';
import {
  commitImportPage,
  readImportPage,
  settleImport,
  type ImportOutcome,
  type ImportPage,
  type MappedPage,
} from '../import-pages.js';
import { addChunk, beginImport, stageImport } from '../imports.js';
import type { LaneKit, TestEvent } from './lane-kit.js';

export interface FileOptions {
  readonly rowsAChunk?: number;
  readonly startJourneys?: boolean;
  readonly rerun?: boolean;
  readonly mappingVersion?: number;
}

/** Null rejects the row. */
export type TestMapper = (row: TestEvent, number: number) => TestEvent | null;

export class ImportKit {
  readonly app: pg.Pool;
  readonly engine: pg.Pool;
  readonly relay: pg.Pool;

  constructor(readonly kit: LaneKit) {
    this.app = openPool({ url: kit.url, role: 'tl_app', max: 2 });
    this.engine = openPool({ url: kit.url, role: 'tl_engine', max: 4 });
    this.relay = openPool({ url: kit.url, role: 'tl_relay', max: 1 });
  }

  /** An upload, whole. */
  async upload(
    rows: readonly TestEvent[],
    options: FileOptions = {},
  ): Promise<{ readonly import: Import; readonly repeated: boolean }> {
    const { workspaceId } = this.kit;
    const size = options.rowsAChunk ?? 100;
    const importId = await inWorkspace(this.app, workspaceId, (client) =>
      beginImport(client, workspaceId, {
        kind: 'events',
        format: 'ndjson',
        mappingKey: 'till',
        mappingVersion: options.mappingVersion ?? 1,
        mapping: { key: 'till' },
        startJourneys: options.startJourneys ?? false,
        createdBy: 'test',
      }),
    );
    const chunks = Math.ceil(rows.length / size);
    for (let seq = 0; seq < chunks; seq += 1) {
      const part = rows.slice(seq * size, (seq + 1) * size);
      const firstRow = seq * size + 1;
      const body = part.map((row, index) => JSON.stringify([firstRow + index, row])).join('\n');
      const chunk = { seq, firstRow, rows: part.length, body };
      await inWorkspace(this.app, workspaceId, (client) =>
        addChunk(client, workspaceId, { importId, chunk }),
      );
    }
    const text = JSON.stringify(rows);
    const file = {
      importId,
      contentHash: createHash('sha256').update(text).digest(),
      bytes: text.length,
      chunks,
      rows: rows.length,
      columns: null,
      rerun: options.rerun ?? false,
    };
    return inWorkspace(this.app, workspaceId, (client) => stageImport(client, workspaceId, file));
  }

  page(importId: string): Promise<ImportPage | null> {
    return readImportPage(this.engine, { workspaceId: this.kit.workspaceId, importId });
  }

  commit(importId: string, page: ImportPage, map: TestMapper): Promise<boolean> {
    const { workspaceId } = this.kit;
    return commitImportPage(this.engine, { workspaceId, importId }, mapped(page, map));
  }

  /** Maps every page that is left. */
  async stage(importId: string, map: TestMapper): Promise<void> {
    for (;;) {
      const page = await this.page(importId);
      if (page === null || page.chunk === null || page.state !== 'running') return;
      await this.commit(importId, page, map);
    }
  }

  settle(importId: string): Promise<ImportOutcome | null> {
    return settleImport(this.engine, { workspaceId: this.kit.workspaceId, importId });
  }

  async close(): Promise<void> {
    await Promise.all([this.app.end(), this.engine.end(), this.relay.end()]);
  }
}

function mapped(page: ImportPage, map: TestMapper): MappedPage {
  const rejects: Reject[] = [];
  const events: string[] = [];
  const lines = (page.chunk ?? '').split('\n');
  for (const line of lines) {
    const { number, row, raw } = rowOf(line);
    const event = map(row, number);
    if (event === null)
      rejects.push({ row: number, code: 'missing', field: 'id', detail: 'no id', raw });
    else events.push(JSON.stringify(event));
  }
  const body = `{"batch":[${events.join(',')}]}`;
  const batches = events.length === 0 ? [] : [{ body, events: events.length, revocations: [] }];
  return { page, rows: lines.length, warned: 0, omitted: 0, warnings: {}, batches, rejects };
}

function rowOf(line: string): { number: number; row: TestEvent; raw: string } {
  const parsed: unknown = JSON.parse(line);
  const [number, row]: unknown[] = Array.isArray(parsed) ? Array.from<unknown>(parsed) : [];
  return { number: Number(number), row: isJsonObject(row) ? row : {}, raw: JSON.stringify(row) };
}
