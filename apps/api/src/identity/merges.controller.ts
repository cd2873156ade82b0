import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import { IsInt, IsOptional, IsUUID, Min } from 'class-validator';
import { ThroughlineError } from '@throughline/domain/shared';
import { pickMerge, readMerges } from '@throughline/store/identity';
import { readCustomer } from '@throughline/store/profiles';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Answers, AnswersPage, IdInPath, Once } from '../common/openapi.decorators.js';
import { found, IdParam } from '../common/params.js';
import { mergeView } from './views.js';

export class MergeBody {
  @ApiProperty({ type: String, format: 'uuid', description: 'Who is the same person.' })
  @IsUUID()
  other!: string;
}

export class UnmergeBody {
  @ApiPropertyOptional({
    type: String,
    format: 'uuid',
    description: 'Who is to be a person of their own again.',
  })
  @IsOptional()
  @IsUUID()
  absorbed?: string;

  @ApiPropertyOptional({ type: Number, minimum: 1, description: 'The merge at this position.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  mergePosition?: number;
}

/** Two people who are one, and one who is two: decided by a person, carried out by the lane in its place among the events. */
@ApiTags('customers')
@ApiBearerAuth()
@Controller('api/v1/customers')
export class MergesController {
  constructor(private readonly database: Database) {}

  @Get(':id/merges')
  @NeedsScope('read')
  @ApiOperation({ summary: 'The merges that made this customer, newest first' })
  @IdInPath()
  @AnswersPage('Merge')
  async list(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    const rows = await this.database.read(caller, async (client, workspaceId) => {
      const { customerId, absorbed } = found(await readCustomer(client, workspaceId, id));
      return readMerges(client, workspaceId, [customerId, ...absorbed]);
    });
    return { items: rows.map(mergeView), next: null };
  }

  @Post(':id/merge')
  @HttpCode(202)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({ summary: 'Make two customers one; the older survives. Limits do not apply' })
  @IdInPath()
  @Answers('LaneInput', 202)
  async merge(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Body() { other }: MergeBody,
  ) {
    const position = await this.database.command(caller, async (change) => {
      const { client, workspaceId } = change;
      const one = found(await readCustomer(client, workspaceId, id)).customerId;
      const two = found(await readCustomer(client, workspaceId, other.toLowerCase())).customerId;
      if (one === two) throw new ThroughlineError('conflict', 'The two are one already.');
      await change.audit('customer.merge', one, { other: two });
      return { kind: 'merge', customerIds: [one, two] };
    });
    return { position };
  }

  @Post(':id/unmerge')
  @HttpCode(202)
  @NeedsScope('operate')
  @Once()
  @ApiOperation({
    summary: 'Undo a merge: as if it had never been. The same evidence does not merge them again',
  })
  @IdInPath()
  @Answers('LaneInput', 202)
  async unmerge(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Body() { absorbed, mergePosition }: UnmergeBody,
  ) {
    const position = await this.database.command(caller, async (change) => {
      const { client, workspaceId } = change;
      const customer = found(await readCustomer(client, workspaceId, id));
      const { customerId } = customer;
      const everyId = [customerId, ...customer.absorbed];
      const merges = await readMerges(client, workspaceId, everyId);
      // Asked of somebody who has become another, it means that one.
      const own = id === customerId ? null : id;
      const wanted = {
        absorbedId: absorbed?.toLowerCase() ?? own,
        position: mergePosition ?? null,
      };
      const merge = pickMerge(merges, wanted);
      if (merge === undefined) {
        throw new ThroughlineError('conflict', 'There is no such merge that could be undone.');
      }
      const { absorbedId, position: at } = merge;
      await change.audit('customer.unmerge', customerId, { absorbed: absorbedId, position: at });
      return { kind: 'unmerge', absorbedId, position: at };
    });
    return { position };
  }
}
