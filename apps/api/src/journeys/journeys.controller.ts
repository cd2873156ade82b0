import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Param,
  ParseIntPipe,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { JourneyDefinitionSchema } from '@throughline/domain/journeys/schemas';
import { faultsOf, type Fault } from '@throughline/domain/shared';
import {
  readJourneyNumbers,
  type Definition,
  type Publication,
} from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database, type Change } from '../common/database.js';
import { PublishedDefinitionRoutes } from '../common/definition.routes.js';
import { versionView } from '../common/definition.view.js';
import { Definitions } from '../common/definitions.js';
import { parseDocument } from '../common/documents.js';
import { Answers, KeyInPath, Once, Revisions, Takes } from '../common/openapi.decorators.js';
import { KeyParam, NewKeyParam } from '../common/params.js';
import { Forecasts } from './forecasts.js';
import { isError, lintJourney } from './lint.js';
import { numbersView } from './views.js';

@ApiTags('journeys')
@ApiBearerAuth()
@Controller('api/v1/journeys')
export class JourneysController extends PublishedDefinitionRoutes {
  protected readonly kind = 'journey' as const;

  constructor(
    definitions: Definitions,
    private readonly database: Database,
    private readonly forecasts: Forecasts,
  ) {
    super(definitions);
  }

  @Post('validate')
  @HttpCode(200)
  @NeedsScope('read')
  @ApiOperation({ summary: 'Lint a definition against what exists here; nothing is stored' })
  @Takes('JourneyDefinition')
  @Answers('Verdict')
  validate(@FromKey() caller: Caller, @Body() body: unknown) {
    const parsed = JourneyDefinitionSchema.safeParse(body);
    if (!parsed.success) return { valid: false, faults: faultsOf(parsed.error) };
    return this.database.read(caller, async (client, workspaceId) => {
      const faults = await lintJourney({ client, workspaceId }, parsed.data);
      return { valid: !faults.some(isError), faults };
    });
  }

  @Put(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put the draft whole; publish makes it live' })
  @KeyInPath()
  @Revisions()
  @Takes('JourneyDefinition')
  @Answers('Definition')
  @Answers('Definition', 201)
  put(
    @FromKey() caller: Caller,
    @Param('key', NewKeyParam) key: string,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.putDraft(caller, reply, { key, body, ifMatch, schema: JourneyDefinitionSchema });
  }

  @Post(':key/publish')
  @HttpCode(200)
  @NeedsScope('write')
  @Once()
  @Revisions()
  @ApiOperation({
    summary:
      'Make the draft the next version, and live; where it would send much, only with confirm',
  })
  @KeyInPath()
  @ApiQuery({ name: 'confirm', required: false, enum: ['true'] })
  @Answers('Publication')
  override async publish(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Query('confirm') confirm?: string,
  ): Promise<Publication> {
    const draft = await this.definitions.read(caller, { kind: this.kind, key });
    if (confirm === 'true') return super.publish(caller, key, ifMatch);
    await this.forecasts.admit(caller, draft.body);
    // What was measured is what goes live: another put in between refuses the publication.
    return super.publish(caller, key, ifMatch ?? `"${draft.revision}"`);
  }

  @Get(':key/versions/:version')
  @NeedsScope('read')
  @ApiOperation({ summary: 'One version, as it was published' })
  @KeyInPath()
  @Answers('Version')
  async version(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Param('version', ParseIntPipe) version: number,
  ) {
    return versionView(await this.definitions.version(caller, { kind: 'journey', key }, version));
  }

  @Get(':key/stats')
  @NeedsScope('read')
  @ApiOperation({ summary: 'Numbers per step, counted now' })
  @KeyInPath()
  @Answers('JourneyNumbers')
  async stats(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    await this.definitions.read(caller, { kind: 'journey', key });
    return numbersView(
      await this.database.read(caller, (client, id) => readJourneyNumbers(client, id, key)),
    );
  }

  protected async faultsOf(change: Change, draft: Definition): Promise<readonly Fault[]> {
    const journey = parseDocument(JourneyDefinitionSchema, draft.body);
    return (await lintJourney(change, journey)).filter(isError);
  }
}
