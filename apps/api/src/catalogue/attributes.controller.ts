import { Body, Controller, Delete, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AttributeSchema } from '@throughline/domain/catalogue/schemas';
import { publishDefinition } from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { answerPut, Definitions } from '../common/definitions.js';
import { ListDefinitionsQuery } from '../common/definitions.query.js';
import { namedBody, parseDocument } from '../common/documents.js';
import { Answers, AnswersPage, KeyInPath, Revisions, Takes } from '../common/openapi.decorators.js';
import { KeyParam, NewKeyParam, revisionOf } from '../common/params.js';
import { liveCatalogue } from './live-mapping.js';

/** What data may be: the usual attributes of a shop, and a workspace's own beside or in place of them. */
@ApiTags('catalogue')
@ApiBearerAuth()
@Controller('api/v1')
export class AttributesController {
  constructor(
    private readonly definitions: Definitions,
    private readonly database: Database,
  ) {}

  @Get('catalogue')
  @NeedsScope('read')
  @ApiOperation({ summary: 'Every attribute that a mapping may name' })
  @Answers('Catalogue')
  async catalogue(@FromKey() caller: Caller) {
    return {
      attributes: await this.database.read(caller, (client, id) => liveCatalogue(client, id)),
    };
  }

  @Get('attributes')
  @NeedsScope('read')
  @ApiOperation({ summary: 'Own attributes by key' })
  @AnswersPage('Definition')
  list(@FromKey() caller: Caller, @Query() query: ListDefinitionsQuery) {
    return this.definitions.list(caller, 'attribute', query);
  }

  @Put('attributes/:key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put an attribute; live at once for mappings to come' })
  @KeyInPath()
  @Revisions()
  @Takes('Attribute')
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
    parseDocument(AttributeSchema, named);
    const put = { kind: 'attribute' as const, key, body: named, ifRevision: revisionOf(ifMatch) };
    const stored = await this.definitions.put(caller, put, async (change) => {
      const { client, workspaceId, actor } = change;
      const publish = { kind: 'attribute' as const, key, by: actor, ifRevision: null };
      await publishDefinition(client, workspaceId, publish);
    });
    return answerPut(reply, stored);
  }

  @Delete('attributes/:key')
  @NeedsScope('write')
  @ApiOperation({ summary: "Archive; the starter's attribute of this key is back then" })
  @KeyInPath()
  @Answers('Definition')
  archive(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.definitions.archive(caller, { kind: 'attribute', key });
  }
}
