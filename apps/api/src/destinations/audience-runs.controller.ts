import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ThroughlineError } from '@throughline/domain/shared';
import {
  askAudienceRun,
  listAudienceRuns,
  readAudienceRun,
  readAudienceState,
  redriveAudience,
  type AudienceRun,
} from '@throughline/store/destinations';
import type { Queryable } from '@throughline/store/shared';
import { readDefinition } from '@throughline/store/workspaces';
import { audienceWorkflowId } from '@throughline/workflows/contract';
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
import { AudienceRunSchema, audienceRunView, audienceStateView } from './audience.views.js';

/** Runs of an audience: asked for here or by what happens. The row asks; the worker begins the run. */
@ApiTags('audiences')
@ApiBearerAuth()
@Controller('api/v1/audiences/:key')
export class AudienceRunsController {
  constructor(
    private readonly database: Database,
    private readonly temporal: TemporalGateway,
  ) {}

  @Get('state')
  @NeedsScope('read')
  @ApiOperation({ summary: 'How far an audience is, and what is wrong with it' })
  @KeyInPath()
  @Answers('AudienceState')
  async state(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    const state = await this.database.read(caller, async (client, id) => {
      await this.audience(client, id, key);
      return readAudienceState(client, id, key);
    });
    return audienceStateView(state);
  }

  @Post('run')
  @HttpCode(202)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Run it now, or say what a run would do' })
  @KeyInPath()
  @Takes('AudienceRunRequest')
  @Answers('AudienceRun', 202)
  run(@FromKey() caller: Caller, @Param('key', KeyParam) key: string, @Body() body: unknown) {
    const asked = parseDocument(AudienceRunSchema, body ?? {});
    return this.database.change(caller, async ({ client, workspaceId, actor, audit }) => {
      const audience = await this.audience(client, workspaceId, key);
      if (audience.state !== 'live' || audience.archivedAt !== null)
        throw new ThroughlineError('conflict', 'The audience is not live.');
      const wanted = { ...asked, audienceKey: key, requestedBy: actor };
      const run = await askAudienceRun(client, workspaceId, wanted);
      if (run === null) throw new ThroughlineError('conflict', 'A run is under way.');
      await audit('audience.run', key, { ...asked });
      return this.view(run);
    });
  }

  @Post('redrive')
  @HttpCode(202)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Try again whom the destination has refused' })
  @KeyInPath()
  @Answers('AudienceRedrive', 202)
  redrive(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.database.change(caller, async ({ client, workspaceId, actor, audit }) => {
      await this.audience(client, workspaceId, key);
      const people = await redriveAudience(client, workspaceId, key);
      const wanted = {
        kind: 'delta',
        dryRun: false,
        audienceKey: key,
        requestedBy: actor,
      } as const;
      // A run that is under way takes them along.
      if (people > 0) await askAudienceRun(client, workspaceId, wanted);
      await audit('audience.redrive', key, { people });
      return { people };
    });
  }

  @Get('runs')
  @NeedsScope('read')
  @ApiOperation({ summary: 'Runs, newest first' })
  @KeyInPath()
  @AnswersPage('AudienceRun')
  async list(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Query() { after, limit }: PageQuery,
  ) {
    const page = { audienceKey: key, after: uuidCursor(after), limit: limit + 1 };
    const rows = await this.database.read(caller, async (client, id) => {
      await this.audience(client, id, key);
      return listAudienceRuns(client, id, page);
    });
    return pageOf(rows, limit, {
      view: (row) => this.view(row),
      cursor: ({ runId }) => [runId],
    });
  }

  @Get('runs/:id')
  @NeedsScope('read')
  @ApiOperation({ summary: 'How far a run is, and what came of it' })
  @KeyInPath()
  @IdInPath()
  @Answers('AudienceRun')
  async get(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) audienceKey: string,
    @Param('id', IdParam) runId: string,
  ) {
    const run = await this.database.read(caller, (client, id) =>
      readAudienceRun(client, id, { audienceKey, runId }),
    );
    return this.view(found(run));
  }

  private async audience(client: Queryable, workspaceId: string, key: string) {
    return found(await readDefinition(client, workspaceId, { kind: 'audience', key }));
  }

  private view(run: AudienceRun) {
    return audienceRunView(
      run,
      this.temporal.linkTo(audienceWorkflowId(run.audienceKey, run.runId)),
    );
  }
}
