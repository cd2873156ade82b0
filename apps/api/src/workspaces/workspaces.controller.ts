import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ThroughlineError } from '@throughline/domain/shared';
import { listAudit, readWorkspace } from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Answers, AnswersPage, IdInPath } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, uuidCursor } from '../common/page.js';
import { found, IdParam } from '../common/params.js';
import { auditView, workspaceView } from './views.js';

/** A key sees the workspace that it belongs to, and no other. */
@ApiTags('workspaces')
@ApiBearerAuth()
@Controller('api/v1')
export class WorkspacesController {
  constructor(private readonly database: Database) {}

  @Get('workspaces')
  @NeedsScope('read')
  @ApiOperation({ summary: 'The workspace of this key' })
  @AnswersPage('Workspace')
  async list(@FromKey() caller: Caller) {
    const row = await this.database.read(caller, readWorkspace);
    return { items: row === null ? [] : [workspaceView(row)], next: null };
  }

  @Get('workspaces/:id')
  @NeedsScope('read')
  @ApiOperation({ summary: 'One workspace' })
  @IdInPath()
  @Answers('Workspace')
  async get(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    if (id !== caller.workspaceId) throw new ThroughlineError('not_found');
    return workspaceView(found(await this.database.read(caller, readWorkspace)));
  }

  @Get('audit')
  @NeedsScope('admin')
  @ApiOperation({ summary: 'Who changed what, newest first' })
  @AnswersPage('AuditEntry')
  async audit(@FromKey() caller: Caller, @Query() { after, limit }: PageQuery) {
    const page = { after: uuidCursor(after), limit: limit + 1 };
    const rows = await this.database.read(caller, (client, id) => listAudit(client, id, page));
    return pageOf(rows, limit, { view: auditView, cursor: (row) => [row.auditId] });
  }
}
