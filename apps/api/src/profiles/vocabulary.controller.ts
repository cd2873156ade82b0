import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { readVocabulary, type Vocabulary } from '@throughline/store/profiles';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Answers } from '../common/openapi.decorators.js';

export const VocabularyView = z.object({
  events: z.array(z.string()).describe('names among the latest twenty thousand events'),
  traits: z.array(z.string()).describe('names that the latest two thousand customers have'),
});

/** The words that a workspace's data uses: what a definition may ask for and find. */
@ApiTags('events')
@ApiBearerAuth()
@Controller('api/v1/vocabulary')
export class VocabularyController {
  constructor(private readonly database: Database) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Which events and traits have been seen lately, by name' })
  @Answers('Vocabulary')
  read(@FromKey() caller: Caller): Promise<Vocabulary> {
    return this.database.read(caller, (client, id) => readVocabulary(client, id));
  }
}
