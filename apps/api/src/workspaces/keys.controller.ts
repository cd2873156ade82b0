import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import {
  ArrayMinSize,
  ArrayUnique,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import { ThroughlineError } from '@throughline/domain/shared';
import {
  issueKey,
  listKeys,
  readKey,
  revokeKey,
  rotateKey,
  SCOPES,
  type Scope,
} from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { AnswersSecret } from '../common/idempotency.js';
import { Answers, AnswersPage, IdInPath, Once } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, uuidCursor } from '../common/page.js';
import { found, IdParam, KEY_PATTERN } from '../common/params.js';
import { issuedKeyView, keyView } from './views.js';

export class CreateKeyBody {
  @ApiProperty({ type: String, minLength: 1, maxLength: 100, example: 'Shop server' })
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  name: string = '';

  @ApiProperty({ enum: SCOPES, isArray: true, example: ['ingest'] })
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes: Scope[] = [];

  @ApiPropertyOptional({
    type: String,
    description: 'Write keys: the source of their events.',
    example: 'web',
  })
  @IsOptional()
  @Matches(KEY_PATTERN)
  source?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time' })
  @IsOptional()
  @IsISO8601({ strict: true })
  expiresAt?: string;
}

export class RotateKeyBody {
  @ApiPropertyOptional({ type: Number, minimum: 0, maximum: 2_592_000, default: 86_400 })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(30 * 86_400)
  overlapSeconds: number = 86_400;
}

@ApiTags('keys')
@ApiBearerAuth()
@Controller('api/v1/keys')
export class KeysController {
  constructor(private readonly database: Database) {}

  @Get()
  @NeedsScope('admin')
  @ApiOperation({ summary: 'Keys of the workspace, without the keys themselves' })
  @AnswersPage('Key')
  async list(@FromKey() caller: Caller, @Query() { after, limit }: PageQuery) {
    const page = { after: uuidCursor(after), limit: limit + 1 };
    const rows = await this.database.read(caller, (client, id) => listKeys(client, id, page));
    return pageOf(rows, limit, { view: keyView, cursor: (row) => [row.keyId] });
  }

  @Post()
  @NeedsScope('admin')
  @AnswersSecret()
  @Once()
  @ApiOperation({ summary: 'Make a key; it is shown once' })
  @Answers('IssuedKey', 201)
  create(@FromKey() caller: Caller, @Body() body: CreateKeyBody) {
    const wanted = {
      name: body.name,
      scopes: body.scopes,
      sourceKey: body.source ?? null,
      expiresAt: body.expiresAt === undefined ? null : Date.parse(body.expiresAt),
    };
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const issued = await issueKey(client, workspaceId, wanted);
      await audit('key.create', issued.keyId, { name: issued.name, scopes: [...issued.scopes] });
      return issuedKeyView(issued);
    });
  }

  @Get(':id')
  @NeedsScope('admin')
  @ApiOperation({ summary: 'One key' })
  @IdInPath()
  @Answers('Key')
  async get(@FromKey() caller: Caller, @Param('id', IdParam) keyId: string) {
    return keyView(
      found(await this.database.read(caller, (client, id) => readKey(client, id, keyId))),
    );
  }

  @Post(':id/rotate')
  @NeedsScope('admin')
  @AnswersSecret()
  @Once()
  @ApiOperation({ summary: 'A successor with the same rights; the old key ends after the overlap' })
  @IdInPath()
  @Answers('IssuedKey', 201)
  rotate(
    @FromKey() caller: Caller,
    @Param('id', IdParam) keyId: string,
    @Body() body: RotateKeyBody,
  ) {
    const rotation = { keyId, overlapMs: body.overlapSeconds * 1_000 };
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const issued = found(await rotateKey(client, workspaceId, rotation));
      await audit('key.rotate', keyId, { successor: issued.keyId });
      return issuedKeyView(issued);
    });
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @NeedsScope('admin')
  @Once()
  @ApiOperation({ summary: 'End a key; every process refuses it within 5 s' })
  @IdInPath()
  @Answers('Key')
  revoke(@FromKey() caller: Caller, @Param('id', IdParam) keyId: string) {
    if (keyId === caller.keyId) {
      throw new ThroughlineError(
        'conflict',
        'A key does not revoke itself: use another, so that nobody is locked out.',
      );
    }
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const key = found(await revokeKey(client, workspaceId, keyId));
      await audit('key.revoke', keyId);
      return keyView(key);
    });
  }
}
