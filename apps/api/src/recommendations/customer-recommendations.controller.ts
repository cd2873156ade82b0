import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { readCustomer } from '@throughline/store/profiles';
import { readRecommendations } from '@throughline/store/recommendations';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Answers, IdInPath } from '../common/openapi.decorators.js';
import { found, IdParam } from '../common/params.js';
import { recommendationsView } from './views.js';

export class RecommendationsQuery {
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 50, default: 10 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(50)
  n: number = 10;
}

/** What one person may like, by what they have bought until now. */
@ApiTags('customers')
@ApiBearerAuth()
@Controller('api/v1/customers/:id/recommendations')
export class CustomerRecommendationsController {
  constructor(private readonly database: Database) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({
    summary: 'Items they may like, best first; never what they bought, unless it is bought again',
  })
  @IdInPath()
  @Answers('Recommendations')
  get(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Query() { n }: RecommendationsQuery,
  ) {
    return this.database.read(caller, async (client, workspaceId) => {
      const { customerId } = found(await readCustomer(client, workspaceId, id));
      return recommendationsView(await readRecommendations(client, workspaceId, { customerId, n }));
    });
  }
}
