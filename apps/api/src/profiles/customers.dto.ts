import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayNotEmpty,
  IsIn,
  IsISO8601,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  MinLength,
} from 'class-validator';
import { PROFILE_PARTS, type ProfilePart } from '@throughline/store/profiles';
import { PageQuery } from '../common/page.js';
import { KEY_PATTERN } from '../common/params.js';

export class ListCustomersQuery extends PageQuery {
  @ApiPropertyOptional({
    type: String,
    description: '`type:value`; answers the one who has it, or nobody.',
    example: 'email:ada@example.com',
  })
  @IsOptional()
  @IsString()
  @MaxLength(600)
  @Matches(/^[a-zA-Z][\w-]*:./s, { message: 'identifier must be type:value' })
  identifier?: string;

  @ApiPropertyOptional({ type: String, description: 'Key of a segment; answers its members.' })
  @IsOptional()
  @Matches(KEY_PATTERN)
  segment?: string;

  @ApiPropertyOptional({
    type: String,
    minLength: 3,
    description:
      'The beginning of any identifier. Addresses are searched only for keys that may see them.',
  })
  @IsOptional()
  @IsString()
  @MinLength(3)
  @MaxLength(255)
  search?: string;
}

export class ProfileQuery {
  @ApiPropertyOptional({
    type: String,
    description: `Which parts, with commas between them: some of ${PROFILE_PARTS.join(', ')}. Default: all.`,
    example: 'traits,segments',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? value.split(',') : value,
  )
  @ArrayNotEmpty()
  @IsIn(PROFILE_PARTS, { each: true })
  fields: readonly ProfilePart[] = PROFILE_PARTS;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'The profile as it was then, by what was known then. Default: now.',
  })
  @IsOptional()
  @IsISO8601({ strict: true })
  asOf?: string;
}

/** Which events; what is left out is not asked for. */
export class EventsQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, example: 'track' })
  @IsOptional()
  @IsString()
  @MaxLength(32)
  type?: string;

  @ApiPropertyOptional({ type: String, example: 'Order Completed' })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  name?: string;

  @ApiPropertyOptional({ type: String, description: 'Key of a source.' })
  @IsOptional()
  @Matches(KEY_PATTERN)
  source?: string;
}

export class TimelineQuery extends EventsQuery {
  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'Event times from here on.',
  })
  @IsOptional()
  @IsISO8601({ strict: true })
  from?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Event times before.' })
  @IsOptional()
  @IsISO8601({ strict: true })
  to?: string;
}
