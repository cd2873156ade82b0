import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { z } from 'zod';
import { listSuppressions } from '@throughline/store/consent';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { AnswersPage } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, pairCursor } from '../common/page.js';
import { iso, KEY_PATTERN } from '../common/params.js';

export class ListSuppressionsQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, example: 'email' })
  @IsOptional()
  @Matches(KEY_PATTERN)
  channel?: string;
}

export const SuppressionView = z.object({
  channel: z.string(),
  addressHash: z
    .string()
    .describe('hex of sha256 of channel:address; the address itself is not kept'),
  reason: z.string(),
  at: z.iso.datetime(),
});

@ApiTags('suppressions')
@ApiBearerAuth()
@Controller('api/v1/suppressions')
export class SuppressionsController {
  constructor(private readonly database: Database) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Addresses that are not written to, whatever consent says' })
  @AnswersPage('Suppression')
  async list(@FromKey() caller: Caller, @Query() { after, limit, channel }: ListSuppressionsQuery) {
    const from = pairCursor(after);
    const page = {
      channel: channel ?? null,
      after: from === null ? null : { channel: String(from[0]), addressHash: from[1] },
      limit: limit + 1,
    };
    const rows = await this.database.read(caller, (client, id) =>
      listSuppressions(client, id, page),
    );
    return pageOf(rows, limit, {
      view: ({ channel: of, addressHash, reason, at }) => ({
        channel: of,
        addressHash,
        reason,
        at: iso(at),
      }),
      cursor: (row) => [row.channel, row.addressHash],
    });
  }
}
