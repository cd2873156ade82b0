import {
  Body,
  Controller,
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
import type { Definition } from '@throughline/store/workspaces';
import { countMembers, listMembers, listMembersAsOf } from '@throughline/store/segments';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database, type Change } from '../common/database.js';
import { PublishedDefinitionRoutes } from '../common/definition.routes.js';
import { Definitions } from '../common/definitions.js';
import { parseDocument } from '../common/documents.js';
import { Answers, AnswersPage, KeyInPath, Revisions, Takes } from '../common/openapi.decorators.js';
import { pageOf, uuidCursor } from '../common/page.js';
import { iso, KeyParam, NewKeyParam } from '../common/params.js';
import { MembersQuery } from './segment-reading.dto.js';
import { instant } from './segment-readings.js';
import { referenceFaults } from './segment-references.js';

@ApiTags('segments')
@ApiBearerAuth()
@Controller('api/v1/segments')
export class SegmentsController extends PublishedDefinitionRoutes {
  protected readonly kind = 'segment' as const;

  constructor(
    definitions: Definitions,
    private readonly database: Database,
  ) {
    super(definitions);
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
      verdict(await referenceFaults({ client, workspaceId: id }, parsed.data)),
    );
  }

  @Put(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put the draft whole; publish makes it live' })
  @KeyInPath()
  @Revisions()
  @Takes('SegmentDefinition')
  @Answers('Definition')
  @Answers('Definition', 201)
  put(
    @FromKey() caller: Caller,
    @Param('key', NewKeyParam) key: string,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.putDraft(caller, reply, { key, body, ifMatch, schema: SegmentDefinitionSchema });
  }

  @Get(':key/members')
  @NeedsScope('read')
  @ApiOperation({ summary: 'Who is in the segment, now or as of an instant' })
  @KeyInPath()
  @AnswersPage('SegmentMember')
  async members(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Query() { after, limit, asOf }: MembersQuery,
  ) {
    await this.definitions.read(caller, { kind: 'segment', key });
    const page = { segment: key, after: uuidCursor(after), limit: limit + 1 };
    const rows = await this.database.read(caller, (client, id) =>
      asOf === undefined
        ? listMembers(client, id, page)
        : listMembersAsOf(client, id, { ...page, asOf: iso(instant(asOf)) }),
    );
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

  protected async faultsOf(change: Change, draft: Definition): Promise<readonly Fault[]> {
    return referenceFaults(change, parseDocument(SegmentDefinitionSchema, draft.body));
  }
}

function verdict(faults: readonly Fault[]) {
  return { valid: faults.length === 0, faults };
}
