import { Readable } from 'node:stream';
import { Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiOperation,
  ApiParam,
  ApiPropertyOptional,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ThroughlineError } from '@throughline/domain/shared';
import {
  addSuppressions,
  listSuppressions,
  removeSuppression,
  type SuppressionLine,
} from '@throughline/store/consent';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Answers, AnswersPage } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, pairCursor } from '../common/page.js';
import { iso, KEY_PATTERN, KeyParam } from '../common/params.js';
import { rowReader } from '../ingestion/import-rows.js';
import { ImportStream } from '../ingestion/import-stream.js';
import { suppressionOf, type BadLine } from './suppression-lines.js';

export class ListSuppressionsQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, example: 'email' })
  @IsOptional()
  @Matches(KEY_PATTERN)
  channel?: string;
}

const FORMATS = ['csv', 'ndjson'] as const;

export class SuppressionFileQuery {
  @ApiPropertyOptional({ enum: FORMATS, description: 'Default: as the Content-Type says.' })
  @IsOptional()
  @IsIn(FORMATS)
  format?: (typeof FORMATS)[number];
}

export const SuppressionView = z.object({
  channel: z.string(),
  addressHash: z
    .string()
    .describe('hex of sha256 of channel:address; the address itself is not kept'),
  reason: z.string(),
  at: z.iso.datetime(),
});

export const SuppressionImportView = z.object({
  added: z.int(),
  known: z.int().describe('suppressed before; they keep their reason'),
  refused: z.int(),
  refusals: z.array(z.object({ line: z.int(), detail: z.string() })).describe('the first hundred'),
});

/** Lines written in one transaction. */
const PAGE = 1_000;
const SHOWN = 100;
const LIMITS = { bytes: 256 * 1024 * 1024, ratio: 200 };

@ApiTags('suppressions')
@ApiBearerAuth()
@Controller('api/v1/suppressions')
export class SuppressionsController {
  constructor(private readonly database: Database) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Addresses that are not written to, whatever consent says' })
  @AnswersPage('Suppression')
  async list(@FromKey() caller: Caller, @Query() { after, limit, channel }: ListSuppressionsQuery) {
    const from = pairCursor(after);
    const page = {
      channel: channel ?? null,
      after: from === null ? null : { channel: String(from[0]), addressHash: from[1] },
      limit: limit + 1,
    };
    const rows = await this.database.read(caller, (client, id) =>
      listSuppressions(client, id, page),
    );
    return pageOf(rows, limit, {
      view: ({ channel: of, addressHash, reason, at }) => ({
        channel: of,
        addressHash,
        reason,
        at: iso(at),
      }),
      cursor: (row) => [row.channel, row.addressHash],
    });
  }

  @Post('import')
  @HttpCode(200)
  @NeedsScope('write')
  @ApiOperation({
    summary:
      'Add a list: channel, address or addressHash, reason. Bad lines are told, good ones count',
  })
  @ApiConsumes('text/csv', 'application/x-ndjson')
  @ApiBody({ required: true, schema: { type: 'string', format: 'binary' } })
  @Answers('SuppressionImport')
  async import(
    @FromKey() caller: Caller,
    @Query() query: SuppressionFileQuery,
    @Req() request: FastifyRequest,
  ) {
    const format = query.format ?? formatOf(request.headers['content-type']);
    const stream = new ImportStream(bytesOf(request), request.headers['content-encoding'], LIMITS);
    const reader = rowReader(format);
    const bad: BadLine[] = [];
    const counts = { added: 0, lines: 0, refused: 0 };
    let page: SuppressionLine[] = [];
    const flush = async (): Promise<void> => {
      if (page.length === 0) return;
      counts.lines += page.length;
      counts.added += await this.add(caller, page);
      page = [];
    };
    for await (const text of reader.lines(stream.read())) {
      const line = suppressionOf(text, reader.columns);
      if ('detail' in line) {
        counts.refused += 1;
        if (bad.length < SHOWN) bad.push(line);
      } else if (page.push(line) === PAGE) await flush();
    }
    await flush();
    const { added, lines, refused } = counts;
    return { added, known: lines - added, refused, refusals: bad };
  }

  @Delete(':channel/:addressHash')
  @HttpCode(204)
  @NeedsScope('write')
  @ApiOperation({ summary: 'Write to this address again, if consent allows it' })
  @ApiParam({ name: 'channel', schema: { type: 'string' } })
  @ApiParam({ name: 'addressHash', schema: { type: 'string', pattern: '^[0-9a-f]{64}$' } })
  @ApiResponse({ status: 204, description: 'Removed' })
  async remove(
    @FromKey() caller: Caller,
    @Param('channel', KeyParam) channel: string,
    @Param('addressHash') addressHash: string,
  ): Promise<void> {
    if (!/^[0-9a-f]{64}$/.test(addressHash)) throw new ThroughlineError('not_found');
    await this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const removed = await removeSuppression(client, workspaceId, { channel, addressHash });
      if (!removed) throw new ThroughlineError('not_found');
      await audit('suppression.remove', `${channel}:${addressHash}`);
    });
  }

  private add(caller: Caller, lines: readonly SuppressionLine[]): Promise<number> {
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const added = await addSuppressions(client, workspaceId, lines);
      await audit('suppression.import', 'list', { lines: lines.length, added });
      return added;
    });
  }
}

/** The parser of files hands the body on unread. */
function bytesOf({ body }: FastifyRequest): AsyncIterable<Buffer> {
  if (body instanceof Readable) return body;
  throw new ThroughlineError('unsupported_media_type', 'Send the list as the body.');
}

function formatOf(contentType: string | undefined): 'csv' | 'ndjson' {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'text/csv') return 'csv';
  if (type === 'application/x-ndjson' || type === 'application/ndjson') return 'ndjson';
  throw new ThroughlineError('unsupported_media_type', 'Send text/csv or application/x-ndjson.');
}
