import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import {
  decideSuggestion,
  listSuggestions,
  readSuggestion,
  SUGGESTION_STATES,
  type Decision,
} from '@throughline/store/identity';
import { appendCommand, LANE_CHANNEL } from '@throughline/store/ingestion';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { parseDocument } from '../common/documents.js';
import { Answers, AnswersPage, IdInPath, Once, Takes } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, uuidCursor } from '../common/page.js';
import { found, IdParam } from '../common/params.js';
import { SplitSchema, suggestionView } from './reconcile.views.js';

export class SuggestionsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: SUGGESTION_STATES, description: 'Default: all.' })
  @IsOptional()
  @IsIn(SUGGESTION_STATES)
  state?: (typeof SUGGESTION_STATES)[number];
}

/** The review queue: groups of customers who are probably one person. What somebody decides is remembered. */
@ApiTags('identity')
@ApiBearerAuth()
@Controller('api/v1/identity/suggestions')
export class SuggestionsController {
  constructor(private readonly database: Database) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Customers who are probably one person, newest first' })
  @AnswersPage('IdentitySuggestion')
  async list(@FromKey() caller: Caller, @Query() { after, limit, state }: SuggestionsQuery) {
    const page = { after: uuidCursor(after), limit: limit + 1, state: state ?? null };
    const rows = await this.database.read(caller, (client, id) =>
      listSuggestions(client, id, page),
    );
    return pageOf(rows, limit, {
      view: suggestionView,
      cursor: ({ suggestionId }) => [suggestionId],
    });
  }

  @Get(':id')
  @NeedsScope('read')
  @ApiOperation({ summary: 'One suggestion, and why' })
  @IdInPath()
  @Answers('IdentitySuggestion')
  async get(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    const row = await this.database.read(caller, (client, ws) => readSuggestion(client, ws, id));
    return suggestionView(found(row));
  }

  @Post(':id/accept')
  @HttpCode(202)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'They are one: the lane merges them; an unmerge undoes it' })
  @IdInPath()
  @Answers('IdentitySuggestion', 202)
  accept(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    return this.decide(caller, id, { kind: 'accepted' });
  }

  @Post(':id/reject')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'No two of them are one; never suggested again' })
  @IdInPath()
  @Answers('IdentitySuggestion')
  reject(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    return this.decide(caller, id, { kind: 'rejected' });
  }

  @Post(':id/split')
  @HttpCode(202)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({
    summary: 'Some of them are one: each group becomes one customer, and never meets the others',
  })
  @IdInPath()
  @Takes('IdentitySplit')
  @Answers('IdentitySuggestion', 202)
  split(@FromKey() caller: Caller, @Param('id', IdParam) id: string, @Body() body: unknown) {
    const { groups } = parseDocument(SplitSchema, body);
    return this.decide(caller, id, { kind: 'split', groups });
  }

  private decide(caller: Caller, suggestionId: string, decision: Decision) {
    return this.database.change(caller, async ({ client, workspaceId, actor: by, audit }) => {
      const decided = await decideSuggestion(client, { workspaceId, suggestionId, decision, by });
      const { suggestion, merges } = found(decided);
      await audit(`identity.suggestion.${decision.kind}`, suggestionId);
      // The commit rings. The append lock is the last, or an ingest flush would wait for whatever we wait for.
      if (merges.length > 0) await client.query('select pg_notify($1, $2)', [LANE_CHANNEL, '']);
      for (const customerIds of merges)
        await appendCommand(client, workspaceId, { kind: 'merge', customerIds });
      return suggestionView(suggestion);
    });
  }
}
