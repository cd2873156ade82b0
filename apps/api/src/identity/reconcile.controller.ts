import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  askReconcile,
  listRuns,
  putSchedule,
  readRun,
  readSchedule,
  type ReconcileRun,
} from '@throughline/store/identity';
import { reconcileWorkflowId } from '@throughline/workflows/contract';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { parseDocument } from '../common/documents.js';
import { Answers, AnswersPage, IdInPath, Once, Takes } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, uuidCursor } from '../common/page.js';
import { found, IdParam } from '../common/params.js';
import { TemporalGateway } from '../temporal/temporal-gateway.js';
import {
  ReconcileScheduleSchema,
  ReconcileSchema,
  runView,
  scheduleView,
} from './reconcile.views.js';

/** Looks for customers who are probably one person: asked for, or by the clock. The row asks; the worker begins the run. */
@ApiTags('identity')
@ApiBearerAuth()
@Controller('api/v1/identity/reconcile')
export class ReconcileController {
  constructor(
    private readonly database: Database,
    private readonly temporal: TemporalGateway,
  ) {}

  @Post()
  @HttpCode(202)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Compare all customers and suggest who is one person' })
  @Takes('Reconcile')
  @Answers('ReconcileRun', 202)
  ask(@FromKey() caller: Caller, @Body() body: unknown) {
    const asked = parseDocument(ReconcileSchema, body ?? {});
    return this.database.change(caller, async ({ client, workspaceId, actor, audit }) => {
      const run = await askReconcile(client, workspaceId, { ...asked, requestedBy: actor });
      await audit('identity.reconcile', run.runId, { dryRun: run.dryRun });
      return this.view(workspaceId, run);
    });
  }

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Runs, newest first' })
  @AnswersPage('ReconcileRun')
  async list(@FromKey() caller: Caller, @Query() { after, limit }: PageQuery) {
    const page = { after: uuidCursor(after), limit: limit + 1 };
    const rows = await this.database.read(caller, (client, id) => listRuns(client, id, page));
    return pageOf(rows, limit, {
      view: (row) => this.view(caller.workspaceId, row),
      cursor: ({ runId }) => [runId],
    });
  }

  @Get('schedule')
  @NeedsScope('read')
  @ApiOperation({ summary: 'When runs begin by themselves' })
  @Answers('ReconcileSchedule')
  async schedule(@FromKey() caller: Caller) {
    return scheduleView(await this.database.read(caller, readSchedule));
  }

  @Put('schedule')
  @NeedsScope('operate')
  @ApiOperation({ summary: 'Begin runs by themselves, or not' })
  @Takes('ReconcileScheduleDocument')
  @Answers('ReconcileSchedule')
  putSchedule(@FromKey() caller: Caller, @Body() body: unknown) {
    const schedule = parseDocument(ReconcileScheduleSchema, body);
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      await putSchedule(client, workspaceId, schedule);
      await audit('identity.schedule', 'reconcile', { everyHours: schedule.everyHours });
      return scheduleView(schedule);
    });
  }

  @Get(':id')
  @NeedsScope('read')
  @ApiOperation({ summary: 'How far a run is, and what came of it' })
  @IdInPath()
  @Answers('ReconcileRun')
  async get(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    const run = await this.database.read(caller, (client, ws) => readRun(client, ws, id));
    return this.view(caller.workspaceId, found(run));
  }

  private view(workspaceId: string, run: ReconcileRun) {
    return runView(run, this.temporal.linkTo(reconcileWorkflowId(workspaceId, run.runId)));
  }
}
