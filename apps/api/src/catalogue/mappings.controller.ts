import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { checkMapping, previewMapping, suggestMapping } from '@throughline/domain/catalogue';
import { MappingSchema } from '@throughline/domain/catalogue/schemas';
import { faultsOf, type JsonObject } from '@throughline/domain/shared';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
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
import { liveCatalogue } from './live-mapping.js';
import { rowsOf, SampleSchema, TrialSchema } from './sample.schema.js';

/** How rows of files, pulls and webhooks become events; tried out on real rows before it is published. */
@ApiTags('catalogue')
@ApiBearerAuth()
@Controller('api/v1/mappings')
export class MappingsController {
  constructor(
    private readonly definitions: Definitions,
    private readonly database: Database,
  ) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Mappings by key' })
  @AnswersPage('Definition')
  list(@FromKey() caller: Caller, @Query() query: ListDefinitionsQuery) {
    return this.definitions.list(caller, 'mapping', query);
  }

  @Post('suggest')
  @HttpCode(200)
  @NeedsScope('read')
  @ApiOperation({ summary: 'Which column is which attribute, by its name and by sampled values' })
  @Takes('MappingSample')
  @Answers('MappingSuggestions')
  async suggest(@FromKey() caller: Caller, @Body() body: unknown) {
    const sample = parseDocument(SampleSchema, body);
    const catalogue = await this.catalogue(caller);
    const { columns, rows } = rowsOf(sample);
    const { target } = sample;
    return { suggestions: suggestMapping({ columns, rows, catalogue, target }) };
  }

  @Post('validate')
  @HttpCode(200)
  @NeedsScope('read')
  @ApiOperation({ summary: 'Say what is wrong with a mapping; nothing is stored' })
  @Takes('MappingDefinition')
  @Answers('Verdict')
  async validate(@FromKey() caller: Caller, @Body() body: unknown) {
    const parsed = MappingSchema.safeParse(body);
    const faults = parsed.success
      ? checkMapping(parsed.data, await this.catalogue(caller))
      : faultsOf(parsed.error);
    return { valid: faults.length === 0, faults };
  }

  @Post('preview')
  @HttpCode(200)
  @NeedsScope('read')
  @ApiOperation({ summary: 'What a mapping makes of real rows; nothing is stored' })
  @Takes('MappingTrial')
  @Answers('MappingPreview')
  async preview(@FromKey() caller: Caller, @Body() body: unknown) {
    const { mapping, ...sample } = parseDocument(TrialSchema, body);
    const catalogue = await this.catalogue(caller);
    return previewMapping(mapping, rowsOf(sample).rows, { catalogue, importedAt: Date.now() });
  }

  @Get(':key')
  @NeedsScope('read')
  @ApiOperation({ summary: 'The draft of a mapping' })
  @KeyInPath()
  @Answers('Definition')
  async get(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return withEtag(reply, await this.definitions.read(caller, { kind: 'mapping', key }));
  }

  @Put(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put the draft whole; publish makes it live' })
  @KeyInPath()
  @Revisions()
  @Takes('MappingDefinition')
  @Answers('Definition')
  @Answers('Definition', 201)
  async put(
    @FromKey() caller: Caller,
    @Param('key', NewKeyParam) key: string,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const named: JsonObject = namedBody(key, body);
    parseDocument(MappingSchema, named);
    const put = { kind: 'mapping' as const, key, body: named, ifRevision: revisionOf(ifMatch) };
    return answerPut(reply, await this.definitions.put(caller, put));
  }

  @Delete(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Archive; imports that are under way hold their own copy' })
  @KeyInPath()
  @Answers('Definition')
  archive(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.definitions.archive(caller, { kind: 'mapping', key });
  }

  @Post(':key/publish')
  @HttpCode(200)
  @NeedsScope('write')
  @Once()
  @Revisions()
  @ApiOperation({ summary: 'Make the draft the next immutable version, and live' })
  @KeyInPath()
  @Answers('Publication')
  publish(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Headers('if-match') ifMatch: string | undefined,
  ) {
    const ref = { kind: 'mapping' as const, key, ifRevision: revisionOf(ifMatch) };
    return this.definitions.publish(caller, ref, async ({ client, workspaceId }, draft) =>
      checkMapping(
        parseDocument(MappingSchema, draft.body),
        await liveCatalogue(client, workspaceId),
      ),
    );
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
    return this.definitions.versions(caller, { kind: 'mapping', key }, query);
  }

  private catalogue(caller: Caller) {
    return this.database.read(caller, (client, id) => liveCatalogue(client, id));
  }
}
