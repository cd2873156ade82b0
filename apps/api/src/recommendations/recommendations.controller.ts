import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RecommendationSettingsSchema } from '@throughline/domain/recommendations/schemas';
import { ThroughlineError } from '@throughline/domain/shared';
import {
  askRefresh,
  listRefreshes,
  putRecommendationSettings,
  readRecommendationSettings,
  readRefresh,
  type RecommendationRun,
} from '@throughline/store/recommendations';
import type { Queryable } from '@throughline/store/shared';
import { recommendationsWorkflowId } from '@throughline/workflows/contract';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { asJson, parseDocument } from '../common/documents.js';
import { Answers, AnswersPage, IdInPath, Once, Takes } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, uuidCursor } from '../common/page.js';
import { found, IdParam } from '../common/params.js';
import { TemporalGateway } from '../temporal/temporal-gateway.js';
import { recommendationRunView } from './views.js';

/** How orders become a model of what is bought together, and when. The row asks; the worker begins the run. */
@ApiTags('recommendations')
@ApiBearerAuth()
@Controller('api/v1/recommendations')
export class RecommendationsController {
  constructor(
    private readonly database: Database,
    private readonly temporal: TemporalGateway,
  ) {}

  @Get('settings')
  @NeedsScope('read')
  @ApiOperation({ summary: 'Where orders say what was bought, and how often they are counted' })
  @Answers('RecommendationSettings')
  settings(@FromKey() caller: Caller) {
    return this.database.read(caller, settingsShown);
  }

  @Put('settings')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put them whole; the model that answers stays until the next run' })
  @Takes('RecommendationSettingsDocument')
  @Answers('RecommendationSettings')
  putSettings(@FromKey() caller: Caller, @Body() body: unknown) {
    const settings = parseDocument(RecommendationSettingsSchema, body);
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      await putRecommendationSettings(client, workspaceId, settings);
      await audit('recommendations.settings', 'settings', asJson(settings));
      return settingsShown(client, workspaceId);
    });
  }

  @Post('refreshes')
  @HttpCode(202)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Count the orders now; the old model answers until it is done' })
  @Answers('RecommendationRun', 202)
  refresh(@FromKey() caller: Caller) {
    return this.database.change(caller, async ({ client, workspaceId, actor, audit }) => {
      const stored = await readRecommendationSettings(client, workspaceId);
      if (stored === null)
        throw new ThroughlineError('conflict', 'There are no recommendation settings yet.');
      const asked = { settings: stored.settings, requestedBy: actor };
      const run = await askRefresh(client, workspaceId, asked);
      await audit('recommendations.refresh', run.runId);
      return this.view(workspaceId, run);
    });
  }

  @Get('refreshes')
  @NeedsScope('read')
  @ApiOperation({ summary: 'Runs, newest first' })
  @AnswersPage('RecommendationRun')
  async list(@FromKey() caller: Caller, @Query() { after, limit }: PageQuery) {
    const page = { after: uuidCursor(after), limit: limit + 1 };
    const rows = await this.database.read(caller, (client, id) => listRefreshes(client, id, page));
    return pageOf(rows, limit, {
      view: (row) => this.view(caller.workspaceId, row),
      cursor: ({ runId }) => [runId],
    });
  }

  @Get('refreshes/:id')
  @NeedsScope('read')
  @ApiOperation({ summary: 'How far a run is, and what it counted' })
  @IdInPath()
  @Answers('RecommendationRun')
  async get(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    const run = await this.database.read(caller, (client, ws) => readRefresh(client, ws, id));
    return this.view(caller.workspaceId, found(run));
  }

  private view(workspaceId: string, run: RecommendationRun) {
    const link = this.temporal.linkTo(recommendationsWorkflowId(workspaceId, run.runId));
    return recommendationRunView(run, link);
  }
}

/** Where none were put: what a put of nothing would say. */
async function settingsShown(client: Queryable, workspaceId: string) {
  const stored = await readRecommendationSettings(client, workspaceId);
  const settings = stored?.settings ?? RecommendationSettingsSchema.parse({ everyHours: null });
  return { ...settings, liveRunId: stored?.liveRunId ?? null };
}
