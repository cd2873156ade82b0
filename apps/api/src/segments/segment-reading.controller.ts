import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ConditionSchema } from '@throughline/domain/segments/schemas';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { parseDocument } from '../common/documents.js';
import { Answers, KeyInPath } from '../common/openapi.decorators.js';
import { KeyParam } from '../common/params.js';
import {
  HistoryQuery,
  OverlapQuery,
  PreviewConditionBody,
  ReachBody,
  WhoAmIBody,
  WhoAmIConditionBody,
} from './segment-reading.dto.js';
import { SegmentReadings } from './segment-readings.js';

/** Questions about segments. The POSTs store nothing: a condition does not fit into an address. */
@ApiTags('segments')
@ApiBearerAuth()
@Controller('api/v1/segments')
export class SegmentReadingController {
  constructor(private readonly readings: SegmentReadings) {}

  @Post('preview')
  @HttpCode(200)
  @NeedsScope('read')
  @ApiOperation({ summary: 'Who would meet a condition: exact count, samples, reach' })
  @Answers('SegmentPreview')
  previewCondition(@FromKey() caller: Caller, @Body() body: PreviewConditionBody) {
    const { purpose, channel } = body;
    const condition = parseDocument(ConditionSchema, body.condition);
    return this.readings.preview(caller, { condition, purpose, channel, segment: null });
  }

  @Post(':key/preview')
  @HttpCode(200)
  @NeedsScope('read')
  @ApiOperation({ summary: 'Who meets the draft, and what publishing it would change' })
  @KeyInPath()
  @Answers('SegmentPreview')
  async preview(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Body() { purpose, channel }: ReachBody,
  ) {
    const { condition, live } = await this.readings.draft(caller, key);
    const segment = live ? key : null;
    return this.readings.preview(caller, { condition, purpose, channel, segment });
  }

  @Post('who-am-i')
  @HttpCode(200)
  @NeedsScope('read')
  @ApiOperation({ summary: 'One person against a condition, test by test' })
  @Answers('WhoAmI')
  whoAmICondition(@FromKey() caller: Caller, @Body() body: WhoAmIConditionBody) {
    const condition = parseDocument(ConditionSchema, body.condition);
    return this.readings.whoAmI(caller, { condition, customer: body.customer });
  }

  @Post(':key/who-am-i')
  @HttpCode(200)
  @NeedsScope('read')
  @ApiOperation({ summary: 'One person against the live version (else the draft), test by test' })
  @KeyInPath()
  @Answers('WhoAmI')
  async whoAmI(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Body() { customer }: WhoAmIBody,
  ) {
    const condition = await this.readings.present(caller, key);
    return this.readings.whoAmI(caller, { condition, customer });
  }

  @Get(':key/history')
  @NeedsScope('read')
  @ApiOperation({ summary: 'The size of the segment over time' })
  @KeyInPath()
  @Answers('SegmentHistory')
  history(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Query() { from, to, bucket }: HistoryQuery,
  ) {
    return this.readings.history(caller, { segment: key, from, to, bucket });
  }

  @Get(':key/overlap')
  @NeedsScope('read')
  @ApiOperation({ summary: 'How many people are in this and other segments at once' })
  @KeyInPath()
  @Answers('SegmentOverlap')
  overlap(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Query() { with: others }: OverlapQuery,
  ) {
    return this.readings.overlap(caller, [...new Set([key, ...others])]);
  }
}
