import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { putPublishLimit, readPublishLimit } from '@throughline/store/journeys';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Answers } from '../common/openapi.decorators.js';
import { PublishLimitBody } from './forecast.dto.js';

export const PublishLimitView = z.object({
  messagesPerDay: z.int().describe('forecast above this, a journey is published with confirm only'),
});

@ApiTags('workspaces')
@ApiBearerAuth()
@Controller('api/v1/workspaces/publish-limit')
export class PublishLimitController {
  constructor(private readonly database: Database) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'How much a journey may be forecast to send without a confirmation' })
  @Answers('PublishLimit')
  async get(@FromKey() caller: Caller) {
    return { messagesPerDay: await this.database.read(caller, readPublishLimit) };
  }

  @Put()
  @NeedsScope('admin')
  @ApiOperation({ summary: 'Set it; in force from the next publication on' })
  @Answers('PublishLimit')
  put(@FromKey() caller: Caller, @Body() { messagesPerDay }: PublishLimitBody) {
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      await putPublishLimit(client, workspaceId, messagesPerDay);
      await audit('publish-limit.put', 'workspace', { messagesPerDay });
      return { messagesPerDay };
    });
  }
}
