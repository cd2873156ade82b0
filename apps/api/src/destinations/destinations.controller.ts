import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { describeConnectors } from '@throughline/connectors/registry';
import { NeedsScope } from '../common/auth.guard.js';
import { Answers, AnswersPage, KeyInPath } from '../common/openapi.decorators.js';
import { found, KeyParam } from '../common/params.js';

/** Destination types: what can be connected, with the schema that makes the form. The same for every workspace. */
@ApiTags('destinations')
@ApiBearerAuth()
@Controller('api/v1/destinations')
@NeedsScope('read')
export class DestinationsController {
  @Get()
  @ApiOperation({ summary: 'Destination types' })
  @AnswersPage('Destination')
  list() {
    return { items: describeConnectors(), next: null };
  }

  @Get(':key')
  @ApiOperation({ summary: 'One destination type with its form' })
  @KeyInPath()
  @Answers('Destination')
  get(@Param('key', KeyParam) key: string) {
    return found(describeConnectors().find((connector) => connector.key === key));
  }
}
