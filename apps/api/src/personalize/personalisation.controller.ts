import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Catalogue } from '@throughline/domain/catalogue';
import { PersonalisationSchema } from '@throughline/domain/recommendations/schemas';
import { ThroughlineError, type Fault } from '@throughline/domain/shared';
import { putPersonalisation, readPersonalisation } from '@throughline/store/recommendations';
import { readSource } from '@throughline/store/workspaces';
import { liveCatalogue } from '../catalogue/live-mapping.js';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { asJson, parseDocument } from '../common/documents.js';
import { Answers, KeyInPath, Takes } from '../common/openapi.decorators.js';
import { found, KeyParam } from '../common/params.js';

/** What the pages of a source may be told of their visitor. */
@ApiTags('sources')
@ApiBearerAuth()
@Controller('api/v1/sources/:key/personalisation')
export class PersonalisationController {
  constructor(private readonly database: Database) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Which fields its pages may be told, and which sites may ask' })
  @KeyInPath()
  @Answers('Personalisation')
  async get(@FromKey() caller: Caller, @Param('key', KeyParam) key: string) {
    return found(
      await this.database.read(caller, (client, id) => readPersonalisation(client, id, key)),
    );
  }

  @Put()
  @NeedsScope('write')
  @ApiOperation({
    summary: 'Put the list whole; contact data and special categories cannot be on it',
  })
  @KeyInPath()
  @Takes('PersonalisationDocument')
  @Answers('Personalisation')
  put(@FromKey() caller: Caller, @Param('key', KeyParam) key: string, @Body() body: unknown) {
    const settings = parseDocument(PersonalisationSchema, body);
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      found(await readSource(client, workspaceId, key));
      const faults = unfitFor(await liveCatalogue(client, workspaceId), settings);
      if (faults.length > 0) throw new ThroughlineError('invalid_definition', undefined, faults);
      await putPersonalisation(client, workspaceId, { sourceKey: key, settings });
      await audit('personalisation.put', key, asJson(settings));
      return settings;
    });
  }
}

const CONTACT = ['email', 'phone', 'mobile'];

interface Listed {
  readonly traits: readonly string[];
  readonly predictions: readonly string[];
}

/** Anybody who opens the page can read the key that asks: what it can be told must be fit for that. */
function unfitFor(catalogue: Catalogue, { traits, predictions }: Listed): Fault[] {
  const unfit = new Set(CONTACT);
  for (const { type, role, sensitivity } of catalogue) {
    const isUnfit = sensitivity === 'special' || type === 'email' || type === 'phone';
    if (isUnfit && role.kind === 'trait') unfit.add(role.trait);
  }
  const faults = (part: string, names: readonly string[]): Fault[] =>
    names.flatMap((name, index) =>
      unfit.has(name)
        ? [
            {
              path: `${part}.${index}`,
              code: 'too_sensitive',
              message: `${name} is contact data or of a special category: no page may be told it`,
            },
          ]
        : [],
    );
  return [...faults('traits', traits), ...faults('predictions', predictions)];
}
