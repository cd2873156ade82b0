import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Res,
} from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { PullSchema } from '@throughline/domain/ingestion/schemas';
import { ThroughlineError } from '@throughline/domain/shared';
import { pullSecretKey, readPullState, requestPull } from '@throughline/store/ingestion';
import {
  putConnectionSecret,
  readDefinition,
  secretOwner,
  type SecretBox,
} from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database, type Change } from '../common/database.js';
import { definitionView } from '../common/definition.view.js';
import { DefinitionRoutes } from '../common/definition.routes.js';
import { Definitions } from '../common/definitions.js';
import { namedBody, parseDocument } from '../common/documents.js';
import { Answers, KeyInPath, Once, Revisions, Takes } from '../common/openapi.decorators.js';
import { found, isoOrNull, KeyParam, NewKeyParam, revisionOf } from '../common/params.js';
import { faultsOfPull } from './faults-of-pull.js';
import { HOOKS_OPTIONS } from './hooks.controller.js';

/** As it is put: the password goes in and never comes out again; without one the old one stays. */
export const PutPullSchema = PullSchema.extend({ password: z.string().max(500).optional() });

export const PullStateView = z.object({
  cursor: z.string().nullable().describe('of the last row that was read, as the source writes it'),
  rows: z.int().describe('of the run under way, or the last one'),
  running: z.boolean(),
  scheduledVersion: z.int().nullable(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  error: z.string().nullable().describe('a code; null once a run has ended well'),
});

/** Tables of other databases that are read on a schedule; what they bring becomes an import. */
@ApiTags('imports')
@ApiBearerAuth()
@Controller('api/v1/pulls')
export class PullsController extends DefinitionRoutes {
  protected readonly kind = 'pull' as const;

  constructor(
    definitions: Definitions,
    private readonly database: Database,
    @Inject(HOOKS_OPTIONS) private readonly options: { readonly secrets: SecretBox },
  ) {
    super(definitions);
  }

  @Put(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put the draft whole; publish has it run by its schedule' })
  @KeyInPath()
  @Revisions()
  @Takes('PullDefinition')
  @Answers('Definition')
  @Answers('Definition', 201)
  async put(
    @FromKey() caller: Caller,
    @Param('key', NewKeyParam) key: string,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { password, ...named } = namedBody(key, body);
    parseDocument(PutPullSchema, { ...named, ...(password === undefined ? {} : { password }) });
    const put = { kind: this.kind, key, body: named, ifRevision: revisionOf(ifMatch) };
    const stored = await this.definitions.put(caller, put, async (change) => {
      if (typeof password === 'string') await this.keep(change, key, password);
    });
    return this.stored(reply, stored);
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
    const ref = { kind: this.kind, key, ifRevision: revisionOf(ifMatch) };
    return this.definitions.publish(caller, ref, (change, draft) =>
      faultsOfPull(change, key, parseDocument(PullSchema, draft.body).mapping),
    );
  }

  @Get(':key/state')
  @NeedsScope('read')
  @ApiOperation({ summary: 'How far a pull has read, and what is wrong with it' })
  @KeyInPath()
  @Answers('PullState')
  async state(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    const state = await this.database.read(caller, async (client, id) => {
      found(await readDefinition(client, id, { kind: this.kind, key }));
      return readPullState(client, id, key);
    });
    return {
      cursor: state?.cursor ?? null,
      rows: state?.rows ?? 0,
      running: state !== null && state.importId !== null,
      scheduledVersion: state?.scheduledVersion ?? null,
      startedAt: isoOrNull(state?.startedAt ?? null),
      finishedAt: isoOrNull(state?.finishedAt ?? null),
      error: state?.error ?? null,
    } satisfies z.infer<typeof PullStateView>;
  }

  @Post(':key/run')
  @HttpCode(202)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Run it now, unless a run is under way' })
  @KeyInPath()
  @Answers('Definition', 202)
  run(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const pull = found(await readDefinition(client, workspaceId, { kind: this.kind, key }));
      if (pull.state !== 'live' || pull.archivedAt !== null)
        throw new ThroughlineError('conflict', 'The pull is not published.');
      await requestPull(client, workspaceId, key);
      await audit('pull.run', key);
      return definitionView(pull);
    });
  }

  private async keep(
    { client, workspaceId }: Change,
    key: string,
    password: string,
  ): Promise<void> {
    const connectionKey = pullSecretKey(key);
    const owner = secretOwner(workspaceId, connectionKey);
    const sealed = this.options.secrets.seal({ password }, owner);
    await putConnectionSecret(client, workspaceId, { connectionKey, sealed });
  }
}
