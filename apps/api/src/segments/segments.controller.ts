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
import { faultsOf, type Fault } from '@throughline/domain/shared';
import { SegmentDefinitionSchema } from '@throughline/domain/segments/schemas';
import { countMembers, listMembers } from '@throughline/store/segments';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database, type Change } from '../common/database.js';
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
import { pageOf, PageQuery, uuidCursor } from '../common/page.js';
import { iso, KeyParam, NewKeyParam, revisionOf } from '../common/params.js';
import { unknownSegments } from './segment-references.js';

@ApiTags('segments')
@ApiBearerAuth()
@Controller('api/v1/segments')
export class SegmentsController {
  constructor(
    private readonly definitions: Definitions,
    private readonly database: Database,
  ) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Segments by key' })
  @AnswersPage('Definition')
  list(@FromKey() caller: Caller, @Query() query: ListDefinitionsQuery) {
    return this.definitions.list(caller, 'segment', query);
  }

  @Post('validate')
  @HttpCode(200)
  @NeedsScope('read')
  @ApiOperation({ summary: 'Say what is wrong with a definition; nothing is stored' })
  @Takes('SegmentDefinition')
  @Answers('Verdict')
  validate(@FromKey() caller: Caller, @Body() body: unknown) {
    const parsed = SegmentDefinitionSchema.safeParse(body);
    if (!parsed.success) return verdict(faultsOf(parsed.error));
    return this.database.read(caller, async (client, id) =>
      verdict(await unknownSegments({ client, workspaceId: id }, parsed.data)),
    );
  }

  @Get(':key')
  @NeedsScope('read')
  @ApiOperation({ summary: 'The draft of a segment' })
  @KeyInPath()
  @Answers('Definition')
  async get(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return withEtag(reply, await this.definitions.read(caller, { kind: 'segment', key }));
  }

  @Put(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put the draft whole; publish makes it live' })
  @KeyInPath()
  @Revisions()
  @Takes('SegmentDefinition')
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
    parseDocument(SegmentDefinitionSchema, named);
    const put = { kind: 'segment' as const, key, body: named, ifRevision: revisionOf(ifMatch) };
    return answerPut(reply, await this.definitions.put(caller, put));
  }

  @Delete(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Archive; refused while something live uses it' })
  @KeyInPath()
  @Answers('Definition')
  archive(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.definitions.archive(caller, { kind: 'segment', key });
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
    const ref = { kind: 'segment' as const, key, ifRevision: revisionOf(ifMatch) };
    return this.definitions.publish(caller, ref, (change: Change, draft) =>
      unknownSegments(change, parseDocument(SegmentDefinitionSchema, draft.body)),
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
    return this.definitions.versions(caller, { kind: 'segment', key }, query);
  }

  @Get(':key/members')
  @NeedsScope('read')
  @ApiOperation({ summary: 'Who is in the segment now' })
  @KeyInPath()
  @AnswersPage('SegmentMember')
  async members(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Query() { after, limit }: PageQuery,
  ) {
    await this.definitions.read(caller, { kind: 'segment', key });
    const page = { segment: key, after: uuidCursor(after), limit: limit + 1 };
    const rows = await this.database.read(caller, (client, id) => listMembers(client, id, page));
    return pageOf(rows, limit, {
      view: ({ customerId, since }) => ({ customerId, since: iso(since) }),
      cursor: (row) => [row.customerId],
    });
  }

  @Get(':key/count')
  @NeedsScope('read')
  @ApiOperation({ summary: 'How many are in the segment' })
  @KeyInPath()
  @Answers('Count')
  async count(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    await this.definitions.read(caller, { kind: 'segment', key });
    const { count, asOf } = await this.database.read(caller, (client, id) =>
      countMembers(client, id, key),
    );
    return { count, asOf: iso(asOf) };
  }
}

function verdict(faults: readonly Fault[]) {
  return { valid: faults.length === 0, faults };
}
