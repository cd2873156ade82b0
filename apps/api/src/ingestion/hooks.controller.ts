import { Body, Controller, Get, Inject, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ThroughlineError } from '@throughline/domain/shared';
import { hookSecretKey, putHook, readHook, type SourceHook } from '@throughline/store/ingestion';
import {
  putConnectionSecret,
  readConnectionSecret,
  readSource,
  secretOwner,
  type SecretBox,
} from '@throughline/store/workspaces';
import type { z } from 'zod';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database, type Change } from '../common/database.js';
import { asJson, parseDocument } from '../common/documents.js';
import { Answers, KeyInPath, Takes } from '../common/openapi.decorators.js';
import { found, KeyParam } from '../common/params.js';
import { HookSchema, HookSettingsSchema, type HookView } from './hook.schema.js';

export interface HooksOptions {
  readonly secrets: SecretBox;
  readonly publicUrl: string;
}

export const HOOKS_OPTIONS = Symbol('HooksOptions');

/** How a source is called by others. The secret goes in and never comes out again. */
@ApiTags('sources')
@ApiBearerAuth()
@Controller('api/v1/sources/:key/hook')
export class HooksController {
  constructor(
    private readonly database: Database,
    @Inject(HOOKS_OPTIONS) private readonly options: HooksOptions,
  ) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'The address and the settings of a webhook source' })
  @KeyInPath()
  @Answers('SourceHook')
  async get(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.view(
      found(await this.database.read(caller, (client, id) => readHook(client, id, key))),
    );
  }

  @Put()
  @NeedsScope('write')
  @ApiOperation({
    summary: 'Have a source called by others, signed; without secret the old one stays',
  })
  @KeyInPath()
  @Takes('SourceHookDefinition')
  @Answers('SourceHook')
  put(@FromKey() caller: Caller, @Param('key', KeyParam) key: string, @Body() body: unknown) {
    const { secret, ...settings } = parseDocument(HookSchema, body);
    return this.database.change(caller, async (change) => {
      const { client, workspaceId, audit } = change;
      found(await readSource(client, workspaceId, key));
      await this.keepSecret(change, key, secret);
      const hook = found(
        await putHook(client, workspaceId, { sourceKey: key, settings: asJson(settings) }),
      );
      await audit('hook.put', key, { scheme: settings.scheme, secret: secret !== undefined });
      return this.view(hook);
    });
  }

  private async keepSecret(
    { client, workspaceId }: Change,
    key: string,
    secret: string | undefined,
  ): Promise<void> {
    const connectionKey = hookSecretKey(key);
    if (secret !== undefined) {
      const { secrets } = this.options;
      const sealed = secrets.seal({ secret }, secretOwner(workspaceId, connectionKey));
      await putConnectionSecret(client, workspaceId, { connectionKey, sealed });
    } else if ((await readConnectionSecret(client, workspaceId, connectionKey)) === null) {
      const fault = { path: 'secret', code: 'missing', message: 'there is none to be kept' };
      throw new ThroughlineError('invalid_definition', undefined, [fault]);
    }
  }

  private view({ sourceKey, hookId, settings }: SourceHook): z.infer<typeof HookView> {
    return {
      source: sourceKey,
      url: `${this.options.publicUrl}/v1/hooks/${hookId}`,
      settings: HookSettingsSchema.parse(settings),
    };
  }
}
