import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, MaxLength, Min } from 'class-validator';

/** Which visit is meant: a wait that has moved on in the meantime is not skipped by mistake. */
export class StepBody {
  @ApiPropertyOptional({ type: String, description: 'Default: where the run stands.' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  step?: string;

  @ApiPropertyOptional({ type: Number, minimum: 1 })
  @IsOptional()
  @IsInt()
  @Min(1)
  visit?: number;
}

export class ReasonBody {
  @ApiPropertyOptional({
    type: String,
    maxLength: 200,
    description: 'Shown in the trail; name no person.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  reason?: string;
}
