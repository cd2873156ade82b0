import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { z } from 'zod';
import {
  listErasures,
  readErasure,
  requestErasure,
  type Erasure,
} from '@throughline/store/consent';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Answers, AnswersPage, IdInPath, Once } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, uuidCursor } from '../common/page.js';
import { found, IdParam, iso, isoOrNull } from '../common/params.js';

export class EraseBody {
  @ApiPropertyOptional({
    type: String,
    maxLength: 500,
    description: 'Why; kept with the certificate. Name nobody in it.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  reason?: string;
}

const Time = z.iso.datetime();

export const ErasureView = z.object({
  id: z.uuid(),
  customerId: z.uuid().describe('a reference to nobody, once it is done'),
  state: z
    .enum(['requested', 'closing', 'clearing', 'done'])
    .describe(
      'closing: the profile is gone and runs are leaving; clearing: texts, histories and other systems',
    ),
  reason: z.string().nullable(),
  requestedBy: z.string(),
  requestedAt: Time,
  erasedAt: Time.nullable().describe('when the profile was taken away'),
  finishedAt: Time.nullable(),
  runsLeft: z.int().describe('runs whose histories are still there'),
  stores: z.record(z.string(), z.int()).describe('rows deleted or rewritten, by place'),
  destinations: z
    .record(z.string(), z.string())
    .describe('connection: told, or the code of why not'),
  certificate: z.record(z.string(), z.unknown()).nullable(),
  certificateHash: z
    .string()
    .nullable()
    .describe('hex of sha256 of the certificate, its keys sorted'),
});

function erasureView(row: Erasure): z.input<typeof ErasureView> {
  const { counts, destinations, certificate, certificateHash, state, reason, requestedBy } = row;
  return {
    id: row.eraseId,
    customerId: row.customerId,
    state,
    reason,
    requestedBy,
    requestedAt: iso(row.requestedAt),
    erasedAt: isoOrNull(row.begunAt),
    finishedAt: isoOrNull(row.finishedAt),
    runsLeft: row.runs,
    stores: Object.fromEntries(Object.entries(counts).map(([place, n]) => [place, Number(n)])),
    destinations: Object.fromEntries(
      Object.entries(destinations).map(([key, outcome]) => [
        key,
        typeof outcome === 'string' ? outcome : '',
      ]),
    ),
    certificate,
    certificateHash,
  };
}

/** Forgetting people: asked for here, carried out by the lane and a run of eraseCustomer, certified at the end. */
@ApiTags('privacy')
@ApiBearerAuth()
@Controller('api/v1')
@NeedsScope('privacy')
export class ErasuresController {
  constructor(private readonly database: Database) {}

  @Post('customers/:id/erase')
  @HttpCode(202)
  @Once()
  @ApiOperation({
    summary: 'Forget a person, and everybody who has become them; asked again, answers the same',
  })
  @IdInPath()
  @Answers('Erasure', 202)
  async erase(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Body() { reason }: EraseBody,
  ) {
    const { erasure } = await this.database.change(
      caller,
      async ({ client, workspaceId, actor, audit }) => {
        await audit('customer.erase', id);
        const request = { customerId: id, reason: reason ?? null, actor };
        return found(await requestErasure(client, workspaceId, request));
      },
    );
    await this.database.ringLane();
    return erasureView(erasure);
  }

  @Get('erasures')
  @ApiOperation({ summary: 'Erasures, newest first' })
  @AnswersPage('Erasure')
  async list(@FromKey() caller: Caller, @Query() { after, limit }: PageQuery) {
    const page = { after: uuidCursor(after), limit: limit + 1 };
    const rows = await this.database.read(caller, (client, ws) => listErasures(client, ws, page));
    return pageOf(rows, limit, { view: erasureView, cursor: (row) => [row.eraseId] });
  }

  @Get('erasures/:id')
  @ApiOperation({ summary: 'How far an erasure is, and its certificate' })
  @IdInPath()
  @Answers('Erasure')
  async get(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    return erasureView(
      found(await this.database.read(caller, (client, ws) => readErasure(client, ws, id))),
    );
  }
}
