import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiOperation,
  ApiParam,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUUID, Matches, MaxLength } from 'class-validator';
import { listDeliveries, readDelivery } from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Answers, AnswersPage } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, textCursor } from '../common/page.js';
import { found, KEY_PATTERN } from '../common/params.js';
import { deliveryView } from './views.js';

const STATES = ['reserved', 'sending', 'accepted', 'failed', 'unknown', 'skipped'] as const;

export class ListDeliveriesQuery extends PageQuery {
  @ApiPropertyOptional({ enum: STATES })
  @IsOptional()
  @IsIn(STATES)
  state?: (typeof STATES)[number];

  @ApiPropertyOptional({ type: String, description: 'Why it was skipped, or failed.' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  reason?: string;

  @ApiPropertyOptional({ type: String, description: 'Key of a journey.' })
  @IsOptional()
  @Matches(KEY_PATTERN)
  journey?: string;

  @ApiPropertyOptional({ type: String, format: 'uuid' })
  @IsOptional()
  @IsUUID()
  enrolment?: string;

  @ApiPropertyOptional({ type: String, format: 'uuid' })
  @IsOptional()
  @IsUUID()
  customer?: string;
}

@ApiTags('deliveries')
@ApiBearerAuth()
@Controller('api/v1/deliveries')
@NeedsScope('read')
export class DeliveriesController {
  constructor(private readonly database: Database) {}

  @Get()
  @ApiOperation({ summary: 'Effects towards the outside, newest enrolment first' })
  @AnswersPage('Delivery')
  async list(@FromKey() caller: Caller, @Query() query: ListDeliveriesQuery) {
    const filter = {
      state: query.state ?? null,
      reason: query.reason ?? null,
      journey: query.journey ?? null,
      enrolment: query.enrolment ?? null,
      customer: query.customer ?? null,
      after: textCursor(query.after),
      limit: query.limit + 1,
    };
    const rows = await this.database.read(caller, (client, id) =>
      listDeliveries(client, id, filter),
    );
    return pageOf(rows, query.limit, { view: deliveryView, cursor: (row) => [row.deliveryKey] });
  }

  @Get(':deliveryKey')
  @ApiOperation({ summary: 'One delivery' })
  @ApiParam({
    name: 'deliveryKey',
    schema: { type: 'string' },
    description: 'enrolment:step:visit',
  })
  @Answers('Delivery')
  async get(@FromKey() caller: Caller, @Param('deliveryKey') key: string) {
    const known = /^[0-9a-f-]{36}:[\w.-]{1,100}:\d{1,9}$/.test(key) ? key : null;
    const wanted = found(known);
    return deliveryView(
      found(await this.database.read(caller, (client, id) => readDelivery(client, id, wanted))),
    );
  }
}
