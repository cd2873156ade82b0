import { Readable } from 'node:stream';
import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiOperation,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ThroughlineError } from '@throughline/domain/shared';
import { listPools, putPool, readPool, type CouponPool } from '@throughline/store/coupons';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { parseDocument } from '../common/documents.js';
import { Answers, AnswersPage, KeyInPath, Takes } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, textCursor } from '../common/page.js';
import { found, isoOrNull, KeyParam, NewKeyParam } from '../common/params.js';
import { ImportStream } from '../ingestion/import-stream.js';
import { Coupons } from './coupons.js';

export const CouponPoolSchema = z.strictObject({
  name: z.string().min(1).max(200),
  lowStock: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(0)
    .describe('with so few free codes the pool is said to run low; 0: never'),
});

export const CouponPoolView = z.object({
  key: z.string(),
  name: z.string(),
  lowStock: z.int(),
  lowSince: z.iso.datetime().nullable().describe('null while there are enough'),
  free: z.int(),
  assigned: z.int(),
});

export const CouponUploadView = z.object({
  added: z.int(),
  known: z.int().describe('in the pool already, free or given away'),
  refused: z.int(),
  refusals: z.array(z.object({ line: z.int(), detail: z.string() })).describe('the first hundred'),
});

export class ListCouponPoolsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ['true', 'false'], description: 'Only those that run low.' })
  @IsOptional()
  @IsIn(['true', 'false'])
  low?: 'true' | 'false';
}

export class CouponFileQuery {
  @ApiPropertyOptional({ enum: ['csv', 'ndjson'], description: 'Default: as the Content-Type.' })
  @IsOptional()
  @IsIn(['csv', 'ndjson'])
  format?: 'csv' | 'ndjson';
}

const LIMITS = { bytes: 256 * 1024 * 1024, ratio: 200 };

/** Codes go in and come out in messages only: no route shows one. */
@ApiTags('coupons')
@ApiBearerAuth()
@Controller('api/v1/coupons')
export class CouponsController {
  constructor(
    private readonly database: Database,
    private readonly coupons: Coupons,
  ) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Pools of codes, with how many are free; `low=true`: the alerts' })
  @AnswersPage('CouponPool')
  async list(@FromKey() caller: Caller, @Query() { after, limit, low }: ListCouponPoolsQuery) {
    const page = { low: low === 'true', after: textCursor(after), limit: limit + 1 };
    const rows = await this.database.read(caller, (client, id) => listPools(client, id, page));
    return pageOf(rows, limit, { view: poolView, cursor: (row) => [row.key] });
  }

  @Get(':key')
  @NeedsScope('read')
  @ApiOperation({ summary: 'A pool, with how many of its codes are free' })
  @KeyInPath()
  @Answers('CouponPool')
  async get(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return poolView(
      found(await this.database.read(caller, (client, id) => readPool(client, id, key))),
    );
  }

  @Put(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Make a pool, or change its name and when it runs low' })
  @KeyInPath()
  @Takes('CouponPoolDefinition')
  @Answers('CouponPool')
  @Answers('CouponPool', 201)
  async put(
    @FromKey() caller: Caller,
    @Param('key', NewKeyParam) key: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { name, lowStock } = parseDocument(CouponPoolSchema, body);
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const { created } = await putPool(client, workspaceId, { key, name, lowStock });
      await audit('coupons.put', key, { lowStock });
      void reply.code(created ? 201 : 200);
      return poolView(found(await readPool(client, workspaceId, key)));
    });
  }

  @Post(':key/codes')
  @HttpCode(200)
  @NeedsScope('write')
  @ApiOperation({ summary: 'Add codes: CSV or NDJSON with `code`. Bad lines are told' })
  @KeyInPath()
  @ApiConsumes('text/csv', 'application/x-ndjson')
  @ApiBody({ required: true, schema: { type: 'string', format: 'binary' } })
  @Answers('CouponUpload')
  async upload(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Query() query: CouponFileQuery,
    @Req() request: FastifyRequest,
  ) {
    found(await this.database.read(caller, (client, id) => readPool(client, id, key)));
    const { body, headers } = request;
    if (!(body instanceof Readable))
      throw new ThroughlineError('unsupported_media_type', 'Send the codes as the body.');
    const format = query.format ?? formatOf(headers['content-type']);
    const stream = new ImportStream(body, headers['content-encoding'], LIMITS);
    return this.coupons.take(caller, { pool: key, format, stream });
  }
}

function poolView({ lowSince, ...pool }: CouponPool) {
  return { ...pool, lowSince: isoOrNull(lowSince) };
}

function formatOf(contentType: string | undefined): 'csv' | 'ndjson' {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'text/csv') return 'csv';
  if (type === 'application/x-ndjson' || type === 'application/ndjson') return 'ndjson';
  throw new ThroughlineError('unsupported_media_type', 'Send text/csv or application/x-ndjson.');
}
