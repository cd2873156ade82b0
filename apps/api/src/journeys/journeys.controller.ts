import {
  Body,
  Controller,
  Delete,
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
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { JourneyDefinitionSchema } from '@throughline/domain/journeys/schemas';
import { faultsOf } from '@throughline/domain/shared';
import { readJourneyNumbers } from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { versionView } from '../common/definition.view.js';
import { answerPut, Definitions, withEtag } from '../common/definitions.js';
import { ListDefinitionsQuery } from '../common/definitions.query.js';
import { namedBody, parseDocument } from '../common/documents.js';
import {
  Answers,
  AnswersPage,
  KeyInPath,
  Once,
  Revisions,
  Takes,
} from '../common/openapi.decorators.js';
import { PageQuery } from '../common/page.js';
import { KeyParam, NewKeyParam, revisionOf } from '../common/params.js';
import { isError, lintJourney } from './lint.js';
import { numbersView } from './views.js';

@ApiTags('journeys')
@ApiBearerAuth()
@Controller('api/v1/journeys')
export class JourneysController {
  constructor(
    private readonly definitions: Definitions,
    private readonly database: Database,
  ) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Journeys by key' })
  @AnswersPage('Definition')
  list(@FromKey() caller: Caller, @Query() query: ListDefinitionsQuery) {
    return this.definitions.list(caller, 'journey', query);
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

  @Get(':key')
  @NeedsScope('read')
  @ApiOperation({ summary: 'The draft of a journey' })
  @KeyInPath()
  @Answers('Definition')
  async get(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return withEtag(reply, await this.definitions.read(caller, { kind: 'journey', key }));
  }

  @Put(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put the draft whole; publish makes it live' })
  @KeyInPath()
  @Revisions()
  @Takes('JourneyDefinition')
  @Answers('Definition')
  @Answers('Definition', 201)
  async put(
    @FromKey() caller: Caller,
    @Param('key', NewKeyParam) key: string,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const named = namedBody(key, body);
    parseDocument(JourneyDefinitionSchema, named);
    const put = { kind: 'journey' as const, key, body: named, ifRevision: revisionOf(ifMatch) };
    return answerPut(reply, await this.definitions.put(caller, put));
  }

  @Delete(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Archive; a running journey must be stopped first' })
  @KeyInPath()
  @Answers('Definition')
  archive(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.definitions.archive(caller, { kind: 'journey', key });
  }

  @Post(':key/publish')
  @HttpCode(200)
  @NeedsScope('write')
  @Once()
  @Revisions()
  @ApiOperation({
    summary: 'Make the draft the next immutable version, and live; people in flight keep theirs',
  })
  @KeyInPath()
  @Answers('Publication')
  publish(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Headers('if-match') ifMatch: string | undefined,
  ) {
    const ref = { kind: 'journey' as const, key, ifRevision: revisionOf(ifMatch) };
    return this.definitions.publish(caller, ref, async (change, draft) => {
      const journey = parseDocument(JourneyDefinitionSchema, draft.body);
      return (await lintJourney(change, journey)).filter(isError);
    });
  }

  @Get(':key/versions')
  @NeedsScope('read')
  @ApiOperation({ summary: 'Published versions, newest first' })
  @KeyInPath()
  @AnswersPage('Version')
  versions(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Query() query: PageQuery,
  ) {
    return this.definitions.versions(caller, { kind: 'journey', key }, query);
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
}
