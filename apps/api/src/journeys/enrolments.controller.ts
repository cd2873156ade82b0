import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID, Matches } from 'class-validator';
import {
  listEnrolments,
  readEnrolment,
  readTrail,
  type Enrolment,
} from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Answers, AnswersPage, IdInPath, Once } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, uuidCursor } from '../common/page.js';
import { found, IdParam, KEY_PATTERN } from '../common/params.js';
import { ReasonBody, StepBody } from './enrolments.dto.js';
import { Operator, type Operation } from './operator.js';
import { enrolmentView, trailView } from './views.js';

const STATES = ['active', 'held', 'ended'] as const;
const TRAIL_LIMIT = 2_000;

export class ListEnrolmentsQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, description: 'Key of a journey.' })
  @IsOptional()
  @Matches(KEY_PATTERN)
  journey?: string;

  @ApiPropertyOptional({ enum: STATES })
  @IsOptional()
  @IsIn(STATES)
  state?: (typeof STATES)[number];

  @ApiPropertyOptional({ type: String, format: 'uuid' })
  @IsOptional()
  @IsUUID()
  customer?: string;
}

@ApiTags('enrolments')
@ApiBearerAuth()
@Controller('api/v1/enrolments')
export class EnrolmentsController {
  constructor(
    private readonly database: Database,
    private readonly operator: Operator,
  ) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Customers in journeys, newest first' })
  @AnswersPage('Enrolment')
  async list(@FromKey() caller: Caller, @Query() query: ListEnrolmentsQuery) {
    const filter = {
      journey: query.journey ?? null,
      state: query.state ?? null,
      customer: query.customer ?? null,
      after: uuidCursor(query.after),
      limit: query.limit + 1,
    };
    const rows = await this.database.read(caller, (client, id) =>
      listEnrolments(client, id, filter),
    );
    return pageOf(rows, query.limit, {
      view: (row) => this.view(row),
      cursor: (row) => [row.enrolmentId],
    });
  }

  @Get(':id')
  @NeedsScope('read')
  @ApiOperation({ summary: 'One enrolment with its trail and the link to its run' })
  @IdInPath()
  @Answers('EnrolmentDetail')
  async get(@FromKey() caller: Caller, @Param('id', IdParam) enrolmentId: string) {
    return this.database.read(caller, async (client, workspaceId) => {
      const enrolment = found(await readEnrolment(client, workspaceId, enrolmentId));
      const trail = await readTrail(client, workspaceId, { enrolmentId, limit: TRAIL_LIMIT });
      return { ...this.view(enrolment), trail: trail.map(trailView) };
    });
  }

  @Post(':id/skip-wait')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Pass the present wait as if its time had come' })
  @IdInPath()
  @Answers('OperatorVerdict')
  skipWait(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Body() { step, visit }: StepBody,
    @Headers('idempotency-key') once: string | undefined,
  ) {
    return this.operate(caller, id, { kind: 'skipWait', step, visit, once });
  }

  @Post(':id/force-exit')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'End the enrolment now' })
  @IdInPath()
  @Answers('OperatorVerdict')
  forceExit(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Body() { reason }: ReasonBody,
    @Headers('idempotency-key') once: string | undefined,
  ) {
    return this.operate(caller, id, { kind: 'forceExit', reason: reason ?? 'operator', once });
  }

  @Post(':id/hold')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Hold it where it stands' })
  @IdInPath()
  @Answers('OperatorVerdict')
  hold(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Body() { reason }: ReasonBody,
    @Headers('idempotency-key') once: string | undefined,
  ) {
    return this.operate(caller, id, { kind: 'hold', reason: reason ?? 'operator', once });
  }

  @Post(':id/resume')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Go on from where it was held' })
  @IdInPath()
  @Answers('OperatorVerdict')
  resume(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Headers('idempotency-key') once: string | undefined,
  ) {
    return this.operate(caller, id, { kind: 'resume', once });
  }

  @Post(':id/retry-step')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Try the step that failed again, as a new visit' })
  @IdInPath()
  @Answers('OperatorVerdict')
  retryStep(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Headers('idempotency-key') once: string | undefined,
  ) {
    return this.operate(caller, id, { kind: 'retryStep', once });
  }

  private operate(caller: Caller, enrolmentId: string, operation: Operation) {
    return this.operator.operate(caller, enrolmentId, operation);
  }

  private view(row: Enrolment) {
    return enrolmentView(row, this.operator.runOf(row));
  }
}
