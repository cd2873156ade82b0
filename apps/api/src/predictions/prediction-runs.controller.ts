import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PredictionSchema } from '@throughline/domain/prediction/schemas';
import { ThroughlineError } from '@throughline/domain/shared';
import {
  askPrediction,
  listPredictionRuns,
  readLivePrediction,
  readPredictionRun,
  type PredictionPurpose,
  type PredictionRun,
} from '@throughline/store/prediction';
import { readDefinition } from '@throughline/store/workspaces';
import { predictionWorkflowId } from '@throughline/workflows/contract';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { parseDocument } from '../common/documents.js';
import {
  Answers,
  AnswersPage,
  IdInPath,
  KeyInPath,
  Once,
  Takes,
} from '../common/openapi.decorators.js';
import { pageOf, PageQuery, uuidCursor } from '../common/page.js';
import { found, IdParam, KeyParam } from '../common/params.js';
import { TemporalGateway } from '../temporal/temporal-gateway.js';
import { BacktestSchema, predictionRunView } from './views.js';

interface Asked {
  readonly key: string;
  readonly purpose: PredictionPurpose;
  /** ms since epoch; null: now */
  readonly at: number | null;
}

const DAY_MS = 86_400_000;

/** Runs of predictions, beside those that the schedule begins. The row asks; the worker begins the run. */
@ApiTags('predictions')
@ApiBearerAuth()
@Controller('api/v1/predictions')
export class PredictionRunsController {
  constructor(
    private readonly database: Database,
    private readonly temporal: TemporalGateway,
  ) {}

  @Post(':key/train')
  @HttpCode(202)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Train anew, keep the better model, and score everybody' })
  @KeyInPath()
  @Answers('PredictionRun', 202)
  train(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.ask(caller, { key, purpose: 'train', at: null });
  }

  @Post(':key/score')
  @HttpCode(202)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Score everybody by the live model; trains where there is none' })
  @KeyInPath()
  @Answers('PredictionRun', 202)
  score(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.ask(caller, { key, purpose: 'score', at: null });
  }

  @Post(':key/backtest')
  @HttpCode(202)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Train as of a past moment and measure against what happened then' })
  @KeyInPath()
  @Takes('Backtest')
  @Answers('PredictionRun', 202)
  backtest(@FromKey() caller: Caller, @Param('key', KeyParam) key: string, @Body() body: unknown) {
    const { at } = parseDocument(BacktestSchema, body);
    return this.ask(caller, { key, purpose: 'backtest', at: Date.parse(at) });
  }

  @Get(':key/runs')
  @NeedsScope('read')
  @ApiOperation({ summary: 'Runs, newest first' })
  @KeyInPath()
  @AnswersPage('PredictionRun')
  async list(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Query() { after, limit }: PageQuery,
  ) {
    const rows = await this.database.read(caller, async (client, id) => {
      found(await readDefinition(client, id, { kind: 'prediction', key }));
      return listPredictionRuns(client, id, { key, after: uuidCursor(after), limit: limit + 1 });
    });
    return pageOf(rows, limit, {
      view: (row) => this.view(row),
      cursor: ({ runId }) => [runId],
    });
  }

  @Get(':key/runs/:id')
  @NeedsScope('read')
  @ApiOperation({ summary: 'How far a run is, and what came of it' })
  @KeyInPath()
  @IdInPath()
  @Answers('PredictionRun')
  async get(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Param('id', IdParam) runId: string,
  ) {
    const run = await this.database.read(caller, (client, id) =>
      readPredictionRun(client, id, runId),
    );
    return this.view(found(run?.key === key ? run : null));
  }

  private ask(caller: Caller, { key, purpose, at }: Asked) {
    return this.database.change(caller, async ({ client, workspaceId, actor, audit }) => {
      found(await readDefinition(client, workspaceId, { kind: 'prediction', key }));
      const live = await readLivePrediction(client, workspaceId, key);
      if (live === null) throw new ThroughlineError('conflict', 'The prediction is not published.');
      const { horizonDays } = PredictionSchema.parse(live.body);
      if (at !== null && at + horizonDays * DAY_MS > Date.now())
        throw new ThroughlineError(
          'invalid_request',
          `What happened within ${horizonDays} days after it is not known yet.`,
        );
      const { version } = live;
      const asked = { key, version, purpose, snapshotAt: at ?? Date.now(), requestedBy: actor };
      const run = await askPrediction(client, workspaceId, asked);
      await audit(`prediction.${purpose}`, key, { runId: run.runId });
      return this.view(run);
    });
  }

  private view(run: PredictionRun) {
    return predictionRunView(run, this.temporal.linkTo(predictionWorkflowId(run.key, run.runId)));
  }
}
