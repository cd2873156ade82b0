import { Injectable } from '@nestjs/common';
import { addCodes, couponOwner } from '@throughline/store/coupons';
import { secretOwner, type SecretBox } from '@throughline/store/workspaces';
import type { Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { rowReader } from '../ingestion/import-rows.js';
import type { ImportStream } from '../ingestion/import-stream.js';
import { codeOf, type BadLine } from './code-lines.js';

/** Codes written in one transaction. */
const PAGE = 1_000;
const SHOWN = 100;

interface Upload {
  readonly pool: string;
  readonly format: 'csv' | 'ndjson';
  readonly stream: ImportStream;
}

export interface Uploaded {
  readonly added: number;
  readonly known: number;
  readonly refused: number;
  readonly refusals: readonly BadLine[];
}

/** Takes codes in page by page and seals each: what lies in the database can be read by nobody who has only the database. */
@Injectable()
export class Coupons {
  constructor(
    private readonly database: Database,
    private readonly secrets: SecretBox,
  ) {}

  async take(caller: Caller, { pool, format, stream }: Upload): Promise<Uploaded> {
    const reader = rowReader(format);
    const counts = { added: 0, lines: 0, refused: 0 };
    const refusals: BadLine[] = [];
    let page: string[] = [];
    const flush = async (): Promise<void> => {
      if (page.length === 0) return;
      counts.lines += page.length;
      counts.added += await this.add(caller, pool, page);
      page = [];
    };
    for await (const text of reader.lines(stream.read())) {
      const line = codeOf(text, reader.columns);
      if ('detail' in line) {
        counts.refused += 1;
        if (refusals.length < SHOWN) refusals.push(line);
      } else if (page.push(line.code) === PAGE) await flush();
    }
    await flush();
    const { added, lines, refused } = counts;
    return { added, known: lines - added, refused, refusals };
  }

  private add(caller: Caller, pool: string, codes: readonly string[]): Promise<number> {
    const owner = secretOwner(caller.workspaceId, couponOwner(pool));
    const sealed = codes.map((code) => ({ code, ...this.secrets.seal({ code }, owner) }));
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const added = await addCodes(client, workspaceId, { pool, codes: sealed });
      await audit('coupons.upload', pool, { lines: codes.length, added });
      return added;
    });
  }
}
