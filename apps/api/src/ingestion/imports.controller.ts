import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional, Matches } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ThroughlineError } from '@throughline/domain/shared';
import {
  cancelImport,
  listImports,
  readImport,
  rerunRejects,
  type Import,
  type ImportFormat,
} from '@throughline/store/ingestion';
import { importWorkflowId } from '@throughline/workflows/contract';
import { liveMapping } from '../catalogue/live-mapping.js';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { asJson } from '../common/documents.js';
import { Answers, AnswersPage, IdInPath, Once } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, uuidCursor } from '../common/page.js';
import { found, IdParam, KEY_PATTERN } from '../common/params.js';
import { TemporalGateway } from '../temporal/temporal-gateway.js';
import { FORMATS, importView, KINDS } from './imports.views.js';
import { REJECT_TYPES, rejectStream } from './reject-stream.js';
import { Uploads } from './uploads.js';

const FLAG = Transform(({ value }: { value: unknown }) =>
  value === 'true' ? true : value === 'false' ? false : value,
);

export class UploadQuery {
  @ApiProperty({ enum: KINDS, description: 'What a row is.' })
  @IsIn(KINDS)
  kind: (typeof KINDS)[number] = 'customers';

  @ApiProperty({ type: String, description: 'Key of a published mapping.' })
  @Matches(KEY_PATTERN)
  mapping: string = '';

  @ApiPropertyOptional({ enum: FORMATS, description: 'Default: as the Content-Type says.' })
  @IsOptional()
  @IsIn(FORMATS)
  format?: (typeof FORMATS)[number];

  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Its events start journeys.' })
  @IsOptional()
  @FLAG
  @IsBoolean()
  startJourneys: boolean = false;

  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description: 'Import known content once more; its message ids make it change nothing.',
  })
  @IsOptional()
  @FLAG
  @IsBoolean()
  rerun: boolean = false;
}

export class RejectsQuery {
  @ApiPropertyOptional({ enum: FORMATS, default: 'ndjson' })
  @IsOptional()
  @IsIn(FORMATS)
  format: (typeof FORMATS)[number] = 'ndjson';
}

/** Files of customers, events and orders: uploaded, mapped by a run of ingestBatch, counted, mended and mapped again. */
@ApiTags('imports')
@ApiBearerAuth()
@Controller('api/v1/imports')
export class ImportsController {
  constructor(
    private readonly database: Database,
    private readonly uploads: Uploads,
    private readonly temporal: TemporalGateway,
  ) {}

  @Post()
  @HttpCode(202)
  @NeedsScope('write')
  @ApiOperation({
    summary: 'Upload a file; 202 says that it is stored whole, 200 that it was imported before',
  })
  @ApiConsumes('text/csv', 'application/x-ndjson', 'application/gzip', 'application/octet-stream')
  @ApiBody({
    required: true,
    description: 'The file itself, gzipped or not, of at most 2 GB inflated.',
    schema: { type: 'string', format: 'binary' },
  })
  @Answers('Import', 202)
  @Answers('Import')
  async upload(
    @FromKey() caller: Caller,
    @Query() query: UploadQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const format = query.format ?? formatOf(request.headers['content-type']);
    const { kind, mapping, startJourneys, rerun } = query;
    const upload = { kind, mapping, format, startJourneys, rerun };
    const taken = await this.uploads.take(caller, upload, request);
    if (taken.repeated) void reply.code(200);
    return this.view(taken.import);
  }

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Imports, newest first' })
  @AnswersPage('Import')
  async list(@FromKey() caller: Caller, @Query() { after, limit }: PageQuery) {
    const page = { after: uuidCursor(after), limit: limit + 1 };
    const rows = await this.database.read(caller, (client, id) => listImports(client, id, page));
    return pageOf(rows, limit, {
      view: (row) => this.view(row),
      cursor: (row) => [row.importId],
    });
  }

  @Get(':id')
  @NeedsScope('read')
  @ApiOperation({ summary: 'How far an import is, and what became of it' })
  @IdInPath()
  @Answers('Import')
  async get(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    return this.view(
      found(await this.database.read(caller, (client, ws) => readImport(client, ws, id))),
    );
  }

  @Get(':id/rejects')
  @NeedsScope('read')
  @ApiOperation({ summary: 'Rows that became no event, each with its reason, as a file' })
  @IdInPath()
  @ApiResponse({
    status: 200,
    description: 'row, code, field, detail and the row itself',
    content: {
      'application/x-ndjson': { schema: { type: 'string' } },
      'text/csv': { schema: { type: 'string' } },
    },
  })
  async rejects(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Query() { format }: RejectsQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const row = found(await this.database.read(caller, (client, ws) => readImport(client, ws, id)));
    const rows = rejectStream(this.database, caller, { importId: row.importId, format });
    await reply
      .header('content-type', REJECT_TYPES[format])
      .header('content-disposition', `attachment; filename="rejects-${id}.${format}"`)
      .send(rows);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Read no further; what is in the log by now stays' })
  @IdInPath()
  @Answers('Import')
  cancel(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const current = found(await readImport(client, workspaceId, id));
      const cancelled = await cancelImport(client, workspaceId, id);
      if (cancelled === null)
        throw new ThroughlineError('conflict', `An import that is ${current.state} has ended.`);
      await audit('import.cancel', id);
      return this.view(cancelled);
    });
  }

  @Post(':id/rerun')
  @HttpCode(202)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Map the rejects again by the mapping as it is live now' })
  @IdInPath()
  @Answers('Import', 202)
  rerun(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    return this.database.change(caller, async ({ client, workspaceId, actor, audit }) => {
      const of = found(await readImport(client, workspaceId, id));
      const live = await liveMapping(client, workspaceId, of.mappingKey);
      const { version: mappingVersion, mapping, catalogue } = live;
      const staged = await rerunRejects(client, workspaceId, {
        importId: id,
        mappingVersion,
        mapping: asJson({ mapping, catalogue }),
        createdBy: actor,
      });
      await audit('import.rerun', id, { rows: staged.rowsTotal });
      return this.view(staged);
    });
  }

  private view(row: Import) {
    return importView(row, this.temporal.linkTo(importWorkflowId(row.importId)));
  }
}

function formatOf(contentType: string | undefined): ImportFormat {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'text/csv') return 'csv';
  if (type === 'application/x-ndjson' || type === 'application/ndjson') return 'ndjson';
  throw new ThroughlineError(
    'unsupported_media_type',
    'Say format=csv or format=ndjson, or send text/csv or application/x-ndjson.',
  );
}
