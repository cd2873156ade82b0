import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { z } from 'zod';
import { ThroughlineError } from '@throughline/domain/shared';
import type { Queryable } from '@throughline/store/shared';
import {
  liftStop,
  listStops,
  readDefinition,
  stopSending,
  wakeBlocked,
  type SendingStop,
  type StopTarget,
} from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Answers, Once } from '../common/openapi.decorators.js';
import { found, iso, KEY_PATTERN } from '../common/params.js';

const SCOPES = ['workspace', 'journey', 'connection'] as const;

export class SendingBody {
  @ApiProperty({ enum: SCOPES, example: 'workspace' })
  @IsIn(SCOPES)
  scope: (typeof SCOPES)[number] = 'workspace';

  @ApiPropertyOptional({ type: String, description: 'Key of the journey or connection.' })
  @IsOptional()
  @Matches(KEY_PATTERN)
  target?: string;
}

export const SendingView = z.object({
  stops: z.array(
    z.object({
      scope: z.enum(SCOPES),
      target: z.string().nullable(),
      stoppedAt: z.iso.datetime(),
      stoppedBy: z.string(),
    }),
  ),
  woken: z.int().optional().describe('runs that go on now, after a resume'),
});

/** The emergency stop: a row that every reservation reads, so it holds from the next one on. */
@ApiTags('sending')
@ApiBearerAuth()
@Controller('api/v1/sending')
export class SendingController {
  constructor(private readonly database: Database) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'What is stopped now' })
  @Answers('Sending')
  async list(@FromKey() caller: Caller) {
    return stopsView(await this.database.read(caller, listStops));
  }

  @Post('stop')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Stop all sending of the workspace, a journey or a connection' })
  @Answers('Sending')
  stop(@FromKey() caller: Caller, @Body() body: SendingBody) {
    const target = targetOf(body);
    return this.database.change(caller, async ({ client, workspaceId, actor, audit }) => {
      await checkTarget(client, workspaceId, target);
      await stopSending(client, workspaceId, { ...target, by: actor });
      await audit('sending.stop', subjectOf(target));
      return stopsView(await listStops(client, workspaceId));
    });
  }

  @Post('resume')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Lift a stop; what was kept back is carried out' })
  @Answers('Sending')
  async resume(@FromKey() caller: Caller, @Body() body: SendingBody) {
    const target = targetOf(body);
    const lifted = await this.database.change(caller, async ({ client, workspaceId, audit }) => {
      await checkTarget(client, workspaceId, target);
      const was = await liftStop(client, workspaceId, target);
      if (was) await audit('sending.resume', subjectOf(target));
      return was;
    });
    return this.database.read(caller, async (client, workspaceId) => {
      const woken = lifted ? await wakeBlocked(client, workspaceId, target) : 0;
      return { ...stopsView(await listStops(client, workspaceId)), woken };
    });
  }
}

function targetOf({ scope, target }: SendingBody): StopTarget {
  if (scope === 'workspace' && target === undefined) return { scope, target: '' };
  if (scope !== 'workspace' && target !== undefined) return { scope, target };
  const fault = {
    path: 'target',
    code: 'target',
    message: scope === 'workspace' ? 'the workspace has no target' : `the key of the ${scope}`,
  };
  throw new ThroughlineError('invalid_request', undefined, [fault]);
}

async function checkTarget(
  client: Queryable,
  workspaceId: string,
  { scope, target }: StopTarget,
): Promise<void> {
  if (scope === 'workspace') return;
  found(await readDefinition(client, workspaceId, { kind: scope, key: target }));
}

function subjectOf({ scope, target }: StopTarget): string {
  return target === '' ? scope : `${scope}:${target}`;
}

function stopsView(rows: readonly SendingStop[]): z.infer<typeof SendingView> {
  return {
    stops: rows.map(({ scope, target, stoppedAt, stoppedBy }) => ({
      scope,
      target: target === '' ? null : target,
      stoppedAt: iso(stoppedAt),
      stoppedBy,
    })),
  };
}
