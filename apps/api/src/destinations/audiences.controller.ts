import { Body, Controller, Headers, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { findConnector } from '@throughline/connectors/registry';
import type { AudienceDefinition } from '@throughline/domain/destinations';
import { AudienceSchema } from '@throughline/domain/destinations/schemas';
import { ThroughlineError, type Fault } from '@throughline/domain/shared';
import {
  lockDefinition,
  readLiveDefinitions,
  setDefinitionState,
  type Definition,
} from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database, type Change } from '../common/database.js';
import { definitionView } from '../common/definition.view.js';
import { PublishedDefinitionRoutes } from '../common/definition.routes.js';
import { Definitions } from '../common/definitions.js';
import { parseDocument } from '../common/documents.js';
import { Answers, KeyInPath, Once, Revisions, Takes } from '../common/openapi.decorators.js';
import { found, KeyParam, NewKeyParam } from '../common/params.js';

/** Segments that are mirrored to a list of people at a destination. */
@ApiTags('audiences')
@ApiBearerAuth()
@Controller('api/v1/audiences')
export class AudiencesController extends PublishedDefinitionRoutes {
  protected readonly kind = 'audience' as const;

  constructor(
    definitions: Definitions,
    private readonly database: Database,
  ) {
    super(definitions);
  }

  @Put(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put the draft whole; publish has it followed' })
  @KeyInPath()
  @Revisions()
  @Takes('AudienceDefinition')
  @Answers('Definition')
  @Answers('Definition', 201)
  put(
    @FromKey() caller: Caller,
    @Param('key', NewKeyParam) key: string,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.putDraft(caller, reply, { key, body, ifMatch, schema: AudienceSchema });
  }

  @Post(':key/pause')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Tell the destination nothing more; who is erased is still taken out' })
  @KeyInPath()
  @Answers('Definition')
  pause(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.turn(caller, { key, from: 'live', to: 'paused' });
  }

  @Post(':key/resume')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Go on with everything that has changed since' })
  @KeyInPath()
  @Answers('Definition')
  resume(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.turn(caller, { key, from: 'paused', to: 'live' });
  }

  private turn(
    caller: Caller,
    {
      key,
      from,
      to,
    }: { readonly key: string; readonly from: 'live' | 'paused'; readonly to: 'live' | 'paused' },
  ) {
    const ref = { kind: this.kind, key };
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const current = found(await lockDefinition(client, workspaceId, ref));
      if (current.state === to) return definitionView(current);
      if (current.state !== from || current.archivedAt !== null)
        throw new ThroughlineError('conflict', `The audience is ${current.state}.`);
      const changed = found(await setDefinitionState(client, workspaceId, { ...ref, state: to }));
      await audit(`audience.${to === 'paused' ? 'pause' : 'resume'}`, key);
      return definitionView(changed);
    });
  }

  protected async faultsOf(change: Change, draft: Definition): Promise<readonly Fault[]> {
    const audience = parseDocument(AudienceSchema, draft.body);
    const live = await readLiveDefinitions(change.client, change.workspaceId, [
      'segment',
      'connection',
      'audience',
    ]);
    const bodyOf = (kind: string, key: string) =>
      live.find((one) => one.kind === kind && one.key === key)?.body;
    const before = bodyOf('audience', draft.key);
    return [
      ...(bodyOf('segment', audience.segment) === undefined
        ? [fault('segment', 'unknown_segment', `there is no live segment ${audience.segment}`)]
        : []),
      ...connectionFaults(audience, bodyOf('connection', audience.connection)),
      // Whom the one account was told of could not be taken out through another.
      ...(before !== undefined && before['connection'] !== audience.connection
        ? [fault('connection', 'connection_fixed', 'make another audience for another connection')]
        : []),
    ];
  }
}

function connectionFaults(
  { connection }: AudienceDefinition,
  body: Definition['body'] | undefined,
): Fault[] {
  if (body === undefined)
    return [fault('connection', 'unknown_connection', `there is no connection ${connection}`)];
  const { connector } = body;
  const known = typeof connector === 'string' ? findConnector(connector) : undefined;
  return known?.audience === undefined
    ? [fault('connection', 'no_audiences', 'this destination keeps no audiences')]
    : [];
}

function fault(path: string, code: string, message: string): Fault {
  return { path, code, message };
}
