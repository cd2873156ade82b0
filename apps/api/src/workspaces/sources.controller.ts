import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsString, MaxLength, MinLength } from 'class-validator';
import { listSources, putSource, readSource, setSourceState } from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Answers, AnswersPage, KeyInPath, Once } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, textCursor } from '../common/page.js';
import { found, KeyParam, NewKeyParam } from '../common/params.js';
import { sourceView } from './views.js';

export class PutSourceBody {
  @ApiProperty({ type: String, minLength: 1, maxLength: 100, example: 'Web shop' })
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  name: string = '';
}

@ApiTags('sources')
@ApiBearerAuth()
@Controller('api/v1/sources')
export class SourcesController {
  constructor(private readonly database: Database) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Sources of events' })
  @AnswersPage('Source')
  async list(@FromKey() caller: Caller, @Query() { after, limit }: PageQuery) {
    const page = { after: textCursor(after), limit: limit + 1 };
    const rows = await this.database.read(caller, (client, id) => listSources(client, id, page));
    return pageOf(rows, limit, { view: sourceView, cursor: (row) => [row.sourceKey] });
  }

  @Get(':key')
  @NeedsScope('read')
  @ApiOperation({ summary: 'One source' })
  @KeyInPath()
  @Answers('Source')
  async get(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return sourceView(
      found(await this.database.read(caller, (client, id) => readSource(client, id, key))),
    );
  }

  @Put(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Make or rename a source' })
  @KeyInPath()
  @Answers('Source')
  put(
    @FromKey() caller: Caller,
    @Param('key', NewKeyParam) key: string,
    @Body() { name }: PutSourceBody,
  ) {
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const source = found(await putSource(client, workspaceId, { sourceKey: key, name }));
      await audit('source.put', key);
      return sourceView(source);
    });
  }

  @Post(':key/pause')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Refuse its requests with 409 until it is resumed' })
  @KeyInPath()
  @Answers('Source')
  pause(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.setState(caller, key, 'paused');
  }

  @Post(':key/resume')
  @HttpCode(200)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Take its requests again' })
  @KeyInPath()
  @Answers('Source')
  resume(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.setState(caller, key, 'active');
  }

  private setState(caller: Caller, key: string, state: 'active' | 'paused') {
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const source = found(await setSourceState(client, workspaceId, { sourceKey: key, state }));
      await audit(state === 'paused' ? 'source.pause' : 'source.resume', key);
      return sourceView(source);
    });
  }
}
