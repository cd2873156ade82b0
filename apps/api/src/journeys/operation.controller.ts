import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ThroughlineError } from '@throughline/domain/shared';
import { wakeJourney } from '@throughline/store/journeys';
import {
  lockDefinition,
  setDefinitionState,
  type DefinitionState,
} from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { definitionView } from '../common/definition.view.js';
import { Answers, KeyInPath, Once } from '../common/openapi.decorators.js';
import { found, KeyParam } from '../common/params.js';

/** Which states a verb may leave, and where it leads. */
const TRANSITIONS = {
  pause: { from: ['live'], to: 'paused' },
  resume: { from: ['paused'], to: 'live' },
  stop: { from: ['live', 'paused'], to: 'stopped' },
} as const satisfies Record<string, { from: readonly DefinitionState[]; to: DefinitionState }>;

type Verb = keyof typeof TRANSITIONS;

@ApiTags('journeys')
@ApiBearerAuth()
@Controller('api/v1/journeys/:key')
@NeedsScope('operate')
export class JourneyOperationController {
  constructor(private readonly database: Database) {}

  @Post('pause')
  @HttpCode(200)
  @Once()
  @ApiOperation({ summary: 'Hold everyone where they are; nobody is dropped' })
  @KeyInPath()
  @Answers('Definition')
  pause(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.turn(caller, key, 'pause');
  }

  @Post('resume')
  @HttpCode(200)
  @Once()
  @ApiOperation({ summary: 'Go on; what was kept back is carried out' })
  @KeyInPath()
  @Answers('Definition')
  resume(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.turn(caller, key, 'resume');
  }

  @Post('stop')
  @HttpCode(200)
  @Once()
  @ApiOperation({ summary: 'End it for everyone in flight, and let nobody in' })
  @KeyInPath()
  @Answers('Definition')
  stop(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return this.turn(caller, key, 'stop');
  }

  private async turn(caller: Caller, key: string, verb: Verb) {
    const view = await this.setState(caller, key, verb);
    // Runs read the state in a transaction of their own, so they are woken only once the new one is there to be read.
    if (verb !== 'pause') {
      await this.database.read(caller, (client, id) =>
        wakeJourney(client, id, { journeyKey: key, all: verb === 'stop' }),
      );
    }
    return view;
  }

  private setState(caller: Caller, key: string, verb: Verb) {
    const ref = { kind: 'journey' as const, key };
    const { from, to } = TRANSITIONS[verb];
    return this.database.change(caller, async ({ client, workspaceId, audit, lane }) => {
      const current = found(await lockDefinition(client, workspaceId, ref));
      if (current.state === to) return definitionView(current);
      if (!from.some((state) => state === current.state)) {
        throw new ThroughlineError(
          'conflict',
          `A journey that is ${current.state} cannot ${verb}.`,
        );
      }
      const changed = found(await setDefinitionState(client, workspaceId, { ...ref, state: to }));
      await audit(`journey.${verb}`, key, { from: current.state });
      lane();
      return definitionView(changed);
    });
  }
}
