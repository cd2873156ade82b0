import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { z } from 'zod';
import { doorCheck, EVENT_LIMITS, type Endpoint } from '@throughline/domain/ingestion';
import { ThroughlineError } from '@throughline/domain/shared';
import {
  listQuarantine,
  lockQuarantined,
  readQuarantined,
  settleQuarantined,
  type QuarantineItem,
} from '@throughline/store/workspaces';
import { readHook } from '@throughline/store/ingestion';
import type { Queryable } from '@throughline/store/shared';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Answers, AnswersPage, IdInPath, Once } from '../common/openapi.decorators.js';
import { isUuid, pageOf, PageQuery, pairCursor } from '../common/page.js';
import { found, IdParam, iso, KEY_PATTERN } from '../common/params.js';
import { AppenderHandle } from './appender-handle.js';
import { ENDPOINTS } from './endpoints.js';
import { hookBatch, unmappedCall } from './hook-events.js';
import { HookSettingsSchema } from './hook.schema.js';

const STATES = ['open', 'replayed', 'discarded'] as const;

export class ListQuarantineQuery extends PageQuery {
  @ApiPropertyOptional({ enum: STATES, default: 'open' })
  @IsOptional()
  @IsIn(STATES)
  state: (typeof STATES)[number] = 'open';

  @ApiPropertyOptional({
    type: String,
    description: 'Reason, as docs/api/quarantine.md lists them.',
  })
  @IsOptional()
  @Matches(/^[a-z_]{1,60}$/)
  code?: string;

  @ApiPropertyOptional({ type: String, description: 'Key of a source.' })
  @IsOptional()
  @Matches(KEY_PATTERN)
  source?: string;
}

export class ReplayBody {
  @ApiPropertyOptional({
    type: String,
    description: 'The event as JSON text, corrected. Default: as it came.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(4 * EVENT_LIMITS.bytes)
  body?: string;
}

export const QuarantineView = z.object({
  id: z.uuid(),
  position: z.int(),
  ordinal: z.int(),
  source: z.string().nullable(),
  endpoint: z.string().nullable(),
  code: z.string(),
  detail: z.string(),
  receivedAt: z.iso.datetime(),
  state: z.enum(STATES),
});
export const QuarantineDetailView = QuarantineView.extend({
  body: z.string().describe("the event's own text, as it was sent"),
});

/** Events that were accepted and could not be applied: to be looked at, mended and sent through the log again. */
@ApiTags('quarantine')
@ApiBearerAuth()
@Controller('api/v1/quarantine')
export class QuarantineController {
  constructor(
    private readonly database: Database,
    private readonly appender: AppenderHandle,
  ) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Events in quarantine, newest first' })
  @AnswersPage('QuarantinedEvent')
  async list(@FromKey() caller: Caller, @Query() query: ListQuarantineQuery) {
    const filter = {
      state: query.state,
      code: query.code ?? null,
      source: query.source ?? null,
      after: cursorOf(query.after),
      limit: query.limit + 1,
    };
    const rows = await this.database.read(caller, (client, id) =>
      listQuarantine(client, id, filter),
    );
    return pageOf(rows, query.limit, {
      view: itemView,
      cursor: (row) => [row.receivedMicros, row.quarantineId],
    });
  }

  @Get(':id')
  @NeedsScope('read')
  @ApiOperation({ summary: 'One event with its text' })
  @IdInPath()
  @Answers('QuarantinedEventDetail')
  async get(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    return detailView(
      found(await this.database.read(caller, (client, ws) => readQuarantined(client, ws, id))),
    );
  }

  @Post(':id/replay')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Append it again, corrected or as it came' })
  @IdInPath()
  @Answers('QuarantinedEventDetail')
  replay(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Body() { body }: ReplayBody,
  ) {
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const item = await lockOpen(client, workspaceId, id);
      // Before the commit: if that fails, the item stays open and a second replay is told apart by its message id.
      await this.append(client, { workspaceId, item, event: body ?? item.body });
      const settled = found(
        await settleQuarantined(client, workspaceId, { quarantineId: id, state: 'replayed' }),
      );
      await audit('quarantine.replay', id, { code: item.code, edited: body !== undefined });
      return detailView(settled);
    });
  }

  @Post(':id/discard')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Put it away for good' })
  @IdInPath()
  @Answers('QuarantinedEventDetail')
  discard(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const item = await lockOpen(client, workspaceId, id);
      const settled = found(
        await settleQuarantined(client, workspaceId, { quarantineId: id, state: 'discarded' }),
      );
      await audit('quarantine.discard', id, { code: item.code });
      return detailView(settled);
    });
  }

  private async append(
    client: Queryable,
    { workspaceId, item, event }: { workspaceId: string; item: QuarantineItem; event: string },
  ): Promise<void> {
    const mapped = await mappedAgain(client, { workspaceId, item, event });
    const { endpoint, body } = mapped ?? replayable(item, event);
    const checked = doorCheck(endpoint, body);
    if ('code' in checked) throw new ThroughlineError(checked.code, checked.detail);
    const { events, revocations } = checked;
    if (events !== 1 && mapped === null)
      throw new ThroughlineError('invalid_request', 'One event is replayed as one event.');
    const sourceKey = item.sourceKey ?? 'replay';
    await this.appender.append({ workspaceId, sourceKey, endpoint, body, events, revocations });
  }
}

/** A payload that a mapping rejected is mapped again, by the mapping as it is now. */
async function mappedAgain(
  client: Queryable,
  { workspaceId, item, event }: { workspaceId: string; item: QuarantineItem; event: string },
): Promise<{ endpoint: Endpoint; body: string } | null> {
  const call = unmappedCall(event, item.receivedAt);
  if (call === null || item.sourceKey === null) return null;
  const hook = await readHook(client, workspaceId, item.sourceKey);
  if (hook === null) return null;
  const settings = HookSettingsSchema.parse(hook.settings);
  const place = { client, workspaceId, sourceKey: item.sourceKey, settings };
  const { body, rejected } = await hookBatch(place, call);
  if (body === null || rejected > 0)
    throw new ThroughlineError('conflict', 'The mapping of its source still rejects it.');
  return { endpoint: 'batch', body };
}

/** An event out of a batch names its type itself; a batch of one is where it can. */
function replayable(item: QuarantineItem, event: string): { endpoint: Endpoint; body: string } {
  const endpoint = ENDPOINTS.find((known) => known === item.endpoint);
  if (endpoint === undefined || endpoint === 'batch') {
    return { endpoint: 'batch', body: `{"batch":[${event}]}` };
  }
  return { endpoint, body: event };
}

async function lockOpen(
  client: Queryable,
  workspaceId: string,
  id: string,
): Promise<QuarantineItem> {
  const item = found(await lockQuarantined(client, workspaceId, id));
  if (item.state !== 'open')
    throw new ThroughlineError('conflict', `The event was ${item.state} before.`);
  return item;
}

function cursorOf(after: string | undefined) {
  const pair = pairCursor(after);
  if (pair === null) return null;
  const [receivedMicros, quarantineId] = pair;
  if (typeof receivedMicros !== 'number' || !isUuid(quarantineId)) {
    throw new ThroughlineError('invalid_request', 'The cursor is not one that this list gave out.');
  }
  return { receivedMicros, quarantineId };
}

function itemView(row: QuarantineItem): z.infer<typeof QuarantineView> {
  return {
    id: row.quarantineId,
    position: row.position,
    ordinal: row.ordinal,
    source: row.sourceKey,
    endpoint: row.endpoint,
    code: row.code,
    detail: row.detail,
    receivedAt: iso(row.receivedAt),
    state: row.state,
  };
}

function detailView(row: QuarantineItem): z.infer<typeof QuarantineDetailView> {
  return { ...itemView(row), body: row.body };
}
