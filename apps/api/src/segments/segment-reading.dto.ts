import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  MaxLength,
} from 'class-validator';
import { KEY_PATTERN } from '../common/params.js';
import { PageQuery } from '../common/page.js';

const CONDITION = 'A condition tree, as in SegmentDefinition.';

/** How the reach of a preview is counted. */
export class ReachBody {
  @ApiPropertyOptional({ type: String, default: 'marketing', description: 'Consented for what.' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  purpose: string = 'marketing';

  @ApiPropertyOptional({ type: String, enum: ['email'], default: 'email' })
  @IsOptional()
  @IsIn(['email'])
  channel = 'email' as const;
}

export class PreviewConditionBody extends ReachBody {
  @ApiProperty({ type: Object, description: CONDITION })
  @IsObject()
  condition: Record<string, unknown> | undefined = undefined;
}

export class WhoAmIBody {
  @ApiProperty({ type: String, format: 'uuid' })
  @IsUUID()
  customer: string = '';
}

export class WhoAmIConditionBody extends WhoAmIBody {
  @ApiProperty({ type: Object, description: CONDITION })
  @IsObject()
  condition: Record<string, unknown> | undefined = undefined;
}

export class MembersQuery extends PageQuery {
  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'Who was in the segment then, as it was known then. Default: now.',
  })
  @IsOptional()
  @IsISO8601({ strict: true })
  asOf?: string;
}

export class HistoryQuery {
  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'Default: 30 buckets ago.',
  })
  @IsOptional()
  @IsISO8601({ strict: true })
  from?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Default: now.' })
  @IsOptional()
  @IsISO8601({ strict: true })
  to?: string;

  @ApiPropertyOptional({ type: String, enum: ['hour', 'day', 'week'], default: 'day' })
  @IsOptional()
  @IsIn(['hour', 'day', 'week'])
  bucket: 'hour' | 'day' | 'week' = 'day';
}

const MOST_OVERLAPPING = 10;

export class OverlapQuery {
  @ApiPropertyOptional({
    type: String,
    description: 'Other segments, with commas between; at most 9.',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? value.split(',') : value,
  )
  @IsArray()
  @ArrayMaxSize(MOST_OVERLAPPING - 1)
  @Matches(KEY_PATTERN, { each: true })
  with: readonly string[] = [];
}
