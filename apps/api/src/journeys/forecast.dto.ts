import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsObject, IsOptional, Max, Min } from 'class-validator';

export class SimulateBody {
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 90, default: 30 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(90)
  days: number = 30;

  @ApiPropertyOptional({ type: Number, description: 'A published version. Default: the draft.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number;

  @ApiPropertyOptional({
    type: Number,
    minimum: 1,
    maximum: 100_000,
    default: 10_000,
    description: 'Of more people than that, a sample is drawn by a hash of their ids.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100_000)
  maxCustomers: number = 10_000;

  @ApiPropertyOptional({
    type: Object,
    description: 'A JourneyDefinition to try instead of what is stored here.',
  })
  @IsOptional()
  @IsObject()
  definition?: Record<string, unknown>;
}

export class RadiusBody {
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 30, default: 7 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(30)
  days: number = 7;
}

export class PublishLimitBody {
  @ApiPropertyOptional({ type: Number, minimum: 0, maximum: 1_000_000_000 })
  @IsInt()
  @Min(0)
  @Max(1_000_000_000)
  messagesPerDay: number = -1;
}
