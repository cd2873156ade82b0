import { Body, Controller, Get, Headers, Param, Put, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { listTraitNames } from '@throughline/domain/prediction';
import { PredictionSchema } from '@throughline/domain/prediction/schemas';
import type { Fault } from '@throughline/domain/shared';
import { readCustomerScores, readLiveModel } from '@throughline/store/prediction';
import { readLiveDefinitions, type Definition } from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database, type Change } from '../common/database.js';
import { PublishedDefinitionRoutes } from '../common/definition.routes.js';
import { Definitions } from '../common/definitions.js';
import { parseDocument } from '../common/documents.js';
import { Answers, IdInPath, KeyInPath, Revisions, Takes } from '../common/openapi.decorators.js';
import { found, IdParam, iso, KeyParam, NewKeyParam } from '../common/params.js';
import { ModelCardView, scoreView } from './views.js';

/** What a workspace wants predicted. A published prediction trains and scores by its schedule, and when it is asked to. */
@ApiTags('predictions')
@ApiBearerAuth()
@Controller('api/v1/predictions')
export class PredictionsController extends PublishedDefinitionRoutes {
  protected readonly kind = 'prediction' as const;

  constructor(
    definitions: Definitions,
    private readonly database: Database,
  ) {
    super(definitions);
  }

  @Put(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put the draft whole; publish has it train and score by its schedule' })
  @KeyInPath()
  @Revisions()
  @Takes('PredictionDefinition')
  @Answers('Definition')
  @Answers('Definition', 201)
  put(
    @FromKey() caller: Caller,
    @Param('key', NewKeyParam) key: string,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.putDraft(caller, reply, { key, body, ifMatch, schema: PredictionSchema });
  }

  @Get(':key/card')
  @NeedsScope('read')
  @ApiOperation({ summary: 'What the live model is, how good, and where not to trust it' })
  @KeyInPath()
  @Answers('ModelCard')
  async card(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    const { modelId, version, trainedAt, card } = found(
      await this.database.read(caller, (client, id) => readLiveModel(client, id, key)),
    );
    const view = { modelId, prediction: key, version, trainedAt: iso(trainedAt), card };
    return ModelCardView.parse(view);
  }

  /** Two that write the same trait would undo each other for ever. */
  protected async faultsOf(
    { client, workspaceId }: Change,
    draft: Definition,
  ): Promise<readonly Fault[]> {
    const own = listTraitNames(parseDocument(PredictionSchema, draft.body));
    const live = await readLiveDefinitions(client, workspaceId, [this.kind]);
    return live.flatMap(({ key, body }) => {
      const other = PredictionSchema.safeParse(body);
      if (key === draft.key || !other.success) return [];
      const shared = listTraitNames(other.data).filter((name) => own.includes(name));
      return shared.map((name) => ({
        path: 'prefix',
        code: 'in_use',
        message: `the live prediction ${key} writes the trait ${name} as well`,
      }));
    });
  }
}

@ApiTags('predictions')
@ApiBearerAuth()
@Controller('api/v1/customers')
export class CustomerPredictionsController {
  constructor(private readonly database: Database) {}

  @Get(':id/predictions')
  @NeedsScope('read')
  @ApiOperation({ summary: 'What is predicted of a customer, why, and of which numbers' })
  @IdInPath()
  @Answers('CustomerPredictions')
  async predictions(@FromKey() caller: Caller, @Param('id', IdParam) customerId: string) {
    const scores = await this.database.read(caller, (client, workspaceId) =>
      readCustomerScores(client, workspaceId, customerId),
    );
    return { predictions: found(scores).map(scoreView) };
  }
}
