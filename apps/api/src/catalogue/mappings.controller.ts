import { Body, Controller, Headers, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { checkMapping, previewMapping, suggestMapping } from '@throughline/domain/catalogue';
import { MappingSchema } from '@throughline/domain/catalogue/schemas';
import { faultsOf } from '@throughline/domain/shared';
import type { Definition } from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database, type Change } from '../common/database.js';
import { PublishedDefinitionRoutes } from '../common/definition.routes.js';
import { Definitions } from '../common/definitions.js';
import { parseDocument } from '../common/documents.js';
import { Answers, KeyInPath, Revisions, Takes } from '../common/openapi.decorators.js';
import { NewKeyParam } from '../common/params.js';
import { liveCatalogue } from './live-mapping.js';
import { rowsOf, SampleSchema, TrialSchema } from './sample.schema.js';

/** How rows of files, pulls and webhooks become events; tried out on real rows before it is published. */
@ApiTags('catalogue')
@ApiBearerAuth()
@Controller('api/v1/mappings')
export class MappingsController extends PublishedDefinitionRoutes {
  protected readonly kind = 'mapping' as const;

  constructor(
    definitions: Definitions,
    private readonly database: Database,
  ) {
    super(definitions);
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

  @Put(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put the draft whole; publish makes it live' })
  @KeyInPath()
  @Revisions()
  @Takes('MappingDefinition')
  @Answers('Definition')
  @Answers('Definition', 201)
  put(
    @FromKey() caller: Caller,
    @Param('key', NewKeyParam) key: string,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.putDraft(caller, reply, { key, body, ifMatch, schema: MappingSchema });
  }

  protected async faultsOf({ client, workspaceId }: Change, draft: Definition) {
    return checkMapping(
      parseDocument(MappingSchema, draft.body),
      await liveCatalogue(client, workspaceId),
    );
  }

  private catalogue(caller: Caller) {
    return this.database.read(caller, (client, id) => liveCatalogue(client, id));
  }
}
