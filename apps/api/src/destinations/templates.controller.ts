import { Body, Controller, Headers, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
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
import { DefinitionRoutes } from '../common/definition.routes.js';
import { Definitions } from '../common/definitions.js';
import { namedBody, parseDocument } from '../common/documents.js';
import { Answers, KeyInPath, Once, Revisions, Takes } from '../common/openapi.decorators.js';
import { KeyParam, NewKeyParam, revisionOf } from '../common/params.js';
import { TemplateDefinitionSchema } from './definitions.schema.js';
import { htmlOf } from './mjml.js';
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
export class TemplatesController extends DefinitionRoutes {
  protected readonly kind = 'template' as const;

  constructor(
    definitions: Definitions,
    private readonly previews: Previews,
  ) {
    super(definitions);
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
    const template = parseDocument(TemplateDefinitionSchema, named);
    const html = await htmlOf(template);
    refuseUnrenderable({ ...template, ...html });
    const compiled = { ...named, ...html };
    const put = { kind: this.kind, key, body: compiled, ifRevision: revisionOf(ifMatch) };
    const stored = await this.definitions.put(
      caller,
      put,
      async ({ client, workspaceId, actor }) => {
        await publishDefinition(client, workspaceId, {
          kind: this.kind,
          key,
          by: actor,
          ifRevision: null,
        });
      },
    );
    return this.stored(reply, stored);
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
