import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Answers, IdInPath, KeyInPath, Once } from '../common/openapi.decorators.js';
import { IdParam, KeyParam } from '../common/params.js';
import { RadiusBody, SimulateBody } from './forecast.dto.js';
import { radiusView, simulationView } from './forecast.views.js';
import { Forecasts } from './forecasts.js';

/** What a journey would have done to people as they were. Nothing is sent. */
@ApiTags('journeys')
@ApiBearerAuth()
@Controller('api/v1/journeys/:key')
export class ForecastController {
  constructor(private readonly forecasts: Forecasts) {}

  @Post('simulate')
  @HttpCode(202)
  @NeedsScope('write')
  @Once()
  @ApiOperation({
    summary: 'Run the draft, a version or a definition over real history; 202 with its id',
  })
  @KeyInPath()
  @Answers('Simulation', 202)
  async simulate(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Body() body: SimulateBody,
  ) {
    return simulationView(await this.forecasts.begin(caller, key, body));
  }

  @Get('simulations/:id')
  @NeedsScope('read')
  @ApiOperation({ summary: 'How far a simulation is, and what it has counted' })
  @KeyInPath()
  @IdInPath()
  @Answers('Simulation')
  async simulation(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Param('id', IdParam) id: string,
  ) {
    return simulationView(await this.forecasts.read(caller, key, id));
  }

  @Post('blast-radius')
  @HttpCode(200)
  @NeedsScope('read')
  @ApiOperation({ summary: 'What publishing the draft would set going, by the last days' })
  @KeyInPath()
  @Answers('BlastRadius')
  async blastRadius(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Body() { days }: RadiusBody,
  ) {
    const { radius, limit } = await this.forecasts.radius(caller, key, days);
    return radiusView(radius, limit);
  }
}
