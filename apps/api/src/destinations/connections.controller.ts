import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  liftStop,
  listStops,
  readConnectionHealth,
  readDefinition,
  stopSending,
  wakeBlocked,
  type Definition,
} from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { DefinitionRoutes } from '../common/definition.routes.js';
import type { DefinitionView } from '../common/definition.view.js';
import { Definitions } from '../common/definitions.js';
import { namedBody, parseDocument } from '../common/documents.js';
import { Answers, KeyInPath, Once, Revisions, Takes } from '../common/openapi.decorators.js';
import { found, KeyParam, NewKeyParam, revisionOf } from '../common/params.js';
import { Connections } from './connections.js';
import { ConnectionDefinitionSchema } from './definitions.schema.js';
import { connectionView, healthView } from './views.js';

@ApiTags('connections')
@ApiBearerAuth()
@Controller('api/v1/connections')
export class ConnectionsController extends DefinitionRoutes {
  protected readonly kind = 'connection' as const;

  constructor(
    private readonly connections: Connections,
    definitions: Definitions,
    private readonly database: Database,
  ) {
    super(definitions);
  }

  @Put(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put a connection; live at once, secrets encrypted' })
  @KeyInPath()
  @Revisions()
  @Takes('ConnectionDefinition')
  @Answers('Definition')
  @Answers('Definition', 201)
  async put(
    @FromKey() caller: Caller,
    @Param('key', NewKeyParam) key: string,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const connection = parseDocument(ConnectionDefinitionSchema, namedBody(key, body));
    const put = { key, connection, ifRevision: revisionOf(ifMatch) };
    return this.stored(reply, await this.connections.put(caller, put));
  }

  @Post(':key/check')
  @HttpCode(200)
  @NeedsScope('operate')
  @ApiOperation({ summary: 'Ask the service whether the settings work; changes nothing there' })
  @KeyInPath()
  @Answers('Check')
  check(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.connections.check(caller, key);
  }

  @Post(':key/pause')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Stop sending over this connection; messages are kept back' })
  @KeyInPath()
  @Answers('ConnectionHealth')
  pause(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.database.change(caller, async ({ client, workspaceId, actor, audit }) => {
      found(await readDefinition(client, workspaceId, { kind: 'connection', key }));
      await stopSending(client, workspaceId, { scope: 'connection', target: key, by: actor });
      await audit('connection.pause', key);
      return healthView(await readConnectionHealth(client, workspaceId, key), true);
    });
  }

  @Post(':key/resume')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Send over it again; what was kept back is carried out' })
  @KeyInPath()
  @Answers('ConnectionHealth')
  async resume(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    const stop = { scope: 'connection', target: key } as const;
    await this.database.change(caller, async ({ client, workspaceId, audit }) => {
      found(await readDefinition(client, workspaceId, { kind: 'connection', key }));
      if (await liftStop(client, workspaceId, stop)) await audit('connection.resume', key);
    });
    return this.database.read(caller, async (client, workspaceId) => {
      await wakeBlocked(client, workspaceId, stop);
      return healthView(await readConnectionHealth(client, workspaceId, key), false);
    });
  }

  @Get(':key/health')
  @NeedsScope('read')
  @ApiOperation({ summary: 'How sending over it goes' })
  @KeyInPath()
  @Answers('ConnectionHealth')
  health(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.database.read(caller, async (client, id) => {
      found(await readDefinition(client, id, { kind: 'connection', key }));
      const stops = await listStops(client, id);
      const stopped = stops.some(({ scope, target }) => scope === 'connection' && target === key);
      return healthView(await readConnectionHealth(client, id, key), stopped);
    });
  }

  protected override view(row: Definition): DefinitionView {
    return connectionView(row);
  }
}
