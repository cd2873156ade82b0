import { Body, Controller, Get, Headers, HttpCode, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { compileRules, DEFAULT_DEFINITION } from '@throughline/domain/identity';
import { IdentityRulesSchema } from '@throughline/domain/identity/schemas';
import { isJsonObject, ThroughlineError } from '@throughline/domain/shared';
import { compareRules, listAlerts, readLiveRules, RULES_KEY } from '@throughline/store/identity';
import { readDefinition } from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { answerPut, Definitions, withEtag } from '../common/definitions.js';
import { asJson, namedBody, parseDocument } from '../common/documents.js';
import { Answers, AnswersPage, Once, Revisions, Takes } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, pairCursor } from '../common/page.js';
import { revisionOf } from '../common/params.js';
import { alertView, previewView } from './views.js';

const RULES = { kind: 'identity', key: RULES_KEY } as const;

/** A request is not to read for minutes; what it has read says enough about rules. */
const MOST_EVENTS = 200_000;

@ApiTags('identity')
@ApiBearerAuth()
@Controller('api/v1/identity')
export class IdentityController {
  constructor(
    private readonly definitions: Definitions,
    private readonly database: Database,
  ) {}

  @Get('rules')
  @NeedsScope('read')
  @ApiOperation({ summary: 'The draft of the identity rules; ours where nobody has put any' })
  @Answers('Definition')
  async get(@FromKey() caller: Caller, @Res({ passthrough: true }) reply: FastifyReply) {
    const draft = await this.database.read(caller, (client, id) =>
      readDefinition(client, id, RULES),
    );
    return draft === null ? OURS : withEtag(reply, draft);
  }

  @Put('rules')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put the draft whole; publish makes it live' })
  @Revisions()
  @Takes('IdentityRules')
  @Answers('Definition')
  @Answers('Definition', 201)
  async put(
    @FromKey() caller: Caller,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const named = namedBody(RULES_KEY, body);
    parseDocument(IdentityRulesSchema, named);
    const put = { ...RULES, body: named, ifRevision: revisionOf(ifMatch) };
    return answerPut(reply, await this.definitions.put(caller, put));
  }

  @Post('rules/publish')
  @HttpCode(200)
  @NeedsScope('write')
  @Once()
  @Revisions()
  @ApiOperation({ summary: 'Make the draft live for the events that come from now on' })
  @Answers('Publication')
  publish(@FromKey() caller: Caller, @Headers('if-match') ifMatch: string | undefined) {
    const ref = { ...RULES, ifRevision: revisionOf(ifMatch) };
    return this.definitions.publish(caller, ref, (_change, draft) => {
      parseDocument(IdentityRulesSchema, draft.body);
      return Promise.resolve([]);
    });
  }

  @Get('rules/versions')
  @NeedsScope('read')
  @ApiOperation({ summary: 'Published versions, newest first' })
  @AnswersPage('Version')
  versions(@FromKey() caller: Caller, @Query() query: PageQuery) {
    return this.definitions.versions(caller, RULES, query);
  }

  @Post('preview')
  @HttpCode(200)
  @NeedsScope('read')
  @ApiOperation({ summary: 'What other rules would merge and split; nothing is changed' })
  @Takes('IdentityRules')
  @Answers('IdentityPreview')
  async preview(@FromKey() caller: Caller, @Body() body: unknown) {
    const asked = isJsonObject(body) && Object.keys(body).length > 0;
    const rules = asked ? parseDocument(IdentityRulesSchema, body) : null;
    const compared = await this.database.read(caller, async (client, id) => {
      const draft = rules ?? (await readDefinition(client, id, RULES))?.body ?? DEFAULT_DEFINITION;
      return compareRules(client, id, {
        before: compileRules(await readLiveRules(client, id)),
        after: compileRules(parseDocument(IdentityRulesSchema, draft)),
        most: MOST_EVENTS,
      });
    });
    return previewView(compared);
  }

  @Get('alerts')
  @NeedsScope('read')
  @ApiOperation({ summary: 'Values that too many share, and profiles that are full' })
  @AnswersPage('IdentityAlert')
  async alerts(@FromKey() caller: Caller, @Query() { after, limit }: PageQuery) {
    const page = { after: alertCursor(after), limit: limit + 1 };
    const rows = await this.database.read(caller, (client, id) => listAlerts(client, id, page));
    return pageOf(rows, limit, {
      view: alertView,
      cursor: ({ lastPosition, kind, subject }) => [lastPosition, `${kind}/${subject}`],
    });
  }
}

function alertCursor(after: string | undefined): readonly [number, string] | null {
  const pair = pairCursor(after);
  if (pair === null) return null;
  const [position, subject] = pair;
  if (typeof position === 'number' && Number.isSafeInteger(position)) return [position, subject];
  throw new ThroughlineError('invalid_request', 'The cursor is not one that this list gave out.');
}

const NEVER = new Date(0).toISOString();

const OURS = {
  key: RULES_KEY,
  revision: 0,
  state: 'draft',
  liveVersion: null,
  archivedAt: null,
  createdAt: NEVER,
  updatedAt: NEVER,
  definition: asJson({ ...DEFAULT_DEFINITION }),
} as const;
