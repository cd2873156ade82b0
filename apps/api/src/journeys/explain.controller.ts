import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import { IsISO8601, IsOptional, Matches } from 'class-validator';
import { explainJourney } from '@throughline/store/journeys';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Definitions } from '../common/definitions.js';
import { Answers, IdInPath } from '../common/openapi.decorators.js';
import { found, IdParam, KEY_PATTERN } from '../common/params.js';
import { instant, SegmentReadings } from '../segments/segment-readings.js';
import { explanationView } from './explain.views.js';

export class ExplainQuery {
  @ApiProperty({ type: String, description: 'Key of the journey.' })
  @Matches(KEY_PATTERN)
  journey: string = '';

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Default: now.' })
  @IsOptional()
  @IsISO8601({ strict: true })
  at?: string;
}

/** Why somebody is in a journey, and what it did to them; or the first guard that kept them out of it. */
@ApiTags('customers')
@ApiBearerAuth()
@Controller('api/v1/customers')
export class ExplainController {
  constructor(
    private readonly database: Database,
    private readonly definitions: Definitions,
    private readonly segments: SegmentReadings,
  ) {}

  @Get(':id/explain')
  @NeedsScope('read')
  @ApiOperation({ summary: 'What a journey did to a person, or what kept them out of it' })
  @IdInPath()
  @Answers('Explanation')
  async explain(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Query() { journey, at }: ExplainQuery,
  ) {
    await this.definitions.read(caller, { kind: 'journey', key: journey });
    const asked = {
      customerId: id,
      journey,
      at: at === undefined ? Date.now() : instant(at),
    };
    const explanation = found(
      await this.database.read(caller, (client, workspaceId) =>
        explainJourney(client, workspaceId, asked),
      ),
    );
    const segment = explanation.neverTriggered?.segment ?? null;
    return explanationView(
      explanation,
      segment === null ? null : await this.condition(caller, segment, explanation.customerId),
    );
  }

  private async condition(caller: Caller, segment: string, customer: string) {
    const condition = await this.segments.present(caller, segment);
    return this.segments.whoAmI(caller, { condition, customer });
  }
}
