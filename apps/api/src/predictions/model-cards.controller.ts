import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { cardMarkdown, PLOTS, plotSvg, type ModelCard } from '@throughline/domain/prediction';
import { ModelCardSchema } from '@throughline/domain/prediction/schemas';
import { readLiveModel, type PredictionModel } from '@throughline/store/prediction';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { parseDocument } from '../common/documents.js';
import { KeyInPath } from '../common/openapi.decorators.js';
import { found, KeyParam } from '../common/params.js';

/** The card of the model that scores now: as a document and as pictures. */
@ApiTags('predictions')
@ApiBearerAuth()
@Controller('api/v1/predictions')
export class ModelCardsController {
  constructor(private readonly database: Database) {}

  @Get(':key/card/document')
  @NeedsScope('read')
  @ApiOperation({ summary: 'The card as a Markdown document' })
  @KeyInPath()
  @ApiProduces('text/markdown')
  @Header('content-type', 'text/markdown; charset=utf-8')
  async document(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return cardMarkdown(cardOf(await this.live(caller, key)));
  }

  @Get(':key/card/plot')
  @NeedsScope('read')
  @ApiOperation({ summary: 'A picture of the card' })
  @KeyInPath()
  @ApiQuery({ name: 'of', required: false, enum: PLOTS })
  @ApiProduces('image/svg+xml')
  @Header('content-type', 'image/svg+xml; charset=utf-8')
  @Header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
  async plot(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Query('of') of: unknown,
  ) {
    const plot = parseDocument(z.enum(PLOTS).default('calibration'), of);
    return plotSvg(cardOf(await this.live(caller, key)), plot);
  }

  private async live(caller: Caller, key: string): Promise<PredictionModel> {
    return found(await this.database.read(caller, (client, id) => readLiveModel(client, id, key)));
  }
}

function cardOf({ card }: PredictionModel): ModelCard {
  return ModelCardSchema.parse(card);
}
