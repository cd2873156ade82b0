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
import {
  ApiBearerAuth,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import { IsObject, IsOptional, IsUUID } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { publishDefinition } from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
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
import { KeyParam, NewKeyParam, revisionOf } from '../common/params.js';
import { TemplateDefinitionSchema } from './definitions.schema.js';
import { Previews, refuseUnrenderable } from './previews.js';

export class PreviewBody {
  @ApiProperty({ type: String, format: 'uuid', description: 'Whose traits fill it.' })
  @IsUUID()
  customer: string = '';

  @ApiPropertyOptional({ type: Object, description: 'Properties of an imagined trigger event.' })
  @IsOptional()
  @IsObject()
  properties?: Record<string, unknown>;
}

@ApiTags('templates')
@ApiBearerAuth()
@Controller('api/v1/templates')
export class TemplatesController {
  constructor(
    private readonly definitions: Definitions,
    private readonly previews: Previews,
  ) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Templates by key' })
  @AnswersPage('Definition')
  list(@FromKey() caller: Caller, @Query() query: ListDefinitionsQuery) {
    return this.definitions.list(caller, 'template', query);
  }

  @Get(':key')
  @NeedsScope('read')
  @ApiOperation({ summary: 'A template' })
  @KeyInPath()
  @Answers('Definition')
  async get(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return withEtag(reply, await this.definitions.read(caller, { kind: 'template', key }));
  }

  @Put(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put a template; live at once' })
  @KeyInPath()
  @Revisions()
  @Takes('TemplateDefinition')
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
    refuseUnrenderable(parseDocument(TemplateDefinitionSchema, named));
    const put = { kind: 'template' as const, key, body: named, ifRevision: revisionOf(ifMatch) };
    const stored = await this.definitions.put(
      caller,
      put,
      async ({ client, workspaceId, actor }) => {
        await publishDefinition(client, workspaceId, {
          kind: 'template',
          key,
          by: actor,
          ifRevision: null,
        });
      },
    );
    return answerPut(reply, stored);
  }

  @Delete(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Archive; refused while a live journey uses it' })
  @KeyInPath()
  @Answers('Definition')
  archive(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.definitions.archive(caller, { kind: 'template', key });
  }

  @Post(':key/preview')
  @HttpCode(200)
  @NeedsScope('read')
  @Once()
  @ApiOperation({ summary: 'Render it as a person would get it; nothing is sent' })
  @KeyInPath()
  @Answers('Preview')
  preview(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Body() { customer, properties }: PreviewBody,
  ) {
    return this.previews.render(caller, { key, customer, properties: properties ?? {} });
  }
}
